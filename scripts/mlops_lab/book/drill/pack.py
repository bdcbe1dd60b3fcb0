"""Text as a small string of JavaScript: a page from disk may load scripts, and nothing else.

Three steps, which unpack.js undoes. Frequent words become single letters, from which deflate gains
a twentieth. Deflate. Then seven bits a character, since a script is UTF-8, in which only ASCII
needs one byte: a seventh more than the bytes themselves, where base64 needs a third.
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterator

WORD = re.compile(r"[A-Za-z`]+ ")
FIRST, WORDS = 0x80, 128  # the letters that stand for words: what Latin-1 has beside ASCII
# What a string in quotation marks cannot have as it is; the two bits of its place here and the next
# seven bits of the data are one character of two bytes.
REFUSED = (0x0A, 0x0D, 0x22, 0x5C)


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
    groups = iter(_sevens(data))
    letters = []
    for group in groups:
        if group in REFUSED:
            group = 0x80 + (REFUSED.index(group) << 7) + next(groups, 0)
        letters.append(chr(group))
    return "".join(letters)


def _sevens(data: bytes) -> Iterator[int]:
    """The bits of the data, seven at a time, the last ones filled up with zeros."""
    for start in range(0, len(data), 7):
        part = data[start : start + 7]
        bits = int.from_bytes(part, "big") << 56 - 8 * len(part)
        for place in range(-(-8 * len(part) // 7)):
            yield bits >> 49 - 7 * place & 0x7F
