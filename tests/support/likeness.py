"""How much of a text another one holds."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable
from itertools import groupby

from bot.domain import Chunk

WINDOW_WORDS = 400
WORD = re.compile(r"\w+")


def similarity(one: str, other: str) -> float:
    """Share of the characters of both texts that stand in matching words, window after window."""
    a, b = one.split(), other.split()
    same = i = j = 0
    while i < len(a) and j < len(b):
        window = difflib.SequenceMatcher(
            None, a[i : i + WINDOW_WORDS], b[j : j + WINDOW_WORDS], autojunk=False
        )
        blocks = [block for block in window.get_matching_blocks() if block.size]
        if not blocks:
            break
        same += sum(len(word) for block in blocks for word in a[i + block.a : i + block.a + block.size])
        i, j = i + blocks[-1].a + blocks[-1].size, j + blocks[-1].b + blocks[-1].size
    return 2 * same / (sum(map(len, a)) + sum(map(len, b)))


def word_f1(found: str, exact: str) -> float:
    """Harmonic mean of precision and recall of words, each as often as it occurs."""
    ours, theirs = Counter(WORD.findall(found.lower())), Counter(WORD.findall(exact.lower()))
    return 2 * (ours & theirs).total() / (ours.total() + theirs.total())


def text_of(chunks: Iterable[Chunk]) -> str:
    """The text that chunks were cut from, what they repeat left out; pages parted by an empty line."""
    pages = []
    for _, some in groupby(chunks, key=lambda chunk: chunk.page):
        text, end = "", 0
        for chunk in some:
            text += chunk.text[max(end - chunk.start, 0) :] if chunk.start < end else f"\n{chunk.text}"
            end = chunk.end
        pages.append(text)
    return "\n\n".join(pages)
