"""A labelled collection in BEIR's layout: corpus.jsonl, queries.jsonl, qrels. Checked whole before use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.errors import SettingError
from bot.evaluate.judgements import judgements_of
from bot.evaluate.lines import ADVICE, id_of, malformed, objects_of, text_of
from bot.evaluate.measures import Grades
from bot.ingest.extract.clean import clean, one_line

MAX_TEXT_CHARS = 5_000_000
"""Of one document, as of one file."""
MAX_QUESTION_CHARS = 10_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of a collection. `text` is its title where it has no text."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the grades of documents by id; at least one is relevant."""

    id: str
    text: str
    grades: Grades


@dataclass(frozen=True, slots=True)
class Collection:
    """What a folder holds. `notes` tells what of it says nothing; `characters` is the texts' length."""

    folder: Path
    documents: int
    characters: int
    questions: tuple[Question, ...]
    notes: tuple[str, ...]

    def entries(self) -> Iterator[Entry]:
        """The documents, read anew each time. Raises SettingError."""
        return _entries(self.folder / "corpus.jsonl")


def collection_in(folder: Path, limit_queries: int | None = None) -> Collection:
    """Read and check a folder; only the first questions with `limit_queries`. Raises SettingError."""
    judged = judgements_of(folder)
    questions = {question.id: question for question in _questions(folder / "queries.jsonl", judged)}
    wanted = tuple(questions.values())[:limit_queries]
    if not wanted:
        raise SettingError(folder.name, "has no question for which a document is judged relevant", ADVICE)
    known, characters = set(), 0
    for entry in _entries(folder / "corpus.jsonl"):
        known.add(entry.id)
        characters += len(entry.text)
    if not known:
        raise SettingError("corpus.jsonl", "has no document", ADVICE)
    return Collection(folder, len(known), characters, wanted, _notes(judged, questions, known))


def _notes(
    judged: Mapping[str, Grades], questions: Mapping[str, Question], known: set[str]
) -> tuple[str, ...]:
    relevant = {name for name, grades in judged.items() if any(grade > 0 for grade in grades.values())}
    absent = {d for q in questions.values() for d, grade in q.grades.items() if grade > 0} - known
    found = (
        (len(judged) - len(relevant), "judged questions have no relevant document and are left out"),
        (len(relevant - questions.keys()), "judged questions are not in queries.jsonl and are left out"),
        (len(absent), "relevant documents are not in corpus.jsonl and count as not found"),
    )
    return tuple(f"{number:,} {what}" for number, what in found if number)


def _questions(path: Path, judged: Mapping[str, Grades]) -> Iterator[Question]:
    seen: set[str] = set()
    for number, value in objects_of(path):
        name = id_of(path, number, value.get("_id"))
        text = clean(text_of(path, number, value, "text"))
        if name in seen:
            raise malformed(path, number, "repeats the id of another line")
        seen.add(name)
        grades = judged.get(name, {})
        if not any(grade > 0 for grade in grades.values()):
            continue
        if not text.strip() or len(text) > MAX_QUESTION_CHARS:
            raise malformed(path, number, f"has no `text` of 1 to {MAX_QUESTION_CHARS:,} characters")
        yield Question(name, text, grades)


def _entries(path: Path) -> Iterator[Entry]:
    seen: set[str] = set()
    for number, value in objects_of(path):
        name = id_of(path, number, value.get("_id"))
        if name in seen:
            raise malformed(path, number, "repeats the id of another line")
        seen.add(name)
        title = one_line(text_of(path, number, value, "title"))
        text = text_of(path, number, value, "text")
        if len(text) > MAX_TEXT_CHARS:
            raise malformed(path, number, f"has more than {MAX_TEXT_CHARS:,} characters of `text`")
        text = clean(text)
        yield Entry(name, title, text if text.strip() else title)
