const KEY = FORMAT, CHOICE = `${FORMAT}/choice`;

/**
 * The log in the browser's localStorage. Other tabs write there too, so every change begins with
 * what is there now, and nothing that another tab wrote is lost. A review that was taken back is
 * remembered, or another tab would bring it again.
 */
class Store {
    /**
     * @param {() => Storage} storage gives the browser's storage, or throws where it is blocked
     * @param {Map<string, string>} names the present id of each former one
     * @param {() => number} clock milliseconds since 1970
     */
    constructor(storage, names, clock) {
        this.names = names;
        this.clock = clock;
        /** @type {Review[]} */
        this.reviews = [];
        /** @type {Set<string>} */
        this.undone = new Set();
        /** Why progress is not kept; empty while it is. */
        this.problem = "";
        /** What was found and had to be put aside. */
        this.note = "";
        this.keeps = false;
        try {
            this.storage = storage();
            const text = this.storage.getItem(KEY);
            this.keeps = true;
            this.#merge(text);
        } catch (error) {
            this.#stop("this browser gives the page no storage");
        }
    }

    /** Now, but never before the last review: a clock may have been set back. */
    now() {
        const last = this.reviews.length ? parseTime(this.reviews.at(-1).at) : -Infinity;
        return Math.max(this.clock(), last + 1);
    }

    /**
     * Note a review of now.
     * @param {string} id
     * @param {number} rating
     * @returns {Review}
     */
    add(id, rating) {
        this.#look();
        const review = {id, rating, at: formatTime(this.now())};
        this.reviews = union(this.reviews, [review]);
        this.#write();
        return review;
    }

    /**
     * Take a review back.
     * @param {Review} review
     */
    remove(review) {
        this.#look();
        this.undone.add(keyOf(review));
        this.#drop();
        this.#write();
    }

    /**
     * Add the reviews of a file.
     * @param {string} text
     * @returns {number} how many were new
     * @throws {Error} it is not such a file, and nothing has changed
     */
    import(text) {
        const {reviews, wrong} = readLog(parsed(text), this.names);
        if (wrong.length) throw new Error(wrong[0]);
        this.#look();
        const before = this.reviews.length;
        this.reviews = union(this.reviews, reviews);
        this.#drop();
        this.#write();
        return this.reviews.length - before;
    }

    /** @returns {string} the file that is exported */
    export() {
        return `${JSON.stringify(written(this.reviews), null, 1)}\n`;
    }

    /**
     * Another tab wrote something: take it, and give what it lacks.
     * @param {StorageEvent} event
     * @returns {boolean} whether the log is another one now
     */
    heard(event) {
        if (event.key !== KEY || event.newValue === null || !this.keeps) return false;
        const before = this.#text();
        const theirs = this.#merge(event.newValue);
        // Not by the text: two builds of the page may write the same log differently, for ever.
        if (theirs < this.reviews.length + this.undone.size) this.#write();
        return this.#text() !== before;
    }

    /** Take what the storage has now. */
    #look() {
        if (!this.keeps) return;
        try {
            this.#merge(this.storage.getItem(KEY));
        } catch (error) {
            this.#stop("this browser gives the page no storage any more");
        }
    }

    /**
     * @param {string|null} text what the storage has
     * @returns {number} how much of it counts: reviews, and those taken back
     */
    #merge(text) {
        if (text === null) return 0;
        let found, undone = [];
        try {
            const document = parsed(text);
            if (document?.format === FORMAT && document.version > VERSION) {
                this.#stop("what is kept here is of a newer version of this page, and stays as it is");
                return Infinity;
            }
            found = readLog(document, this.names);
            undone = document.undone ?? [];
            this.undone = new Set([...this.undone, ...undone]);
        } catch (error) {
            found = {reviews: [], wrong: [error.message]};
        }
        this.reviews = union(this.reviews, found.reviews);
        this.#drop();
        if (found.wrong.length) this.#putAside(text, found.wrong[0]);
        return found.reviews.filter(review => this.#counts(review)).length + undone.length;
    }

    #drop() {
        this.reviews = this.reviews.filter(review => this.#counts(review));
    }

    #counts(review) {
        return !this.undone.has(keyOf(review));
    }

    /** Keep what cannot be read under a name of its own, then write what could be. */
    #putAside(text, why) {
        let name = `${KEY}/damaged ${formatTime(this.clock())}`;
        try {
            while (this.storage.getItem(name) !== null) name += "+";
            this.storage.setItem(name, text);
        } catch (error) {
            this.#stop(`what is kept here is damaged (${why}), and stays as it is`);
            return;
        }
        this.note = `What was kept here is damaged: ${why}. It is now in localStorage as “${name}”; ` +
            `of it, ${this.reviews.length} reviews could be read.`;
        this.#write();
    }

    #write() {
        if (!this.keeps) return;
        try {
            this.storage.setItem(KEY, this.#text());
            this.problem = "";
        } catch (error) {
            // The storage is full. It may have room again for the next grade.
            this.problem = "the browser's storage for this page is full";
        }
    }

    #text() {
        return JSON.stringify({...written(this.reviews), undone: [...this.undone].sort()});
    }

    #stop(why) {
        this.keeps = false;
        this.problem = why;
    }
}

/**
 * @param {string} text
 * @returns {any}
 * @throws {Error} it is no JSON
 */
function parsed(text) {
    try {
        return JSON.parse(text);
    } catch (error) {
        throw new Error("this is no JSON");
    }
}
