/**
 * @typedef {object} Further a question that follows, and its answer
 * @property {string} question
 * @property {string} answer
 *
 * @typedef {object} Entry a question of the bank
 * @property {string} id
 * @property {string} topic
 * @property {string} title the topic's
 * @property {string} level
 * @property {string[]} was its former ids
 *
 * And when its texts have come:
 * @property {string} question
 * @property {string} answer
 * @property {string[]} points
 * @property {{wrong: string, why: string}} trap
 * @property {Further[]} followUps asked side by side
 * @property {Further[]} chain asked one after the other
 * @property {Array<[string, string]>} evidence a lab and its cell, or an address and what was read
 */

/**
 * The questions in the order of the book, of what data.py made of them; their texts come later.
 * @param {Array} topics
 * @returns {Entry[]}
 */
function entriesOf(topics) {
    return topics.flatMap(([topic, title, entries]) =>
        entries.map(([id, level, ...was]) => ({id, topic, title, level, was})));
}

/**
 * Give the questions their texts.
 * @param {Entry[]} entries
 * @param {Array} texts
 */
function fill(entries, texts) {
    const further = ([question, answer]) => ({question, answer});
    entries.forEach((entry, place) => {
        const [question, answer, points, [wrong, why], followUps, chain, evidence] = texts[place];
        Object.assign(entry, {
            question, answer, points, trap: {wrong, why}, followUps: followUps.map(further),
            chain: chain.map(further), evidence,
        });
    });
}

/**
 * The present id of each former one.
 * @param {Entry[]} entries
 * @returns {Map<string, string>}
 */
function renamed(entries) {
    return new Map(entries.flatMap(entry => entry.was.map(old => [old, entry.id])));
}

/**
 * Links to what proves an answer: cells in the book, and sources elsewhere.
 * @param {Entry} entry
 * @returns {HTMLElement}
 */
function evidenceOf(entry) {
    const links = entry.evidence.map(([where, what]) => where.startsWith("http")
        ? element("a", {href: where, class: "external"}, `${new URL(where).host}: ${what}`)
        : element("a", {href: `../notebooks/${where}.html#cell-${where}-${what}`},
            `Lab ${where}, cell “${what}”`));
    const page = element("a", {href: `questions/${entry.topic}.html#q-${entry.id}`},
        `This question on its page, “${entry.title}”`);
    return element("ul", {}, ...[...links, page].map(link => element("li", {}, link)));
}
