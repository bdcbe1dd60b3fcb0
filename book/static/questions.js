// A link to a question opens it: a browser opens what is around its target, not the target itself.
function openTarget() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target?.tagName === "DETAILS" && !target.open) {
        target.open = true;
        target.scrollIntoView();
    }
}
addEventListener("hashchange", openTarget);
document.addEventListener("DOMContentLoaded", openTarget);
