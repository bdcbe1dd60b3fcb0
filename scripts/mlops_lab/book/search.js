// Behind the data in texts.js: `texts` has every page, `questions` those of a page, each with its name,
// the question itself, and all of its text.

if (location.protocol === "file:") {
    window.fetch = async address => ({text: async () => {
        const path = new URL(address, location).pathname.replace(/\.html$/, "");
        const page = Object.keys(texts).find(one => path.endsWith("/" + one));
        const parts = (questions[page] ?? []).map(([name, , all]) => {
            const part = document.createElement("p");
            [part.id, part.textContent] = [name, all];
            return part.outerHTML;
        });
        return `<div role="main">${texts[page] ?? ""}${parts.join("")}</div>`;
    }});
}

// Before Sphinx's own search begins, which waits for the same event but is loaded later.
document.addEventListener("DOMContentLoaded", () => {
    const stemmer = new Stemmer();
    const stems = text => splitQuery(text.toLowerCase()).map(word => stemmer.stemWord(word));
    const has = (text, words) => {
        const found = stems(text);
        return words.every(word => found.some(one => one.includes(word)));
    };
    const pages = Search.performTermsSearch;
    // In the place of a page those of its questions that have all words, if there are any.
    Search.performTermsSearch = (terms, excluded) => pages(terms, excluded).flatMap(page => {
        const [name, title, , , score, file] = page;
        const words = [...terms];
        const found = (questions[name] ?? []).filter(([, , all]) => has(all, words));
        return found.length === 0 ? [page] : found.map(([id, question]) => [
            name, `${title} > ${question}`, "#" + id, null,
            score + (has(question, words) ? Scorer.title : 1), file,
        ]);
    });
});
