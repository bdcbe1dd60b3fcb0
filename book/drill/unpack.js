"use strict";

// What the string of a script cannot have as it is: pack.py has the same list.
const REFUSED = [0x0a, 0x0d, 0x22, 0x5c];

/**
 * The bytes that were packed, seven bits a character.
 * @param {string} packed
 * @returns {Uint8Array<ArrayBuffer>}
 */
function bytes(packed) {
    const found = new Uint8Array(packed.length * 2);
    let length = 0, held = 0, bits = 0;
    const take = seven => {
        held = held << 7 | seven;
        bits += 7;
        if (bits >= 8) {
            bits -= 8;
            found[length++] = held >> bits;
            held &= (1 << bits) - 1;
        }
    };
    for (let place = 0; place < packed.length; place++) {
        const letter = packed.charCodeAt(place);
        if (letter < 0x80) take(letter);
        else {
            take(REFUSED[letter - 0x80 >> 7]);
            take(letter & 0x7f);
        }
    }
    return found.subarray(0, length);
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
 * What the book's builder packed.
 *
 * @typedef {object} Content
 * @property {string} library the code of the scheduler
 * @property {string} program the rest of this page's
 * @property {Array} topics
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

/** @param {HTMLElement} root where the drill goes */
async function begin(root) {
    try {
        const content = await unpack(PACKED);
        const script = document.createElement("script");
        script.textContent = `${content.program}\n//# sourceURL=drill.js`;
        document.head.append(script);
        openDrill(root, content);
    } catch (error) {
        root.textContent = `The drill needs a browser of 2023 or later (${error.message}). ` +
            "“lab drill” asks in the terminal.";
    }
}

begin(document.getElementById("drill-page"));
