const SHOWN = 30, OVER = 7; // days of the plot, and days of which each point is the share

/**
 * @param {number} time
 * @returns {number} the number of the reader's day
 */
function dayOf(time) {
    const date = new Date(time);
    return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86400000;
}

/**
 * How long something takes, in words.
 * @param {number} time milliseconds
 * @param {string} [minute] the word for one
 * @returns {string}
 */
function span(time, minute = "minute") {
    const words = (count, unit) => `${count} ${unit}${count === 1 ? "" : "s"}`;
    const minutes = Math.max(1, Math.round(time / MINUTE));
    if (minutes < 60) return words(minutes, minute);
    if (time < DAY) return words(Math.round(minutes / 60), "hour");
    return words(Math.floor(time / DAY), "day");
}

/**
 * On how many days in a row something was graded, up to today or yesterday.
 * @param {Review[]} reviews
 * @param {number} now
 * @returns {number}
 */
function streak(reviews, now) {
    const days = new Set(reviews.map(review => dayOf(parseTime(review.at))));
    let day = dayOf(now), count = 0;
    if (!days.has(day)) day -= 1;
    while (days.has(day)) {
        count += 1;
        day -= 1;
    }
    return count;
}

/**
 * Of the questions that came back after a day or more, the share that was still known: for each of
 * the last days over the week that ends with it, null where nothing came back.
 * @param {Schedule} schedule
 * @param {Review[]} reviews
 * @param {number} now
 * @returns {Array<number|null>}
 */
function retention(schedule, reviews, now) {
    const asked = new Map(), known = new Map(), count = (map, day) => map.set(day, (map.get(day) ?? 0) + 1);
    schedule.replay(reviews, (review, before, at) => {
        if (!before || daysBetween(before.last, at) < 1) return;
        count(asked, dayOf(at));
        if (review.rating !== AGAIN) count(known, dayOf(at));
    });
    const sum = (map, day) => {
        let total = 0;
        for (let back = 0; back < OVER; back++) total += map.get(day - back) ?? 0;
        return total;
    };
    return Array.from({length: SHOWN}, (_, place) => {
        const day = dayOf(now) - SHOWN + 1 + place, all = sum(asked, day);
        return all ? sum(known, day) / all : null;
    });
}

/**
 * The shares as a picture, with its words.
 * @param {Array<number|null>} shares
 * @returns {HTMLElement}
 */
function plot(shares) {
    const last = shares.findLast(share => share !== null);
    if (last === undefined) {
        return element("p.drill-muted", {},
            "The plot of what you still knew begins when a question comes back after a day or more.");
    }
    const percent = Math.round(last * 100);
    const words = `Of what came back after a day or more, you still knew ${percent}% in the last week ` +
        "that had any. The dashed line is 90%, at which a question is asked again.";
    const figure = element("figure", {}, element("figcaption", {}, words));
    figure.insertAdjacentHTML("afterbegin", drawing(shares));
    return figure;
}

/** @returns {string} SVG, of numbers only */
function drawing(shares) {
    const x = place => 38 + place * 312 / (SHOWN - 1), y = share => 130 - share * 115;
    const grid = [0, 0.5, 1].map(share => `<path class="grid" d="M38 ${y(share)}H350"/>` +
        `<text x="32" y="${y(share) + 4}" text-anchor="end">${share * 100}%</text>`);
    const points = shares.map((share, place) => ({share, place})).filter(({share}) => share !== null);
    const line = points.map(({share, place}, number) =>
        `${number && points[number - 1].place === place - 1 ? "L" : "M"}${x(place)} ${y(share)}`);
    const dots = points.map(({share, place}) => `<circle cx="${x(place)}" cy="${y(share)}" r="2.5"/>`);
    return `<svg viewBox="0 0 360 155" aria-hidden="true">${grid.join("")}` +
        `<path class="wanted" d="M38 ${y(0.9)}H350"/><path class="line" d="${line.join("")}"/>` +
        `${dots.join("")}<text x="38" y="150">${SHOWN} days ago</text>` +
        '<text x="350" y="150" text-anchor="end">today</text></svg>';
}
