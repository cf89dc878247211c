"""Upload: a request's body → a file in the spool, bounded in size, parts and time."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Awaitable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeVar

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import BadHttpMessage
from pydantic import ValidationError

from bot.domain import SpooledFile
from bot.web.api.models import MAX_TITLE_CHARS, UploadForm
from bot.web.api.problems import ApiProblem, invalid
from bot.web.api.services import Services, Spool

T = TypeVar("T")

MULTIPART = "multipart/form-data"
PIECE_BYTES = 256 * 1024
MAX_PARTS = 8
MAX_FIELD_BYTES = 4 * 1024
AROUND_BYTES = 64 * 1024
"""What a body may hold besides the file: boundaries, headers, fields."""
PLAIN = {"", "binary", "8bit", "7bit"}
FOLDERS = re.compile(r"[/\\]")
MIMETYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,100}")


@dataclass(frozen=True, slots=True)
class Received:
    """An upload as it came. Whoever receives it deletes the spooled file."""

    space: str
    title: str
    name: str
    mimetype: str
    file: SpooledFile


@dataclass(slots=True)
class _Parts:
    fields: dict[str, str] = field(default_factory=dict)
    name: str | None = None
    mimetype: str = ""


async def receive(request: web.Request, services: Services) -> Received:
    """Read an upload. Raises ApiProblem, FileRejected (too large); leaves nothing behind when it raises."""
    if request.content_type != MULTIPART or "boundary" not in request.headers.get("Content-Type", ""):
        raise _unsupported(f"Send {MULTIPART}.")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _unsupported("Send it as it is: no Content-Encoding is taken.")
    if (request.content_length or 0) > services.max_file_bytes + AROUND_BYTES:
        raise ApiProblem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "too_large",
            f"The limit is {services.max_file_bytes // (1024 * 1024)} MB a file.",
        )
    spool = await asyncio.to_thread(services.open_spool)
    try:
        parts = await _read(request, spool, services.receive_s)
        form = _checked(parts, spool)
        file = await asyncio.to_thread(spool.finish)
    except (ValueError, BadHttpMessage, web.HTTPException, UnicodeDecodeError) as error:
        raise _malformed("The body is no well-formed multipart/form-data.") from error
    finally:
        await asyncio.to_thread(spool.discard)
    name = parts.name or ""
    return Received(form.space, form.title.strip() or name, name, parts.mimetype, file)


async def _read(request: web.Request, spool: Spool, receive_s: float) -> _Parts:
    """Every part; the file's bytes go into the spool as they come."""
    parts, reader = _Parts(), await request.multipart()
    for _ in range(MAX_PARTS + 1):
        part = await _in_time(reader.next(), receive_s)
        if part is None:
            return parts
        if isinstance(part, MultipartReader):
            raise _malformed("A part may not have parts of its own.")
        if part.headers.get("Content-Transfer-Encoding", "").lower() not in PLAIN or part.headers.get(
            "Content-Encoding"
        ):
            raise _unsupported("Send parts as they are: no encoding of theirs is taken.")
        if part.name == "file":
            if parts.name is not None:
                raise _malformed("Send one file at a time.")
            parts.name, parts.mimetype = file_name(part.filename or ""), _mimetype(part)
            while piece := await _in_time(part.read_chunk(PIECE_BYTES), receive_s):
                spool.write(piece)
        else:
            await _read_field(part, parts, receive_s)
    raise _malformed(f"At most {MAX_PARTS} parts are taken.")


async def _read_field(part: BodyPartReader, parts: _Parts, receive_s: float) -> None:
    if part.name is None or part.name in parts.fields or len(part.name) > MAX_TITLE_CHARS:
        raise _malformed("Each part needs a name of its own.")
    value = b""
    while piece := await _in_time(part.read_chunk(MAX_FIELD_BYTES), receive_s):
        value += piece
        if len(value) > MAX_FIELD_BYTES:
            raise _malformed(f"A field has at most {MAX_FIELD_BYTES} bytes.")
    parts.fields[part.name] = value.decode()


def _checked(parts: _Parts, spool: Spool) -> UploadForm:
    """The fields, as the API describes them; that there is a file, that it has a name and is not empty."""
    fields = {name: _printable(value) for name, value in parts.fields.items()}
    present = {} if parts.name is None else {"file": b""}
    try:
        form = UploadForm.model_validate(fields | present)
    except ValidationError as error:
        raise invalid(error) from error
    if not parts.name:
        raise _unusable("no_name", "The file needs a `filename`.")
    if not spool.size:
        raise _unusable("empty", "The file is empty.")
    return form


def file_name(sent: str) -> str:
    """A file's name without folders, control characters and surrounding spaces; "" if nothing is left."""
    name = _printable(FOLDERS.split(sent)[-1])[-MAX_TITLE_CHARS:]
    return "" if name in {".", ".."} else name


def _printable(text: str) -> str:
    return "".join(
        character for character in text if unicodedata.category(character) not in {"Cc", "Cf", "Cs"}
    ).strip()


def _mimetype(part: BodyPartReader) -> str:
    declared = part.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return declared if MIMETYPE.fullmatch(declared) else ""


async def _in_time(coming: Awaitable[T], receive_s: float) -> T:
    try:
        async with asyncio.timeout(receive_s):
            return await coming
    except TimeoutError:
        raise ApiProblem(
            HTTPStatus.REQUEST_TIMEOUT,
            "too_slow",
            f"Nothing came for {receive_s:.0f} seconds.",
            headers={"Connection": "close"},
        ) from None


def _malformed(detail: str) -> ApiProblem:
    return ApiProblem(HTTPStatus.BAD_REQUEST, "malformed", detail)


def _unsupported(detail: str) -> ApiProblem:
    return ApiProblem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)


def _unusable(code: str, detail: str) -> ApiProblem:
    return ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, code, detail)
