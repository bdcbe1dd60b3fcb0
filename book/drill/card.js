/** @type {Array<[number, string, string]>} */
const GRADES = [
    [AGAIN, "Again", "not known, or the trap"], [HARD, "Hard", "with gaps"],
    [GOOD, "Good", "said it, in time"], [EASY, "Easy", "at once"],
];
const SPOKEN = 90; // seconds

/** One question on the page, which is revealed in steps. */
class CardView {
    /**
     * @param {Entry} entry
     * @param {string} place where one is in the session
     * @param {Object<string, any>} actions reveal, grade(rating), skip, undo and end
     * @param {(rating: number) => string} wait in how long it would be due
     */
    constructor(entry, place, actions, wait) {
        this.actions = actions;
        this.wait = wait;
        /** @type {Step[]} */
        this.steps = stepsOf(entry);
        this.shown = 0;
        this.timer = timer();
        this.heading = element("h2", {tabindex: "-1", id: "drill-question"}, ...inline(entry.question));
        this.parts = element("div.drill-parts");
        this.bar = element("div.drill-bar", {role: "group", "aria-label": "What next"});
        const about = `${place} · ${entry.title} · ${entry.level}`;
        this.node = element("section", {"aria-labelledby": "drill-question"},
            element("div.drill-head", {}, element("span", {}, about), this.timer.node),
            this.heading, typed(), this.parts, this.bar);
        this.#offer();
    }

    /** Whether the answer is there, and a grade may be given. */
    get answered() {
        return this.shown > 0;
    }

    /** Show the next step; its heading gets the focus. */
    reveal() {
        const step = this.steps[this.shown];
        if (!step) return;
        this.timer.stop();
        this.shown += 1;
        const body = element("div", {tabindex: "-1"}, step.body());
        const heading = element("h3", {tabindex: "-1"}, ...inline(step.title ?? ""));
        // An answer to a further question stands below that one.
        if (!step.title) this.parts.lastElementChild.append(body);
        else this.parts.append(element("div.drill-part", {}, ...kindOf(step), heading, body));
        this.#offer();
        focusOn(step.title ? heading : body, this.parts.lastElementChild);
    }

    #offer() {
        const {reveal, grade, skip, undo, end} = this.actions;
        const step = this.steps[this.shown];
        const next = step ? [button(step.offer, "space", reveal, "drill-main")] : [];
        const grades = GRADES.map(([rating, name, means]) => button(
            element("span", {}, name, element("small", {}, this.wait(rating))), String(rating),
            () => grade(rating), `drill-grade-${rating}`, means));
        this.bar.replaceChildren(
            ...(this.answered ? [element("div.drill-grades", {}, ...grades)] : []),
            element("div.drill-others", {}, ...next, button("Skip", "s", skip),
                button("Undo", "u", undo), button("End", "", end)));
    }
}

/**
 * @typedef {object} Step a part that is revealed
 * @property {string} [title] none for an answer that belongs to the question before it
 * @property {string} [kind] what stands above the title
 * @property {string} offer what the button says that reveals it
 * @property {() => Node} body
 */

/**
 * What is revealed one after the other. A further question is asked before its answer is shown.
 * @param {Entry} entry
 * @returns {Step[]}
 */
function stepsOf(entry) {
    const asked = (further, kind) => further.flatMap(({question, answer}) => [
        {kind, title: question, offer: kind, body: () => new DocumentFragment()},
        {offer: "Show its answer", body: () => markdown(answer)},
    ]);
    return [
        {title: "Answer", offer: "Show the answer", body: () => markdown(entry.answer)},
        {title: "What a listener ticks off", offer: "Show the points", body: () => pointsOf(entry)},
        {title: "The trap", offer: "Show the trap", body: () => trapOf(entry)},
        ...asked(entry.followUps, "Then they ask"),
        ...asked(entry.chain, "And deeper"),
        {title: "Evidence", offer: "Show the evidence", body: () => evidenceOf(entry)},
    ];
}

/**
 * @param {Step} step
 * @returns {Node[]}
 */
function kindOf({kind}) {
    return kind ? [element("p.drill-kind", {}, kind)] : [];
}

function pointsOf(entry) {
    const said = element("p.drill-muted", {});
    const count = () => {
        const ticked = list.querySelectorAll("input:checked").length;
        said.textContent = `${ticked} of ${entry.points.length} said`;
    };
    const list = element("ul.drill-points", {change: count}, ...entry.points.map(point => element("li", {},
        element("label", {}, element("input", {type: "checkbox"}),
            element("span", {}, ...inline(point))))));
    count();
    return element("div", {}, list, said);
}

function trapOf(entry) {
    const made = markdown(entry.trap.why);
    made.prepend(element("blockquote", {}, ...inline(entry.trap.wrong)));
    return made;
}

/** A field for those who cannot speak aloud where they are. */
function typed() {
    const field = element("textarea", {rows: "5", "aria-label": "Your answer, which is not kept"});
    return element("details.drill-typed", {}, element("summary", {}, "Type it instead"), field);
}

/**
 * A quiet clock: it says how long one speaks, and does nothing when the time is over.
 * @returns {{node: HTMLElement, stop: () => void}}
 */
function timer() {
    const began = performance.now();
    const text = element("span", {});
    const bar = element("progress", {max: String(SPOKEN), value: "0", "aria-hidden": "true"});
    const node = element("span.drill-timer", {role: "timer", "aria-label": "Time spoken"}, bar, text);
    const show = () => {
        const spent = Math.floor((performance.now() - began) / 1000);
        const clock = seconds => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
        text.textContent = `${clock(spent)} of ${clock(SPOKEN)}`;
        bar.value = spent;
        node.classList.toggle("drill-over", spent > SPOKEN);
    };
    const ticking = setInterval(show, 1000);
    show();
    return {node, stop: () => clearInterval(ticking)};
}

/**
 * @param {Node|string} name
 * @param {string} key
 * @param {() => void} action
 * @param {string} [style]
 * @param {string} [title]
 * @returns {HTMLElement}
 */
function button(name, key, action, style = "drill-plain", title = "") {
    const hint = key ? [element("kbd", {"aria-hidden": "true"}, key)] : [];
    return element(`button.${style}`, {
        type: "button", click: action, title: title || false,
        "aria-keyshortcuts": key === "space" ? "Space" : key || false,
    }, name, ...hint);
}

/**
 * @param {HTMLElement} node gets the focus
 * @param {Element} [part] is brought into view, without a motion that some cannot bear
 */
function focusOn(node, part = node) {
    node.focus({preventScroll: true});
    part.scrollIntoView({block: "nearest", behavior: "instant"});
}
