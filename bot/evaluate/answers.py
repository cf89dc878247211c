"""Answers, measured: questions over documents of a folder, a part of which nothing in them answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.answer.pipeline import AnswerPipeline
from bot.domain import Answer, Citation, DocumentId, Exchange, Outcome
from bot.errors import SettingError
from bot.evaluate.lines import malformed, objects_of, text_of
from bot.evaluate.measures import percentile
from bot.search.access import Access

DOCUMENTS, QUESTIONS = "documents", "questions.jsonl"
MAX_BEFORE = 20
MARK = re.compile(r"\[(\d+)\]")
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, those `before` it, and what answers it: strings on a page of a document, or nothing."""

    question: str
    before: tuple[str, ...] = ()
    document: str = ""
    page: int = 1
    expect: tuple[str, ...] = ()

    @property
    def answerable(self) -> bool:
        """Whether a document answers it."""
        return bool(self.document)


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a question. `valid` of `cited` citations stand on the page they name."""

    asked: Asked
    answer: Answer
    cited: int
    valid: int
    right_page: bool
    right_words: bool

    @property
    def refused(self) -> bool:
        """Whether it was not answered."""
        return self.answer.outcome is Outcome.NOT_FOUND

    @property
    def good(self) -> bool:
        """Whether it is what was hoped for."""
        return self.refused != self.asked.answerable and (not self.asked.answerable or self.right_words)


def questions_in(folder: Path) -> tuple[list[Path], list[Asked]]:
    """The documents and questions of a set. Raises SettingError, naming file and line."""
    documents = sorted(path for path in (folder / DOCUMENTS).glob("*") if path.is_file())
    if not documents:
        raise SettingError(str(folder / DOCUMENTS), "holds no documents")
    names = {path.name for path in documents}
    path = folder / QUESTIONS
    asked = [_asked(path, number, value, names) for number, value in objects_of(path)]
    if not asked:
        raise SettingError(QUESTIONS, "has no question")
    return documents, asked


async def ask(
    answers: AnswerPipeline,
    access: Access,
    names: Mapping[DocumentId, str],
    questions: Sequence[Asked],
    on_progress: Callable[[int], None] = lambda _done: None,
) -> list[Judged]:
    """Each question's answer, judged; `names` are the documents' file names. Raises RetryLater."""
    judged = []
    for done, asked in enumerate(questions, start=1):
        before = [Exchange(question) for question in asked.before]
        answer = await answers.answer(access, asked.question, before, asker="eval", surface="eval")
        judged.append(await _judged(answers, access, names, asked, answer))
        on_progress(done)
    return judged


def figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """What all of them say together; shares are of 1, None where there is nothing to take a share of."""
    answerable = [one for one in judged if one.asked.answerable]
    refused = [one for one in judged if one.refused]
    unanswerable = len(judged) - len(answerable)
    rightly = sum(not one.asked.answerable for one in refused)
    return {
        "questions": len(judged),
        "unanswerable": unanswerable,
        "citations": sum(one.cited for one in judged),
        "citation_validity": _share(sum(one.valid for one in judged), sum(one.cited for one in judged)),
        "refusal_precision": _share(rightly, len(refused)),
        "refusal_recall": _share(rightly, unanswerable),
        "right_page": _share(sum(one.right_page for one in answerable), len(answerable)),
        "right_words": _share(sum(one.right_words for one in answerable), len(answerable)),
        "written": sum(one.answer.outcome is Outcome.WRITTEN for one in judged),
        "p50_ms": round(percentile([one.answer.elapsed_ms for one in judged], 0.5), 2),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


async def _judged(
    answers: AnswerPipeline, access: Access, names: Mapping[DocumentId, str], asked: Asked, answer: Answer
) -> Judged:
    numbers = {citation.number for citation in answer.citations}
    marks = [int(number) for number in MARK.findall(answer.text)]
    valid = 0
    for citation in answer.citations:
        valid += citation.number in marks and await _stands(answers, access, citation)
    said = " ".join(f"{answer.text} {' '.join(one.quote for one in answer.citations)}".split())
    return Judged(
        asked=asked,
        answer=answer,
        cited=len(answer.citations) + sum(mark not in numbers for mark in marks),
        valid=valid,
        right_page=any(
            names.get(one.document_id) == asked.document and one.page == asked.page
            for one in answer.citations
        ),
        right_words=bool(answer.citations) and all(words in said for words in asked.expect),
    )


async def _stands(answers: AnswerPipeline, access: Access, citation: Citation) -> bool:
    """Whether that chunk is there for this access, on that page, with the quote in it word for word."""
    ordinals = range(citation.ordinal, citation.ordinal + 1)
    chunks = await answers.search.index.read(
        access.scope, citation.document_id, citation.generation, ordinals
    )
    quote = " ".join(citation.quote.strip(ELLIPSIS).split())
    return any(one.page == citation.page and quote in " ".join(one.text.split()) for one in chunks)


def _asked(path: Path, number: int, value: dict[str, Any], names: set[str]) -> Asked:
    question, document = text_of(path, number, value, "question"), text_of(path, number, value, "document")
    if not question.strip():
        raise malformed(path, number, "has no `question`")
    if document and document not in names:
        raise malformed(path, number, f"names a `document` that is not in {DOCUMENTS}")
    page = value.get("page", 1)
    if not isinstance(page, int) or page < 1:
        raise malformed(path, number, "has a `page` that is no number from 1 on")
    before = _texts(path, number, value, "before")
    return Asked(question, before[-MAX_BEFORE:], document, page, _texts(path, number, value, "expect"))


def _texts(path: Path, number: int, value: dict[str, Any], field: str) -> tuple[str, ...]:
    texts = value.get(field, [])
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise malformed(path, number, f"has a `{field}` that is no list of texts")
    return tuple(texts)
