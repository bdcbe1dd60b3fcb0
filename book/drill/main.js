/** The drill: one screen at a time, and what its keys do. */
class Drill {
    /**
     * @param {HTMLElement} root
     * @param {Entry[]} entries
     * @param {Store} store
     */
    constructor(root, entries, store) {
        this.root = root;
        this.entries = entries;
        this.store = store;
        this.schedule = new Schedule();
        /** Whether a session was asked for before there was a text to show. */
        this.wanted = false;
        this.problem = element("div.drill-problem", {role: "alert", hidden: true});
        this.status = element("p.drill-status", {role: "status"});
        this.screen = element("div");
        this.help = helpDialog();
        root.replaceChildren(this.problem, this.status, this.screen, this.help);
        /** @type {Session|null} */
        this.session = null;
        /** @type {{entry: Entry, view: CardView}|null} what is asked at this moment */
        this.asked = null;
        this.#start();
        this.#problems();
    }

    /**
     * Take in the texts and the scheduler, which are too large to be waited for by the first screen.
     * @param {string} packed
     */
    async fill(packed) {
        try {
            const {library, texts} = await unpack(packed);
            this.schedule.load(library);
            fill(this.entries, texts);
        } catch (error) {
            this.root.textContent = `The drill needs a browser of 2023 or later (${error.message}). ` +
                "“lab drill” asks in the terminal.";
            return;
        }
        this.root.setAttribute("aria-busy", "false");
        this.#update();
        if (this.wanted) this.begin();
    }

    /** Begin a session of what is chosen. */
    begin() {
        this.wanted = !this.schedule.loaded;
        if (this.wanted) {
            this.status.textContent = "The questions are on their way.";
            return;
        }
        const choice = this.first.choice(), now = this.store.now();
        const cards = this.#cards();
        const session = new Session(chosen(this.entries, choice), cards, now, choice);
        if (!session.left) {
            this.status.textContent = this.#nothing(chosen(this.entries, choice), cards, now);
            return;
        }
        this.session = session;
        this.status.textContent = "";
        this.#next();
    }

    reveal() {
        this.asked?.view.reveal();
    }

    /** @param {number} rating */
    grade(rating) {
        if (!this.asked?.view.answered) return;
        const {entry} = this.asked;
        const review = this.store.add(entry.id, rating);
        const {due, last} = this.#cards().get(entry.id);
        this.session.grade(entry, review, due);
        this.#problems();
        this.status.textContent = `${GRADES[rating - 1][1]}: due again in ${span(due - last)}.`;
        this.#next();
    }

    skip() {
        if (!this.asked) return;
        this.status.textContent = "Skipped.";
        this.#next();
    }

    undo() {
        const review = this.session?.undo(this.asked?.entry);
        if (!review) {
            this.status.textContent = "There is no grade of this session to take back.";
            return;
        }
        this.store.remove(review);
        this.#problems();
        this.status.textContent = "The last grade is taken back.";
        this.#next();
    }

    end() {
        this.#finish();
    }

    export() {
        const address = URL.createObjectURL(new Blob([this.store.export()], {type: "application/json"}));
        element("a", {href: address, download: "mlops-drill.json"}).click();
        setTimeout(() => URL.revokeObjectURL(address));
    }

    /** @param {File} file */
    async import(file) {
        try {
            const count = this.store.import(await file.text());
            const all = this.store.reviews.length;
            this.status.textContent = `${file.name}: ${count} new, ${all} in all.`;
        } catch (error) {
            this.status.textContent = `${file.name}: ${error.message}. Nothing has changed.`;
        }
        this.#problems();
        this.#update();
    }

    /** @param {StorageEvent} event of another tab */
    heard(event) {
        if (this.store.heard(event)) this.#update();
    }

    /** @param {KeyboardEvent} event */
    key(event) {
        /** @param {string} selector */
        const within = selector => event.target instanceof Element && event.target.closest(selector);
        const actions = {
            " ": () => this.reveal(), u: () => this.undo(), s: () => this.skip(),
            "?": () => this.help.showModal(),
        };
        for (const [rating] of GRADES) actions[rating] = () => this.grade(rating);
        const action = actions[event.key];
        const writes = within("input:not([type=checkbox]), textarea, select, [contenteditable]");
        // There the space bar has a meaning of its own.
        const presses = event.key === " " && within("a, button, input, summary");
        const other = event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented;
        if (!action || writes || presses || other || document.querySelector("dialog[open]")) return;
        if (!this.asked && event.key !== "?" && event.key !== "u") return;
        event.preventDefault();
        action();
    }

