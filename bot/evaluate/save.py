"""Save: what people voted on, in BEIR's layout: the questions, their judgements, and texts from the index.

Its corpus is the judged documents and all that the same questions found, so that there is something to
confuse them with. What a question asked of files besides their text (`in:`, `type:`) is lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from bot.domain import Chunk, DocumentId, Scope
from bot.errors import SettingError
from bot.evaluate.ask import Asked
from bot.evaluate.figures import Answered
from bot.search.pipeline import SearchPipeline

CHUNKS_AT_ONCE = 100


def new_folder(folder: Path) -> None:
    """Make a folder that nobody else may read. Raises SettingError unless it is new or empty."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        empty = not any(folder.iterdir())
    except OSError as error:
        raise SettingError("--save", f"can't be made a folder ({error.strerror})") from error
    if not empty:
        raise SettingError("--save", "is a folder with something in it", "Name a new one.")


async def save(
    pipeline: SearchPipeline, folder: Path, asked: Sequence[Asked], answers: Sequence[Answered]
) -> int:
    """Write corpus.jsonl, queries.jsonl and qrels/test.tsv; how many documents. Raises SettingError."""
    scopes = {
        document: one.narrowed.scope
        for one, answer in zip(asked, answers, strict=True)
        for document in (*one.question.grades, *answer.found)
    }
    written = 0
    try:
        _write_questions(folder, asked)
        with (folder / "corpus.jsonl").open("w", encoding="utf-8") as corpus:
            for document, scope in scopes.items():
                if row := await _document(pipeline, scope, DocumentId(document)):
                    corpus.write(json.dumps(row) + "\n")
                    written += 1
    except OSError as error:
        raise SettingError("--save", f"can't be written ({error.strerror})") from error
    return written


def _write_questions(folder: Path, asked: Sequence[Asked]) -> None:
    with (folder / "queries.jsonl").open("w", encoding="utf-8") as queries:
        for one in asked:
            queries.write(json.dumps({"_id": one.question.id, "text": one.narrowed.query.text}) + "\n")
    (folder / "qrels").mkdir()
    with (folder / "qrels" / "test.tsv").open("w", encoding="utf-8") as judged:
        judged.write("query-id\tcorpus-id\tscore\n")
        for one in asked:
            for document, grade in one.question.grades.items():
                judged.write(f"{one.question.id}\t{document}\t{grade}\n")


async def _document(pipeline: SearchPipeline, scope: Scope, document_id: DocumentId) -> dict[str, str] | None:
    """A document's row of the corpus, or None when it went meanwhile."""
    async with pipeline.transaction(reading=True) as tx:
        document = await tx.documents.get(document_id)
    if document is None or document.indexed_generation is None:
        return None
    chunks: list[Chunk] = []
    while more := await pipeline.index.read(
        scope, document_id, document.indexed_generation, range(len(chunks), len(chunks) + CHUNKS_AT_ONCE)
    ):
        chunks += more
    text = "\n\n".join(_joined(page) for _, page in groupby(chunks, key=lambda chunk: chunk.page))
    return {"_id": document_id, "title": document.title or document.name, "text": text} if chunks else None


def _joined(chunks: Iterable[Chunk]) -> str:
    """The text of one page, each stretch once."""
    text, at = "", 0
    for chunk in chunks:
        text += "\n" * (chunk.start > at > 0) + chunk.text[max(at - chunk.start, 0) :]
        at = chunk.end
    return text
