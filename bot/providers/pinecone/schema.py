"""The document index: its fields, and whether an index that is there already has them."""

from __future__ import annotations

from typing import Any

from pinecone.models.indexes.index import IndexModel
from pinecone.models.indexes.schema import DenseVectorField, StringField

from bot.domain import EmbeddingSpace
from bot.errors import OperatorError

VECTOR = "vector"
TEXT, HEADING, TITLE, WORDS = "text", "heading", "title", "words"
FULL_TEXT = (TEXT, HEADING, TITLE, WORDS)
"""What is searched by words. `words` holds what Pinecone's analysis of the others would not find: each
character of the scripts without spaces set apart, and words without their accents."""
ANALYSIS = {"language": "en", "stemming": True}
METRIC = "cosine"
METRICS = {METRIC, "dotproduct"}
"""Vectors have unit length, so both give the same order."""
SPACE_TAG = "embedding_space"
ADVICE = "Set PINECONE_INDEX_NAME to a name that is not there yet: I create that index."


def schema(dimension: int) -> dict[str, Any]:
    """What an index is created with. All other fields are metadata, which Pinecone indexes by itself."""
    fields: dict[str, Any] = {VECTOR: {"type": "dense_vector", "dimension": dimension, "metric": METRIC}}
    return {"fields": fields | {name: {"type": "string", "full_text_search": ANALYSIS} for name in FULL_TEXT}}


def tags(space: EmbeddingSpace) -> dict[str, str]:
    """Says whose vectors an index holds."""
    return {SPACE_TAG: _space_name(space)}


def check(index: IndexModel, space: EmbeddingSpace) -> None:
    """Raise OperatorError unless the index can hold our chunks and the vectors of this space."""
    problem = _problem(index, space)
    if problem:
        raise OperatorError(f"The Pinecone index {index.name} {problem}", ADVICE)


def _problem(index: IndexModel, space: EmbeddingSpace) -> str:
    vector = index.schema.fields.get(VECTOR)
    if not isinstance(vector, DenseVectorField):
        return "is not a document index of mine: it has no field for vectors with text beside them"
    if vector.dimension != space.dimension:
        return f"holds vectors of {vector.dimension} dimensions, and the bot makes {space.dimension}"
    if vector.metric not in METRICS:
        return f"compares vectors by {vector.metric}, not by {METRIC}"
    for name in FULL_TEXT:
        field = index.schema.fields.get(name)
        if not isinstance(field, StringField) or field.full_text_search is None:
            return f"has no full-text field {name}"
    held = (index.tags or {}).get(SPACE_TAG, _space_name(space))
    if held != _space_name(space):
        return f"holds embeddings of {held}, and the bot is set to {_space_name(space)}"
    return ""


def _space_name(space: EmbeddingSpace) -> str:
    return f"{space.name}/{space.dimension}"