    #cards() {
        return this.schedule.replay(this.store.reviews);
    }

    #next() {
        this.asked?.view.timer.stop();
        const now = this.store.now(), entry = this.session.next(now);
        if (!entry) {
            this.#finish();
            return;
        }
        const card = this.#cards().get(entry.id), left = this.session.left;
        const actions = {
            reveal: () => this.reveal(), grade: rating => this.grade(rating), skip: () => this.skip(),
            undo: () => this.undo(), end: () => this.end(),
        };
        const wait = rating => span(this.schedule.review(card, rating, now).due - now, "min");
        const view = new CardView(entry, left ? `${left + 1} to go` : "the last one", actions, wait);
        this.asked = {entry, view};
        this.screen.replaceChildren(view.node);
        focusOn(view.heading);
    }

    #finish() {
        this.asked?.view.timer.stop();
        this.asked = null;
        const graded = this.session.graded.length;
        const last = graded ? `${graded} graded; come back tomorrow.` : "Nothing graded.";
        this.status.textContent = `${this.status.textContent} ${last}`.trim();
        this.#start();
        focusOn(this.first.heading);
    }

    #start() {
        this.first = new StartView(this.entries, chosenBefore(this.store), {
            start: () => this.begin(), export: () => this.export(), import: file => this.import(file),
            help: () => this.help.showModal(),
            chosen: () => { keepChoice(this.store, this.first.choice()); this.#update(); },
        });
        this.screen.replaceChildren(this.first.node);
        this.#update();
    }

    #update() {
        if (!this.asked && (this.schedule.loaded || !this.store.reviews.length)) {
            this.first.update(this.schedule, this.store.reviews, this.#cards(), this.store.now());
        }
    }

    #nothing(entries, cards, now) {
        const dues = entries.map(entry => cards.get(entry.id)?.due).filter(due => due !== undefined);
        if (!entries.length) return "Nothing is chosen that could be asked.";
        if (!dues.length) return "Nothing is due.";
        return `Nothing is due; the next question is in ${span(Math.min(...dues) - now)}.`;
    }

    #problems() {
        const {problem, note} = this.store;
        const words = problem && `Your progress will not be kept: ${problem}. It counts until you ` +
            "close this page, and you can export it before.";
        const text = [words, note].filter(Boolean).join(" ");
        this.problem.hidden = !text;
        // What was said is not said again.
        if (this.problem.dataset.text === text) return;
        this.problem.dataset.text = text;
        this.problem.replaceChildren(...(text ? [element("p", {}, text)] : []),
            ...(problem ? [button("Export", "", () => this.export())] : []));
    }
}

/** What was chosen the last time. */
function chosenBefore(store) {
    try {
        return {...DEFAULTS, ...JSON.parse(store.storage.getItem(CHOICE))};
    } catch (error) {
        return DEFAULTS;
    }
}

function keepChoice(store, choice) {
    try {
        store.storage.setItem(CHOICE, JSON.stringify(choice));
    } catch (error) {
        // It is chosen again the next time.
    }
}

function helpDialog() {
    const rows = {
        space: "show the next part", "1 2 3 4": "again, hard, good, easy", u: "take the last grade back",
        s: "skip this question", "?": "these keys", Esc: "close them",
    };
    return element("dialog.drill-help", {"aria-label": "Keys"}, element("h2", {}, "Keys"),
        element("dl", {}, ...Object.entries(rows).flatMap(([key, means]) =>
            [element("dt", {}, element("kbd", {}, key)), element("dd", {}, means)])),
        element("form", {method: "dialog"}, element("button.drill-plain", {}, "Close")));
}

/**
 * @param {HTMLElement} root where the drill goes
 * @param {Array} topics
 * @returns {Drill}
 */
function openDrill(root, topics) {
    const entries = entriesOf(topics);
    const store = new Store(() => window.localStorage, renamed(entries), () => Date.now());
    const drill = new Drill(root, entries, store);
    document.addEventListener("keydown", event => drill.key(event));
    window.addEventListener("storage", event => drill.heard(event));
    return drill;
}
