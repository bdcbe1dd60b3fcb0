const LEVELS = ["junior", "mid", "senior"];
const DEFAULTS = {without: [], levels: LEVELS, limit: 20, fresh: 10};

/** What one sees first: figures, what to ask, and the way of the progress out and in. */
class StartView {
    /**
     * @param {Entry[]} entries
     * @param {typeof DEFAULTS} choice
     * @param {Object<string, any>} actions start, export and import(file)
     */
    constructor(entries, choice, actions) {
        this.entries = entries;
        this.heading = element("h2", {tabindex: "-1"}, "What is due");
        this.figures = element("div");
        this.plot = element("div.drill-plot");
        this.form = element("form.drill-choice", {
            submit: event => { event.preventDefault(); actions.start(); },
            change: actions.chosen,
        }, element("div.drill-others", {}, element("button.drill-main", {type: "submit"}, "Start"),
            ...numbers(choice)), levelsField(choice), this.#topicsField(choice));
        this.node = element("section", {}, this.heading, this.figures, this.form, this.plot,
            files(actions));
    }

    /** @returns {typeof DEFAULTS} what is chosen now */
    choice() {
        const data = new FormData(this.form), topics = data.getAll("topic");
        const number = name => Math.max(0, Math.floor(Number(data.get(name)) || 0));
        return {
            without: [...new Set(this.entries.map(entry => entry.topic))].filter(one => !topics.includes(one)),
            levels: data.getAll("level").map(String), limit: Math.max(1, number("limit")), fresh: number("fresh"),
        };
    }

    /**
     * Show what is so now.
     * @param {Schedule} schedule
     * @param {Review[]} reviews
     * @param {Map<string, Card>} cards
     * @param {number} now
     */
    update(schedule, reviews, cards, now) {
        const {due, unseen} = waiting(chosen(this.entries, this.choice()), cards, now);
        const today = reviews.filter(review => dayOf(parseTime(review.at)) === dayOf(now)).length;
        const days = streak(reviews, now);
        this.figures.replaceChildren(figureList({
            Due: due.length, New: unseen.length, "Graded today": today,
            Streak: `${days} day${days === 1 ? "" : "s"}`,
        }));
        this.plot.replaceChildren(plot(retention(schedule, reviews, now)));
        for (const note of this.form.querySelectorAll("[data-topic]")) {
            const of = waiting(this.entries.filter(entry => entry.topic === note.dataset.topic), cards, now);
            const parts = [[of.due.length, "due"], [of.unseen.length, "new"]].filter(([count]) => count);
            note.textContent = parts.map(part => part.join(" ")).join(", ") || "nothing due";
        }
    }

    #topicsField(choice) {
        const titles = new Map(this.entries.map(entry => [entry.topic, entry.title]));
        const boxes = [...titles].map(([topic, title]) => box(
            "topic", topic, !choice.without.includes(topic),
            element("span", {}, title, element("small", {"data-topic": topic}))));
        const all = on => () => {
            for (const one of this.form.elements.topic) one.checked = on;
            this.form.dispatchEvent(new Event("change"));
        };
        return element("fieldset", {}, element("legend", {}, "Topics"),
            element("div.drill-others", {}, button("All", "", all(true)), button("None", "", all(false))),
            element("div.drill-topics", {}, ...boxes));
    }
}

/**
 * The questions of the topics and levels that are chosen.
 * @param {Entry[]} entries
 * @param {typeof DEFAULTS} choice
 * @returns {Entry[]}
 */
function chosen(entries, {without, levels}) {
    return entries.filter(entry => !without.includes(entry.topic) && levels.includes(entry.level));
}

function figureList(figures) {
    return element("dl.drill-figures", {}, ...Object.entries(figures).map(([name, value]) =>
        element("div", {}, element("dt", {}, name), element("dd", {}, String(value)))));
}

function numbers({limit, fresh}) {
    const field = (name, value, min) =>
        element("input", {type: "number", name, value: String(value), min, max: "999"});
    return [
        element("label", {}, "at most ", field("limit", limit, "1"), " questions,"),
        element("label", {}, "of them ", field("fresh", fresh, "0"), " new"),
    ];
}

function levelsField({levels}) {
    return element("fieldset.drill-levels", {}, element("legend", {}, "Levels"),
        ...LEVELS.map(level => box("level", level, levels.includes(level), level)));
}

function box(name, value, checked, label) {
    return element("label.drill-box", {}, element("input", {type: "checkbox", name, value, checked}), label);
}

/** The progress as a file, out and in. */
function files(actions) {
    const field = element("input", {
        type: "file", accept: ".json,application/json", hidden: true, "aria-label": "A file of progress",
        change: () => {
            if (field.files.length) actions.import(field.files[0]);
            field.value = "";
        },
    });
    return element("div.drill-files", {},
        element("p.drill-muted", {}, "Your progress is in this browser only. As a file it goes to " +
            "another browser, or to the drill in the terminal."),
        element("div.drill-others", {}, button("Export", "", actions.export),
            button("Import", "", () => field.click()), button("Keys", "?", actions.help), field));
}
