"""Text as a small string of JavaScript: a page from disk may load scripts, and nothing else.

Three steps, which unpack.js undoes. Frequent words become single letters, from which deflate gains
a twentieth. Deflate. Then fifteen bits a letter of UTF-16, of two bytes each: a fifteenth more than
the bytes themselves, where base64 needs a third. A script may be UTF-16 if it begins with a byte
order mark, which counts more than what a server says: https://encoding.spec.whatwg.org/#decode
"""

import re
import zlib
from collections import Counter

WORD = re.compile(r"[A-Za-z`]+ ")
FIRST, WORDS = 0x80, 128  # the letters that stand for words: what Latin-1 has beside ASCII
# The letter of fifteen zeros: from here on none is a quotation mark, an end of a line, half a pair.
ZEROS = 0x3000
GROUP = 15  # bytes, which are eight letters


def packed(text: str) -> str:
    """The string between the quotation marks, of an ASCII text."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    return _letters(deflate.compress(shortened(text).encode("latin-1")) + deflate.flush())


def shortened(text: str) -> str:
    """First a line with the words, then the text with a letter for each of them."""
    gains: Counter[str] = Counter()
    for word, count in Counter(WORD.findall(text)).items():
        gains[word] = count * (len(word) - 1)
    words = sorted(gains, key=lambda word: (-gains[word], word))[:WORDS]
    letters = {word: chr(FIRST + number) for number, word in enumerate(words)}
    body = WORD.sub(lambda match: letters.get(match[0], match[0]), text)
    return f"{','.join(words)}\n{body}"


def _letters(data: bytes) -> str:
    """First a letter that says how many zeros were added at the end, to make whole groups."""
    added = -len(data) % GROUP
    letters = [chr(ZEROS + added)]
    for start in range(0, len(data), GROUP):
        bits = int.from_bytes(data[start : start + GROUP].ljust(GROUP, b"\0"), "big")
        letters += (chr(ZEROS + (bits >> shift & 0x7FFF)) for shift in range(105, -1, -15))
    return "".join(letters)
