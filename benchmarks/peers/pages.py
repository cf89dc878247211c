"""140 PDFs of 10 pages with 225 questions, each with its one right page; the same every time.

A page is an abstract of a collection in BEIR's layout (scifact is meant). The first 225 questions with
exactly one relevant abstract, those abstracts, and as many others as fill 1,400 pages, shuffled.
"""

from __future__ import annotations

import random
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from support.pdf import LINE_CHARS, make_pdf

from bot.evaluate.collection import Entry, Question, collection_in

FILES, PAGES, QUESTIONS = 140, 10, 225


@dataclass(frozen=True)
class Asked:
    """A question, and the page that answers it."""

    text: str
    file: str
    page: int


def make(collection: Path, folder: Path) -> list[Asked]:
    """Write the PDFs into a folder; the questions about them."""
    held = collection_in(collection)
    questions = [q for q in held.questions if len(_relevant(q)) == 1][:QUESTIONS]
    right = {name for question in questions for name in _relevant(question)}
    entries = sorted(held.entries(), key=lambda entry: entry.id not in right)[: FILES * PAGES]
    random.Random(1).shuffle(entries)  # noqa: S311  # repeatable, nothing secret
    place: dict[str, tuple[str, int]] = {}
    for number in range(FILES):
        name, pages = f"report-{number:03}.pdf", entries[number * PAGES : (number + 1) * PAGES]
        (folder / name).write_bytes(make_pdf([_text(entry) for entry in pages]))
        place |= {entry.id: (name, page) for page, entry in enumerate(pages, start=1)}
    return [Asked(question.text, *place[_relevant(question)[0]]) for question in questions]


def _relevant(question: Question) -> list[str]:
    return [name for name, grade in question.grades.items() if grade > 0]


def _text(entry: Entry) -> str:
    paragraphs = [entry.title, *entry.text.split("\n")]
    return "\n".join(line for one in paragraphs for line in textwrap.wrap(one, LINE_CHARS) or [""])
