"""Store: an upload → a document that waits to be indexed. What was answered is neither lost nor doubled."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from aiohttp import web

from bot.documents.knowledge_tables import Upload
from bot.documents.uploads import Begun
from bot.domain import (
    API_WORKSPACE,
    NO_MESSAGE_TS,
    UNDER_WAY,
    ChannelId,
    DocumentId,
    FileId,
    Message,
    Status,
    UserId,
)
from bot.web.api.calls import Call
from bot.web.api.documents import no_space, one
from bot.web.api.models import UploadQuery
from bot.web.api.operations import DOCUMENTS, IDEMPOTENCY_KEY
from bot.web.api.problems import CONTENT_TYPE, ApiProblem
from bot.web.api.upload import Received, receive
from bot.web.api.views import document_view

PIECE_BYTES = 1024 * 1024
"""Of one transaction: others have their turn in between."""
RETRY_AFTER = "2"


async def upload_document(call: Call) -> web.Response:
    """Receive a file, keep it, have it indexed; with `wait`, answer when it is."""
    name = call.request.headers.get("Idempotency-Key")
    if name is not None and not re.fullmatch(IDEMPOTENCY_KEY, name):
        raise ApiProblem(
            HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "An Idempotency-Key has 1 to 255 signs of ASCII."
        )
    with call.services.limits.uploading(call.key.id):
        received = await receive(call.request, call.services)
        try:
            return await _store(call, received, name)
        finally:
            await asyncio.to_thread(received.file.path.unlink, missing_ok=True)


async def _store(call: Call, received: Received, name: str | None) -> web.Response:
    space = call.key.space(received.space)
    if space is None:
        raise no_space(received.space)
    begun = await _begun(call, received, name)
    if begun.status is not None and begun.answer is not None:
        return _response(begun.status, begun.answer, again=True)
    document_id = await _kept(call, received, begun.file_id, space)
    status, body = await _verdict(call, document_id)
    if name is not None:
        async with call.services.transaction() as tx:
            await tx.uploads.answered(call.key.id, name, status, body)
    return _response(status, body)


async def _begun(call: Call, received: Received, name: str | None) -> Begun:
    """The upload as it came first, if it was named. Raises ApiProblem where another one had that name."""
    fingerprint, file_id = _fingerprint(received), FileId(uuid.uuid4().hex)
    if name is None:
        return Begun(file_id, fingerprint, None, None)
    async with call.services.transaction() as tx:
        begun = await tx.uploads.begin(call.key.id, name, fingerprint, file_id, now=call.services.clock())
    if begun.fingerprint != fingerprint:
        raise ApiProblem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "That Idempotency-Key came with another upload before.",
        )
    return begun


async def _kept(call: Call, received: Received, file_id: FileId, space: ChannelId) -> DocumentId:
    """Commit the bytes, then the document: until then it is as if nothing had come. Repeatable."""
    services, key_id = call.services, call.key.id
    upload = Upload(
        file_id=file_id,
        space_id=space,
        key_id=key_id,
        title=received.title,
        name=received.name,
        mimetype=received.mimetype,
        size=received.file.size,
        created_at=services.clock(),
    )
    async with services.transaction() as tx:
        await tx.uploads.add(upload)
    with await asyncio.to_thread(received.file.path.open, "rb") as file:
        ordinal = 0
        while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
            async with services.transaction() as tx:
                await tx.uploads.add_piece(file_id, ordinal, piece)
            ordinal += 1
    accepted = await services.ingest.accept(
        API_WORKSPACE, file_id, Message(space, NO_MESSAGE_TS, shared_by=UserId(key_id))
    )
    async with services.transaction() as tx:
        await tx.uploads.introduce(accepted.document_id, upload, now=services.clock())
    return accepted.document_id


async def _verdict(call: Call, document_id: DocumentId) -> tuple[int, dict[str, Any]]:
    """Status and body of the answer: the document as it is now or, waited for, once it has its verdict."""
    loop = asyncio.get_running_loop()
    until = loop.time() + (call.services.wait_s if call.query_as(UploadQuery).wait == "true" else 0)
    document, space = await one(call, document_id)
    while document.status in UNDER_WAY and await call.services.changes.next(document_id, until - loop.time()):
        document, space = await one(call, document_id)
    view = document_view(document, space)
    if view.status is Status.FAILED:
        reason = view.error.detail if view.error else "it could not be read"
        problem = ApiProblem(
            HTTPStatus.UNPROCESSABLE_ENTITY, "not_indexed", f"{reason}.", document_id=view.id
        ).problem
        return problem.status, problem.model_dump(mode="json")
    indexed = view.status is Status.INDEXED
    return HTTPStatus.CREATED if indexed else HTTPStatus.ACCEPTED, view.model_dump(mode="json")


def _response(status: int, body: dict[str, Any], *, again: bool = False) -> web.Response:
    """The answer; given `again`, it says so."""
    failed = status == HTTPStatus.UNPROCESSABLE_ENTITY
    headers = {"Location": f"/v1{DOCUMENTS}/{body['document_id' if failed else 'id']}"}
    if status == HTTPStatus.ACCEPTED:
        headers["Retry-After"] = RETRY_AFTER
    if again:
        headers["Idempotency-Replayed"] = "true"
    kind = CONTENT_TYPE if failed else "application/json"
    return web.Response(status=status, text=json.dumps(body), content_type=kind, headers=headers)


def _fingerprint(received: Received) -> str:
    said = [received.space, received.title, received.name, received.mimetype, received.file.content_hash]
    return sha256(json.dumps(said).encode()).hexdigest()
