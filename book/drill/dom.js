"use strict";

/**
 * Make an element.
 * @param {string} tag its name, with classes after dots: "p.drill-note"
 * @param {Object<string, any>} [given] attributes; a function is a listener of the event of its name,
 *     and what is false is left out
 * @param {...(Node|string)} children
 * @returns {any} an element, of the class that its name has
 */
function element(tag, given = {}, ...children) {
    const [name, ...classes] = tag.split(".");
    const made = document.createElement(name);
    made.classList.add(...classes);
    for (const [key, value] of Object.entries(given)) {
        if (typeof value === "function") made.addEventListener(key, value);
        else if (value !== false) made.setAttribute(key, value === true ? "" : value);
    }
    made.append(...children);
    return made;
}

/**
 * A text of the question bank as HTML: paragraphs, lists, code, emphasis and links; nothing else is in
 * one. It becomes nodes, never markup, so that `<name>` in a text is what one reads.
 * @param {string} text
 * @returns {DocumentFragment}
 */
function markdown(text) {
    const made = new DocumentFragment();
    for (const block of text.split("\n\n")) {
        const lines = block.split("\n");
        const points = lines.filter(line => line.startsWith("- "));
        const before = lines.filter(line => !line.startsWith("- "));
        if (before.length) made.append(element("p", {}, ...inline(before.join(" "))));
        if (points.length) {
            made.append(element("ul", {}, ...points.map(
                point => element("li", {}, ...inline(point.slice(2))))));
        }
    }
    return made;
}

const INLINE = /`([^`]+)`|\*\*(\S(?:[^*]*\S)?)\*\*|\*(\S(?:[^*]*\S)?)\*|\[([^\]]+)\]\(([^)\s]+)\)/g;

/**
 * The words of a line, and what is marked in it.
 * @param {string} line
 * @returns {Array<Node|string>}
 */
function inline(line) {
    const found = [];
    let end = 0;
    for (const match of line.matchAll(INLINE)) {
        const [all, code, strong, emphasis, name, address] = match;
        found.push(line.slice(end, match.index));
        if (code) found.push(element("code", {}, code));
        else if (strong) found.push(element("strong", {}, ...inline(strong)));
        else if (emphasis) found.push(element("em", {}, ...inline(emphasis)));
        else found.push(element("a", {href: address}, ...inline(name)));
        end = match.index + all.length;
    }
    return [...found, line.slice(end)];
}
