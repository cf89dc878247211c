"""What is sent and answered: requests are checked by these models, the description is made of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bot.domain import Status
from bot.search.parse import MAX_QUERY_CHARS
from bot.search.pipeline import DEFAULT_LIMIT, MAX_LIMIT

MAX_PAGE = 100
MAX_ADDRESS_CHARS = 500
"""Of a query: with each of them escaped, the address still fits into what the server takes (8 KB)."""
MAX_TITLE_CHARS = 255
SPACE_NAME = r"^[a-z0-9][a-z0-9._-]{0,63}$"
"""Lower case, so that it can be typed behind `in:` and is never taken for a channel's id."""
CURSOR = r"^[0-9a-f]{48}$"
"""When the last document of a page was made, and its id; whatever has this form is somewhere in the list."""


def _digits(value: object) -> object:
    """In an address a number is digits alone; anything more lenient would not be as described."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise ValueError("is not a number")
    return value


def _whole(value: object) -> object:
    """In JSON 5.0 is 5."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


SpaceName = Annotated[str, Field(pattern=SPACE_NAME, description="A space that the key reads")]
Flag = Literal["true", "false"]


class Request(BaseModel):
    """What is not described is not taken."""

    model_config = ConfigDict(extra="forbid")


class UploadQuery(Request):
    """How an upload is answered."""

    wait: Flag = Field("false", description="Answer when the document is indexed, or after 20 seconds")


class UploadForm(Request):
    """The parts of an upload."""

    space: SpaceName
    title: str = Field("", max_length=MAX_TITLE_CHARS, description="The file's name if there is none")
    file: bytes = Field(description="The file, with a `filename`; its type is told by its bytes and its name")


class ListQuery(Request):
    """Which documents, and how many of them."""

    status: Status | None = None
    type: str | None = Field(
        None, min_length=1, max_length=40, description="As behind `type:` in a search: pdf, word, slides, py"
    )
    title: str | None = Field(None, max_length=MAX_TITLE_CHARS, description="Part of the title")
    space: SpaceName | None = None
    cursor: Annotated[str, Field(pattern=CURSOR, description="`next_cursor` of the page before")] | None = (
        None
    )
    limit: Annotated[int, BeforeValidator(_digits)] = Field(20, ge=1, le=MAX_PAGE)


class SearchRequest(Request):
    """A search in the spaces that the key reads."""

    query: str = Field(
        min_length=1,
        max_length=MAX_QUERY_CHARS,
        description='Words, "exact words", and in:space type: from:me before: after: on: during:',
    )
    limit: Annotated[int, BeforeValidator(_whole)] = Field(
        DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="How many passages at most"
    )


class SearchQuery(SearchRequest):
    """The same in an address, which is bounded by itself."""

    query: str = Field(min_length=1, max_length=MAX_ADDRESS_CHARS)

    limit: Annotated[int, BeforeValidator(_digits)] = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT)


class NoQuery(Request):
    """Nothing may be asked for."""


class Reason(BaseModel):
    """Why a document could not be indexed, or waits for its next try."""

    code: str
    detail: str
    advice: str


class DocumentView(BaseModel):
    """A document; times are UTC. `passages` counts what can be found of it."""

    id: str
    space: str
    title: str
    name: str
    mimetype: str
    size: int
    status: Status
    stage: str
    done: int = Field(description="Of `total` steps of the stage; total is 0 while that is unknown")
    total: int
    pages: int
    passages: int
    partial: str | None = Field(description="Why some of the file is missing")
    error: Reason | None
    created_at: datetime
    changed_at: datetime
    indexed_at: datetime | None


class DocumentPage(BaseModel):
    """Documents, the newest first; without `next_cursor` they are the last ones."""

    documents: list[DocumentView]
    next_cursor: str | None


class PassageView(BaseModel):
    """A passage; `highlights` are the places of words in `text`, `score` compares within one answer."""

    document_id: str
    space: str
    title: str
    page: int
    page_label: str | None
    text: str
    highlights: list[tuple[int, int]]
    score: float


class Found(BaseModel):
    """A document that was found as a whole."""

    document_id: str
    space: str
    title: str


class SearchAnswer(BaseModel):
    """Passages, the best first; documents if the query has no words; `nearest` if nothing was found."""

    query: str
    passages: list[PassageView]
    documents: list[Found]
    nearest: list[Found]
    notes: list[str]
    more: bool


class Figures(BaseModel):
    """What there is; `size` in bytes."""

    pending: int = 0
    processing: int = 0
    indexed: int = 0
    failed: int = 0
    pages: int = 0
    passages: int = 0
    size: int = 0


class SpaceFigures(Figures):
    """What there is in a space."""

    name: str


class Stats(BaseModel):
    """What there is in all spaces that the key reads, and in each."""

    total: Figures
    spaces: list[SpaceFigures]


class Fault(BaseModel):
    """A place that doesn't fit the description."""

    where: str
    detail: str


class Problem(BaseModel):
    """What is wrong (RFC 9457); `code` is for programs, `detail` for people."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    errors: list[Fault] | None = Field(None, exclude_if=lambda value: value is None)
    document_id: str | None = Field(None, exclude_if=lambda value: value is None)
