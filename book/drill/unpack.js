const ZEROS = 0x3000; // the letter of fifteen zeros: pack.py has the same one

/**
 * The bytes that were packed, fifteen bits a letter; the first one says how many were added at the end.
 * @param {string} packed
 * @returns {Uint8Array<ArrayBuffer>}
 */
function bytes(packed) {
    const found = new Uint8Array((packed.length - 1) * 15 / 8);
    let length = 0, held = 0, bits = 0;
    for (let place = 1; place < packed.length; place++) {
        held = held << 15 | packed.charCodeAt(place) - ZEROS;
        for (bits += 15; bits >= 8; held &= (1 << bits) - 1) {
            bits -= 8;
            found[length++] = held >> bits;
        }
    }
    return found.subarray(0, length - (packed.charCodeAt(0) - ZEROS));
}

/**
 * Undo deflate; a byte becomes the letter of its number.
 * @param {Uint8Array<ArrayBuffer>} data
 * @returns {Promise<string>}
 */
async function inflate(data) {
    const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    const all = new Uint8Array(await new Response(stream).arrayBuffer());
    let text = "";
    for (let start = 0; start < all.length; start += 0x2000) {
        text += String.fromCharCode(...all.subarray(start, start + 0x2000));
    }
    return text;
}

/**
 * What comes after the page has begun.
 *
 * @typedef {object} Content
 * @property {string} library the code of the scheduler
 * @property {Array} texts of the questions, in the order of the book
 *
 * @param {string} packed
 * @returns {Promise<Content>}
 */
async function unpack(packed) {
    const text = await inflate(bytes(packed));
    const head = text.indexOf("\n");
    const words = text.slice(0, head).split(",");
    return JSON.parse(text.slice(head + 1).replace(/[\x80-\xff]/g, one => words[one.charCodeAt(0) - 0x80]));
}
