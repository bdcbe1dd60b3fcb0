const GAP = 3; // other questions, at least, before one that was not known comes back

/**
 * What is asked: due questions, the longest due first, then new ones in the order of the book, and
 * again what was graded again.
 */
class Session {
    /**
     * @param {Entry[]} entries that may be asked
     * @param {Map<string, Card>} cards
     * @param {number} now
     * @param {{limit: number, fresh: number}} most questions in all, and new ones
     */
    constructor(entries, cards, now, {limit, fresh}) {
        const {due, unseen} = waiting(entries, cards, now);
        const first = due.slice(0, limit);
        /** @type {Entry[]} */
        this.queue = [...first, ...unseen.slice(0, Math.min(fresh, limit - first.length))];
        /** @type {Array<{entry: Entry, due: number, turn: number}>} */
        this.again = [];
        this.turn = 0;
        /** @type {Array<{entry: Entry, review: Review}>} */
        this.graded = [];
    }

    get left() {
        return this.queue.length + this.again.length;
    }

    /**
     * The next question: one that is due again, else the next in turn, else one that is not yet due.
     * @param {number} now
     * @returns {Entry|undefined}
     */
    next(now) {
        this.turn += 1;
        const ready = this.again.filter(({due, turn}) => due <= now && turn < this.turn);
        if (this.queue.length && !ready.length) return this.queue.shift();
        const [first] = ready.length ? ready : this.again;
        this.again = this.again.filter(one => one !== first);
        return first?.entry;
    }

    /**
     * @param {Entry} entry
     * @param {Review} review
     * @param {number} due
     */
    grade(entry, review, due) {
        this.graded.push({entry, review});
        if (review.rating === AGAIN) {
            this.again.push({entry, due, turn: this.turn + GAP});
            this.again.sort((a, b) => a.due - b.due);
        }
    }

    /**
     * Take the last grade of this session back: its question is the next one.
     * @param {Entry|undefined} shown what is asked at this moment, which comes after it
     * @returns {Review|undefined}
     */
    undo(shown) {
        const last = this.graded.pop();
        if (!last) return undefined;
        this.again = this.again.filter(({entry}) => entry !== last.entry);
        const rest = this.queue.filter(entry => entry !== last.entry);
        this.queue = [last.entry, ...(shown && shown !== last.entry ? [shown] : []), ...rest];
        return last.review;
    }
}

/**
 * What of some questions is due, the longest due first, and what was never asked.
 * @param {Entry[]} entries
 * @param {Map<string, Card>} cards
 * @param {number} now
 * @returns {{due: Entry[], unseen: Entry[]}}
 */
function waiting(entries, cards, now) {
    const due = entries.filter(entry => cards.get(entry.id)?.due <= now);
    due.sort((a, b) => cards.get(a.id).due - cards.get(b.id).due);
    return {due, unseen: entries.filter(entry => !cards.has(entry.id))};
}
