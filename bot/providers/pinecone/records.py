"""What a chunk is in Pinecone, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from pinecone import Document

from bot.domain import Candidate, ChannelId, Chunk, DocumentId, IndexedDocument
from bot.ports import Vectors
from bot.providers.pinecone.schema import HEADING, TEXT, TITLE, VECTOR, WORDS
from bot.search.words import UNSPACED, fold, spaced, words_of

DOCUMENT, GENERATION, ORDINAL = "document", "generation", "ordinal"
PAGE, START, END, LABEL = "page", "start", "end", "label"
SPACE, CHANNELS, PUBLISHED = "space", "channels", "published"
SHOWN_FIELDS = [TEXT, HEADING, PAGE, LABEL]
CHUNK_FIELDS = [*SHOWN_FIELDS, START, END]

MAX_REQUEST_BYTES = 1_900_000
MAX_RECORDS = 100
"""Of one upsert: Pinecone takes 1,000 or 2 MB; smaller ones are cheap to repeat."""
DECIMALS = 7
BYTES_PER_NUMBER = DECIMALS + 5
"""As JSON: a sign, a zero, a point, the decimals, a comma; and one to spare."""
MAX_CHANNELS = 1_500
"""A record's metadata may have 40 KB, a channel's id takes 15 bytes of it."""
MAX_HEADING_CHARS = 1_000

Record = dict[str, Any]


def records(
    document: IndexedDocument,
    chunks: Sequence[Chunk],
    vectors: Vectors,
    space: str,
    shown: IndexedDocument | None,
) -> list[Record]:
    """One record a chunk; hidden, unless this generation is `shown` already. Null is no value there."""
    rounded = np.round(vectors.astype(np.float64), DECIMALS).tolist()
    state = _state(document, shown)
    return [_record(document, chunk, row, space) | state for chunk, row in zip(chunks, rounded, strict=True)]


def visibility(document: IndexedDocument) -> Record:
    """The fields that make a record findable: where, and by which title."""
    channels = sorted(document.channels)[:MAX_CHANNELS]
    return {PUBLISHED: True} | ({CHANNELS: channels} if channels else {}) | titled(document.title)


def titled(title: str) -> Record:
    """The title as it is searched: its scripts without spaces set apart, its accents also left out."""
    readable = sendable(title)
    words = " ".join([spaced(readable), *_folded(readable.split())]).strip()
    return {TITLE: words} if words else {}


def moved(record: Document, document: IndexedDocument, shown: IndexedDocument | None) -> Record:
    """A record of another document as one of this document."""
    fields = {name: value for name, value in record.to_dict().items() if name not in {CHANNELS, TITLE}}
    identity = {
        "_id": record_id(document, int(fields[ORDINAL])),
        DOCUMENT: document.document_id,
        GENERATION: document.generation,
    }
    return fields | identity | _state(document, shown)


def record_id(document: IndexedDocument, ordinal: int) -> str:
    """`<document>:<generation>:<ordinal>`: a repeated write overwrites itself."""
    return f"{document.document_id}:{document.generation}:{ordinal}"


def read_id(chunk_id: str) -> tuple[DocumentId, int, int]:
    """Document, generation and ordinal of a record."""
    document_id, generation, ordinal = chunk_id.rsplit(":", 2)
    return DocumentId(document_id), int(generation), int(ordinal)


def candidate(match: Document) -> Candidate:
    """A search's match; its score is missing where it is not a finite number."""
    document_id, generation, ordinal = read_id(match.id)
    label = match.get(LABEL)
    return Candidate(
        document_id,
        generation,
        ordinal,
        page=int(match.get(PAGE, 1)),
        text=str(match.get(TEXT, "")),
        score=match.score or 0.0,
        label=None if label is None else str(label),
        heading=str(match.get(HEADING, "")),
    )


def chunk(record: Document) -> Chunk:
    """A record as the chunk that it was made of."""
    one = candidate(record)
    start, end = int(record.get(START, 0)), int(record.get(END, len(one.text)))
    return Chunk(one.ordinal, one.page, start, end, one.text, one.label, one.heading)


def channels_of(record: Document) -> frozenset[ChannelId]:
    """The channels that a record is visible in."""
    return frozenset(ChannelId(channel) for channel in record.get(CHANNELS) or ())


def batch_size(made: Sequence[Record]) -> int:
    """How many of these records surely fit in one request."""
    largest = max(_bytes(record) for record in made)
    return max(1, min(MAX_RECORDS, MAX_REQUEST_BYTES // largest))


def _record(document: IndexedDocument, chunk: Chunk, vector: list[float], space: str) -> Record:
    text, heading = sendable(chunk.text), sendable(chunk.heading)[:MAX_HEADING_CHARS]
    tokens = f"{heading}\n{text}".split()
    optional = {
        HEADING: heading,
        LABEL: chunk.label and sendable(chunk.label),
        WORDS: " ".join(_folded(tokens)),
    }
    return {
        "_id": record_id(document, chunk.ordinal),
        VECTOR: vector,
        TEXT: text,
        DOCUMENT: document.document_id,
        GENERATION: document.generation,
        ORDINAL: chunk.ordinal,
        PAGE: chunk.page,
        START: chunk.start,
        END: chunk.end,
        SPACE: space,
    } | {name: value for name, value in optional.items() if value}


def _state(document: IndexedDocument, shown: IndexedDocument | None) -> Record:
    return visibility(shown) if shown else {PUBLISHED: False} | titled(document.title)


def _folded(tokens: Sequence[str]) -> list[str]:
    """The words that Pinecone's own analysis would not find, in order."""
    found = []
    for token in tokens:
        if token.isascii():
            continue
        words = words_of(token)
        unspaced = any(UNSPACED.match(word) for word in words)
        found += [searched(word) for word in words if unspaced or fold(word) != word.lower()]
    return found


def searched(word: str) -> str:
    """A word as the field `words` has it."""
    return word if UNSPACED.match(word) else fold(word)


def _bytes(record: Record) -> int:
    words = {name: value for name, value in record.items() if name != VECTOR}
    return len(json.dumps(words, ensure_ascii=False).encode()) + BYTES_PER_NUMBER * len(record[VECTOR]) + 16


def sendable(text: str) -> str:
    """Text without lone surrogates, which JSON hasn't, and without NUL; as long as before."""
    return text.encode("utf-8", "replace").decode().replace("\x00", " ")
