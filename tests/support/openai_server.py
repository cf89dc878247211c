"""A strict double of a server that speaks OpenAI's chat completions, streamed, as Ollama and vLLM do."""

from __future__ import annotations

import json
import uuid
from typing import Any

from aiohttp import web

from support.chat_model import Behaviour, Excerpt, event_stream, is_text, travelling
from support.vendor_server import Refused, VendorServer, require

FIELDS = {"model", "messages", "stream", "temperature", "max_tokens", "top_p", "stop", "seed"}
ROLES = {"system", "user", "assistant"}


class OpenAIServer(VendorServer):
    """Knows one model; `behaviour` is how it answers."""

    def __init__(self, key: str | None = "chat-test-key", model: str = "llama-test") -> None:
        super().__init__()
        self.key = key
        self.model = model
        self.behaviour = Behaviour()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        require(request.path == "/v1/chat/completions" and request.method == "POST", "not found", 404)
        wanted = f"Bearer {self.key}" if self.key else "Bearer none"
        require(request.headers.get("Authorization") == wanted, "incorrect API key", 401)
        body = await self.body_of(request)
        _check(body, self.model)
        excerpts, question = _asked(body["messages"][-1]["content"])
        words = self.behaviour.model(question, excerpts)
        return await self._stream(request, words)

    def refusal(self, refused: Refused) -> web.StreamResponse:
        body = {"error": {"message": refused.message, "type": "invalid_request_error"}}
        return web.json_response(body, status=refused.status)

    async def _stream(self, request: web.Request, words: str) -> web.StreamResponse:
        response = await event_stream(request)
        for line in self.behaviour.raw:
            await response.write(f"{line}\n\n".encode())
        await self._chunk(response, {"role": "assistant", "content": ""})
        async for piece in travelling(self.behaviour, words, request, self._closing):
            await self._chunk(response, {"content": piece})
        if request.transport is None or request.transport.is_closing():
            return response
        await self._chunk(response, {}, self.behaviour.finish or "stop")
        await response.write(b"data: [DONE]\n\n")
        return response

    async def _chunk(
        self, response: web.StreamResponse, delta: dict[str, Any], finish: str | None = None
    ) -> None:
        chunk = {
            "id": f"chatcmpl-{uuid.uuid4().hex}",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": self.model,
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }
        await response.write(f"data: {json.dumps(chunk)}\n\n".encode())


def _check(body: dict[str, Any], model: str) -> None:
    unknown = sorted(set(body) - FIELDS)
    require(not unknown, f"unknown fields: {unknown}")
    require(body.get("model") == model, "the model does not exist", 404)
    require(body.get("stream") is True, "this double only streams")
    tokens = body.get("max_tokens", 1)
    require(isinstance(tokens, int) and tokens > 0, "max_tokens must be positive")
    messages: Any = body.get("messages")
    require(isinstance(messages, list) and messages, "messages must not be empty")
    for message in messages:
        require(set(message) == {"role", "content"}, "a message has a role and a content")
        require(message["role"] in ROLES and is_text(message["content"]), "unknown role, or no content")
    require(messages[-1]["role"] == "user", "the last message must be the user's")


def _asked(content: str) -> tuple[list[Excerpt], str]:
    """The excerpts, a JSON object a line, and the question."""
    lines = content.split("\n")
    found = [json.loads(line) for line in lines if line.startswith('{"number"')]
    excerpts = [Excerpt(one["number"], one["title"], one["text"]) for one in found]
    return excerpts, content.rsplit("The question: ", 1)[-1]
