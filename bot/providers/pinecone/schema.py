"""The document index: its fields, and whether an index that is there already has them."""

from __future__ import annotations

import re
import zlib
from typing import Any

from pinecone.models.indexes.index import IndexModel
from pinecone.models.indexes.schema import DenseVectorField, StringField

from bot.domain import EmbeddingSpace
from bot.errors import OperatorError

VECTOR = "vector"
CLASSIC = {"_values", "_sparse_values"}
"""The only fields of indexes that were made for vectors alone, as the API names them."""
TEXT, HEADING, TITLE, WORDS = "text", "heading", "title", "words"
FULL_TEXT = (TEXT, HEADING, TITLE, WORDS)
"""What is searched by words. `words` holds what Pinecone's analysis of the others would not find: each
character of the scripts without spaces set apart, and words without their accents."""
ANALYSIS = {"language": "en", "stemming": True}
METRIC = "cosine"
METRICS = {METRIC, "dotproduct"}
"""Vectors have unit length, so both give the same order."""
SPACE_TAG = "embedding_space"
MAX_NAME_CHARS = 45
"""Of an index's name at Pinecone."""
ADVICE = "Set PINECONE_INDEX_NAME to a name that is not there yet: I create that index."


def schema(dimension: int) -> dict[str, Any]:
    """What an index is created with. All other fields are metadata, which Pinecone indexes by itself."""
    fields: dict[str, Any] = {VECTOR: {"type": "dense_vector", "dimension": dimension, "metric": METRIC}}
    return {"fields": fields | {name: {"type": "string", "full_text_search": ANALYSIS} for name in FULL_TEXT}}


def tags(space: EmbeddingSpace) -> dict[str, str]:
    """Says whose vectors an index holds."""
    return {SPACE_TAG: space.label}


def label_of(index: IndexModel, space: EmbeddingSpace) -> str:
    """Whose vectors an index holds: this space's, or another one's for which I made it.

    Raises OperatorError unless it is a document index of mine.
    """
    label = (index.tags or {}).get(SPACE_TAG, space.label)
    if label == space.label:
        check(index, space)
    elif problem := _problem_of_fields(index):
        raise OperatorError(f"The Pinecone index {index.name} {problem}", ADVICE)
    return label


def beside(name: str, label: str) -> str:
    """The name of the index that holds another space than the index `name` does."""
    readable = f"{name}-{re.sub('[^a-z0-9]+', '-', label.rpartition('/')[0].lower()).strip('-')}"
    if len(readable) <= MAX_NAME_CHARS:
        return readable
    digest = f"{zlib.crc32(label.encode()):08x}"
    return f"{name[: MAX_NAME_CHARS - len(digest) - 1].rstrip('-')}-{digest}"


def check(index: IndexModel, space: EmbeddingSpace) -> None:
    """Raise OperatorError unless the index can hold our chunks and the vectors of this space."""
    problem = _problem(index, space)
    if problem:
        raise OperatorError(f"The Pinecone index {index.name} {problem}", ADVICE)


def _problem(index: IndexModel, space: EmbeddingSpace) -> str:
    if problem := _problem_of_fields(index):
        return problem
    vector = index.schema.fields.get(VECTOR)
    if isinstance(vector, DenseVectorField) and vector.dimension != space.dimension:
        return f"holds vectors of {vector.dimension} dimensions, and the bot makes {space.dimension}"
    held = (index.tags or {}).get(SPACE_TAG, space.label)
    if held != space.label:
        return f"holds embeddings of {held}, and the bot is set to {space.label}"
    return ""


def _problem_of_fields(index: IndexModel) -> str:
    vector = index.schema.fields.get(VECTOR)
    if CLASSIC & set(index.schema.fields):
        return "is a classic vector index and not a document index: words can't be searched there"
    if not isinstance(vector, DenseVectorField):
        return "is not a document index of mine: it has no field for vectors with text beside them"
    if vector.metric not in METRICS:
        return f"compares vectors by {vector.metric}, not by {METRIC}"
    for name in FULL_TEXT:
        field = index.schema.fields.get(name)
        if not isinstance(field, StringField) or field.full_text_search is None:
            return f"has no full-text field {name}"
    return ""
