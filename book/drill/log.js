/**
 * The log of reviews is the truth, and everything else follows from it. Times are milliseconds since
 * 1970; `lab drill` leaves out what is smaller, too.
 *
 * @typedef {object} Review
 * @property {string} id the question's
 * @property {number} rating 1 again, 2 hard, 3 good, 4 easy
 * @property {string} at in UTC, all of one width, so that text compares as time does
 */

const FORMAT = "mlops-interview-lab/drill", VERSION = 1;
const MINUTE = 60e3, DAY = 864e5;
const ISO = new RegExp(
    "^(\\d{4})-?(\\d\\d)-?(\\d\\d)[T ](\\d\\d)(?::?(\\d\\d)(?::?(\\d\\d)(?:[.,](\\d+))?)?)?" +
    "(?:(Z)|([+-])(\\d\\d)(?::?(\\d\\d))?)$", "i");

/**
 * A time of ISO 8601 with its offset; NaN if it is none, or so far away that an interval of a hundred
 * years has no room behind it.
 * @param {unknown} text
 * @returns {number}
 */
function parseTime(text) {
    const match = typeof text === "string" ? ISO.exec(text) : null;
    if (!match) return NaN;
    const [year, month, day, hour, minute, second] =
        match.slice(1, 7).map(digits => Number(digits ?? 0));
    const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
    const same = date.getUTCMonth() === month - 1 && date.getUTCDate() === day &&
        date.getUTCHours() === hour && date.getUTCMinutes() === minute;
    const fraction = Number((match[7] ?? "").slice(0, 3).padEnd(3, "0"));
    const offset = (Number(match[10] ?? 0) * 60 + Number(match[11] ?? 0)) * (match[9] === "-" ? -1 : 1);
    const found = date.getTime() + fraction - offset * MINUTE;
    const far = found < Date.UTC(2000) || found >= Date.UTC(2100);
    return same && second < 60 && !far ? found : NaN;
}

/**
 * @param {number} time
 * @returns {string}
 */
function formatTime(time) {
    return new Date(time).toISOString().replace("Z", "000+00:00");
}

/** What makes two reviews the same one. */
const keyOf = review => `${review.id} ${review.at}`;

/**
 * All reviews of several logs, each once, in the order of time.
 * @param {...Iterable<Review>} logs
 * @returns {Review[]}
 */
function union(...logs) {
    const found = new Map();
    for (const log of logs) {
        for (const review of log) if (!found.has(keyOf(review))) found.set(keyOf(review), review);
    }
    const order = (a, b) => a < b ? -1 : a > b ? 1 : 0;
    return [...found.values()].sort((a, b) => order(a.at, b.at) || order(a.id, b.id));
}

/**
 * Read a document as this page and `lab drill` write it.
 * @param {any} document
 * @param {Map<string, string>} names the present id of each former one
 * @returns {{reviews: Review[], wrong: string[]}} the reviews that are whole, and what is wrong with
 *     the others
 * @throws {Error} it is of another format or a newer version
 */
function readLog(document, names) {
    if (document?.format !== FORMAT || !Array.isArray(document.reviews)) {
        throw new Error(`this is no progress of the drill (its format is not ${FORMAT})`);
    }
    if (document.version !== VERSION) {
        throw new Error(`its version is ${document.version}, and this page knows ${VERSION}`);
    }
    const reviews = [], wrong = [];
    document.reviews.forEach((review, number) => {
        const flaw = flawOf(review);
        if (flaw) wrong.push(`review ${number + 1} ${flaw}`);
        else {
            reviews.push({
                id: names.get(review.id) ?? review.id, rating: review.rating,
                at: formatTime(parseTime(review.at)),
            });
        }
    });
    return {reviews: union(reviews), wrong};
}

/**
 * What is wrong with a review; nothing if it is whole.
 * @param {any} review
 * @returns {string}
 */
function flawOf(review) {
    if (typeof review?.id !== "string" || !review.id) return "has no id";
    if (![1, 2, 3, 4].includes(review.rating)) return `has the rating ${review.rating}`;
    return Number.isNaN(parseTime(review.at)) ? "has no time with an offset" : "";
}

/**
 * @param {Review[]} reviews
 * @returns {object} what is exported
 */
function written(reviews) {
    return {format: FORMAT, version: VERSION, reviews};
}
