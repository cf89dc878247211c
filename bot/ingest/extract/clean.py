"""Text as we store it: no control characters, no lone surrogates, lines end in a line feed."""

from __future__ import annotations

import re

HEADING_CHARS = 200
LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])")
"""Terminal escapes (ECMA-48 control sequences, OSC titles, two-byte escapes). No two parts of a pattern
can match the same character, so a hostile log costs one pass."""
UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x9f\xad\u202a-\u202e\u2066-\u2069\ufeff\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)
"""Controls, soft hyphens (invisible, they split words), direction overrides (they make text look like
another), byte order marks, non-characters, and surrogates, which UTF-8 and Postgres refuse."""


BROKEN_WORD = re.compile(r"(?<=[^\W\d_])-\n(?=[^\W\d_A-Z]+\b(?!-))")
"""A hyphen at a line end within a word; not within a compound such as `commander-in-chief`."""


def clean(text: str) -> str:
    """Normalise line ends and drop what is not text. Linear; cheap when there is nothing to drop."""
    text = text.replace("\r\n", "\n")
    if text.replace("\n", "").isprintable():
        return text
    text = LINE_ENDS.sub("\n", text)
    if "\x1b" in text:
        text = ANSI.sub("", text)
    return UNWANTED.sub("", text)


def one_line(text: str) -> str:
    """A label or heading: cleaned, in one line, at most `HEADING_CHARS` long."""
    return " ".join(clean(text[: 4 * HEADING_CHARS]).split())[:HEADING_CHARS]


def joined(text: str) -> str:
    """Words that were hyphenated at line ends, whole again."""
    return BROKEN_WORD.sub("", text)
