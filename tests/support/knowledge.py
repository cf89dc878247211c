"""The HTTP API as its clients use it: a key, and requests in its name."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import aiohttp

from bot.app import Running
from bot.database import Database
from bot.domain import ApiKey, Right
from bot.web.api.keys import new_key

ALL = tuple(Right)
DEADLINE_S = 20.0


@dataclass(frozen=True)
class Answer:
    """What came back: `json` is None where the body is empty."""

    status: int
    headers: Any
    json: Any


@dataclass
class Api:
    """Somebody who holds a key."""

    session: aiohttp.ClientSession
    key: str

    async def ask(self, method: str, path: str, **more: Any) -> Answer:  # noqa: ANN401  # aiohttp's own
        headers = {"Authorization": f"Bearer {self.key}"} | more.pop("headers", {})
        async with self.session.request(method, f"/v1{path}", headers=headers, **more) as response:
            text = await response.text()
            if response.status >= 400:
                assert response.content_type == "application/problem+json", text
                assert {"type", "title", "status", "code", "detail"} <= json.loads(text).keys()
                assert json.loads(text)["status"] == response.status
            return Answer(response.status, response.headers, json.loads(text) if text else None)

    async def get(self, path: str, **query: str) -> Answer:
        return await self.ask("GET", path, params=query)

    async def upload(
        self,
        space: str,
        name: str,
        content: bytes,
        *,
        wait: bool = True,
        again: str = "",
        title: str = "",
    ) -> Answer:
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("space", space)
        if title:
            form.add_field("title", title)
        form.add_field("file", BytesIO(content), filename=name, content_type="text/plain")
        headers = {"Idempotency-Key": again} if again else {}
        query = "?wait=true" if wait else ""
        return await self.ask("POST", f"/knowledge/documents{query}", data=form, headers=headers)

    async def titles(self, **query: str) -> list[str]:
        answer = await self.get("/knowledge/documents", **query)
        assert answer.status == 200, answer
        return [document["title"] for document in answer.json["documents"]]

    async def found(self, words: str) -> list[str]:
        """The titles of the passages that a search finds."""
        answer = await self.ask("POST", "/knowledge/search", json={"query": words})
        assert answer.status == 200, answer
        return [passage["title"] for passage in answer.json["passages"]]

    async def until_indexed(self, document_id: str) -> Answer:
        """As a client polls."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                answer = await self.get(f"/knowledge/documents/{document_id}")
                if answer.json["status"] not in {"pending", "processing"}:
                    return answer
                await asyncio.sleep(0.05)


async def make_key(
    bot: Running, *spaces: str, rights: Sequence[Right] = ALL, expires_in_s: float = 3600.0
) -> str:
    """A key as the command line makes one, while the bot runs."""
    return await make_key_in(bot.core.database, *spaces, rights=rights, expires_in_s=expires_in_s)


async def make_key_in(
    database: Database, *spaces: str, rights: Sequence[Right] = ALL, expires_in_s: float = 3600.0
) -> str:
    """The same in a database."""
    key_id, key, key_hash = new_key()
    now = time.time()
    made = ApiKey(key_id, "a test", frozenset(rights), now, now + expires_in_s)
    async with database.transaction() as tx:
        await tx.api_keys.add(made, key_hash, spaces)
    return key


@asynccontextmanager
async def clients(bot: Running, *keys: str) -> AsyncIterator[list[Api]]:
    """Clients with these keys."""
    async with aiohttp.ClientSession(bot.url) as session:
        yield [Api(session, key) for key in keys]
