/**
 * FSRS as py-fsrs 6.3 has it in `lab drill`: the same log gives the same due times.
 *
 * The memory of a card (its stability and difficulty) is ts-fsrs's. Its scheduler is not used, since
 * it differs from py-fsrs's in three points: it counts the days between two reviews by the calendar
 * in UTC and not in 24 hours, it keeps the intervals of hard, good and easy a day apart, and it rounds
 * a step of five and a half minutes to six. It also rounds the recall to eight digits, which in the
 * long run may cost a day: so the recall is computed here.
 *
 * @typedef {object} Card
 * @property {"learning"|"review"|"relearning"} state
 * @property {number} step
 * @property {number} stability in days
 * @property {number} difficulty
 * @property {number} last the last review
 * @property {number} due
 */

const STEPS = {learning: [MINUTE, 10 * MINUTE], relearning: [10 * MINUTE]};
const [AGAIN, HARD, GOOD, EASY] = [1, 2, 3, 4];

class Schedule {
    /** Whether it can do more than to tell that nothing was reviewed. */
    get loaded() {
        return Boolean(this.memory);
    }

    /** @param {string} code the source of ts-fsrs */
    load(code) {
        const library = {};
        // Its own wrapping looks for a place for its exports: here it gets one.
        new Function("exports", "module", code)(library, {});
        this.memory = new library.FSRSAlgorithm({
            request_retention: 0.9, maximum_interval: 36500, enable_fuzz: false,
            enable_short_term: true,
        });
        this.decay = -this.memory.parameters.w[20];
        this.factor = 0.9 ** (1 / this.decay) - 1;
    }

    /**
     * The card after a review; one that is reviewed for the first time is undefined before.
     * @param {Card|undefined} card
     * @param {number} rating
     * @param {number} at
     * @returns {Card}
     */
    review(card, rating, at) {
        const days = card ? daysBetween(card.last, at) : 0;
        const recall = card ? this.recall(card, at) : 0;
        const before = card && {stability: card.stability, difficulty: card.difficulty};
        const {stability, difficulty} = this.memory.next_state(before ?? null, days, rating, recall);
        const state = card?.state ?? "learning";
        const next = nextStep(state, card?.step ?? 0, rating);
        const wait = next.wait ?? this.memory.next_interval(stability, days) * DAY;
        return {
            state: next.state, step: next.step, stability, difficulty, last: at, due: at + wait,
        };
    }

    /**
     * How likely it is that the answer is still known.
     * @param {Card} card
     * @param {number} now
     * @returns {number}
     */
    recall(card, now) {
        const days = daysBetween(card.last, now);
        return (1 + this.factor * days / card.stability) ** this.decay;
    }

    /**
     * The cards that a log has made.
     * @param {Review[]} reviews in the order of time
     * @param {(review: Review, before: Card|undefined, at: number) => void} [seen] told of each review
     * @returns {Map<string, Card>}
     */
    replay(reviews, seen = () => {}) {
        const cards = new Map();
        for (const review of reviews) {
            const before = cards.get(review.id), at = parseTime(review.at);
            seen(review, before, at);
            cards.set(review.id, this.review(before, review.rating, at));
        }
        return cards;
    }
}

/**
 * Whole days between two times, 24 hours each.
 * @param {number} before
 * @param {number} after
 * @returns {number}
 */
function daysBetween(before, after) {
    return Math.max(0, Math.floor((after - before) / DAY));
}

/**
 * Where a grade leads: to a step, which is waited for, or to days, which the memory decides.
 * @param {Card["state"]} state
 * @param {number} step
 * @param {number} rating
 * @returns {{state: Card["state"], step: number, wait?: number}}
 */
function nextStep(state, step, rating) {
    if (state === "review") {
        return rating === AGAIN
            ? {state: "relearning", step: 0, wait: STEPS.relearning[0]} : {state, step: 0};
    }
    const steps = STEPS[state];
    if (rating === AGAIN) return {state, step: 0, wait: steps[0]};
    if (rating === HARD) return {state, step, wait: hardWait(steps, step)};
    if (rating === GOOD && step + 1 < steps.length) {
        return {state, step: step + 1, wait: steps[step + 1]};
    }
    return {state: "review", step: 0};
}

/** The first step's hard is half way to the second, or half as much again where there is none. */
function hardWait(steps, step) {
    if (step > 0) return steps[step];
    return steps.length > 1 ? (steps[0] + steps[1]) / 2 : steps[0] * 1.5;
}
