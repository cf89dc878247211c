"""Cohere's chat, v2, streamed: which requests it takes, and the events it sends."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

from aiohttp import web

from support.chat_model import Behaviour, Excerpt, event_stream, is_text, travelling, without_marks
from support.vendor_server import require

MODELS = {"command-a-plus-05-2026", "command-a-03-2025", "command-r7b-12-2024"}
FIELDS = {"model", "messages", "documents", "citation_options", "max_tokens", "temperature", "stream"}
ROLES = {"system", "user", "assistant"}
MODES = {"ENABLED", "DISABLED", "FAST", "ACCURATE", "OFF"}


async def stream_chat(
    request: web.Request, body: dict[str, Any], behaviour: Behaviour, closing: asyncio.Event
) -> web.StreamResponse:
    excerpts = _checked(body)
    words, spans = without_marks(behaviour.model(body["messages"][-1]["content"], list(excerpts.values())))
    ids = {one.number: name for name, one in excerpts.items()}
    response = await event_stream(request)
    for line in behaviour.raw:
        await response.write(f"{line}\n\n".encode())
    await _send(response, "message-start", id=uuid.uuid4().hex, delta={"message": {"role": "assistant"}})
    await _send(response, "content-start", index=0, delta=_content(type="text", text=""))
    place, waiting = 0, list(enumerate(spans))
    async for piece in travelling(behaviour, words, request, closing):
        await _send(response, "content-delta", index=0, delta=_content(text=piece))
        place += len(piece)
        while not behaviour.late and waiting and waiting[0][1][1] <= place:
            await _cite(response, *waiting.pop(0), words, ids)
    if request.transport is None or request.transport.is_closing():
        return response
    for index, span in waiting:
        await _cite(response, index, span, words, ids)
    await _send(response, "content-end", index=0)
    usage = {"billed_units": {"input_tokens": 1, "output_tokens": 1}}
    await _send(
        response, "message-end", delta={"finish_reason": behaviour.finish or "COMPLETE", "usage": usage}
    )
    await response.write(b"data: [DONE]\n\n")
    return response


def _checked(body: dict[str, Any]) -> dict[str, Excerpt]:
    """The documents by id, numbered in order. Refuses what Cohere would refuse."""
    unknown = sorted(set(body) - FIELDS)
    require(not unknown, f"unknown field: {unknown}", 422)
    require(body.get("model") in MODELS, f"model '{body.get('model')}' not found", 404)
    require(body.get("stream") is True, "this double only streams")
    messages: Any = body.get("messages")
    require(isinstance(messages, list) and messages, "messages must not be empty")
    for message in messages:
        require(message.get("role") in ROLES, "unknown role", 422)
        require(is_text(message.get("content")), "a message must have content")
    require(messages[-1]["role"] == "user", "the last message must be the user's")
    tokens = body.get("max_tokens", 1)
    require(isinstance(tokens, int) and tokens > 0, "max_tokens must be positive")
    options = body.get("citation_options", {"mode": "ENABLED"})
    require(isinstance(options, dict) and options.get("mode") in MODES, "unknown citation mode", 422)
    documents: Any = body.get("documents", [])
    require(isinstance(documents, list), "documents must be an array", 422)
    for document in documents:
        require(isinstance(document, dict) and set(document) <= {"id", "data"}, "unknown document field", 422)
        require(is_text(document.get("id")), "a document must have an id", 422)
        data = document.get("data")
        require(isinstance(data, dict) and data, "a document must have data")
        require(all(isinstance(value, str) for value in data.values()), "data must be strings", 422)
    return {
        one["id"]: Excerpt(number, one["data"].get("title", ""), one["data"].get("text", ""))
        for number, one in enumerate(documents, start=1)
    }


async def _cite(
    response: web.StreamResponse,
    index: int,
    span: tuple[int, int, list[int]],
    words: str,
    ids: dict[int, str],
) -> None:
    start, end, numbers = span
    sources = [
        {"type": "document", "id": ids.get(number, f"excerpt-{number}"), "document": {"id": "x"}}
        for number in numbers
    ]
    citation = {"start": start, "end": end, "text": words[start:end], "sources": sources}
    await _send(
        response,
        "citation-start",
        index=index,
        delta={"message": {"citations": citation | {"type": "TEXT_CONTENT"}}},
    )
    await _send(response, "citation-end", index=index)


def _content(**content: str) -> dict[str, Any]:
    return {"message": {"content": content}}


async def _send(response: web.StreamResponse, kind: str, **values: Any) -> None:  # noqa: ANN401  # JSON
    data = json.dumps({"type": kind} | values)
    await response.write(f"event: {kind}\ndata: {data}\n\n".encode())
