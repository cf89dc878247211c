"""Another model is set: nobody notices but by better answers. The unmodified bot, its folder kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from support.bot import bot_in
from support.cohere_server import CohereServer
from support.pinecone_server import PineconeServer
from support.slack import ask, shown, verdict

from bot.app import Running
from bot.playground.server import Playground

NOTES = b"the disk is full because old logs are kept for ever\n"
MORE = b"the queue is empty since the worker was restarted\n"
WORDS_ONLY = "by words only"


@pytest.fixture
async def slack() -> AsyncIterator[Playground]:
    async with Playground.serve() as playground:
        yield playground


@pytest.fixture
async def cohere() -> AsyncIterator[CohereServer]:
    async with CohereServer() as server:
        yield server


@pytest.fixture
async def pinecone() -> AsyncIterator[PineconeServer]:
    async with PineconeServer(lag=1) as server:
        yield server


def cohere_keys(cohere: CohereServer) -> dict[str, Any]:
    return {"co_api_key": cohere.key, "co_api_url": cohere.url}


async def spaces_of(bot: Running) -> tuple[str | None, frozenset[str]]:
    """Which space searches use, and in which there are vectors."""
    async with bot.core.database.transaction() as tx:
        noted = await tx.reembeddings.spaces()
    (team,) = noted
    return noted[team], await bot.core.index.spaces(team)


async def settled(bot: Running, label: str) -> None:
    """Wait until only vectors of that space are left, and nothing remains to do."""
    async with asyncio.timeout(10):
        while True:
            async with bot.core.database.transaction() as tx:
                rows = await tx.reembeddings.all()
            if not rows and await spaces_of(bot) == (label, frozenset({label})):
                return
            await asyncio.sleep(0.02)


LOCAL = "wordllama-256/256"
EMBEDDED = {
    "local to cohere": ({}, {"cohere": True}, "embed-v4.0-512/512"),
    "cohere to local": ({"cohere": True}, {}, LOCAL),
    "float to int8": (
        {"cohere": True},
        {"cohere": True, "embedding_type": "int8"},
        "embed-v4.0-512-int8/512",
    ),
    "another dimension": (
        {"cohere": True},
        {"cohere": True, "embedding_dimension": 256},
        "embed-v4.0-256/256",
    ),
}


@pytest.mark.parametrize("change", EMBEDDED)
@pytest.mark.parametrize("where", ["embedded", "pinecone"])
async def test_after_a_change_of_the_model_everything_is_found_by_the_new_one(
    slack: Playground, cohere: CohereServer, pinecone: PineconeServer, tmp_path: Path, where: str, change: str
) -> None:
    before, after, label = EMBEDDED[change]
    if where == "pinecone" and change == "another dimension":
        before = before | {"embedding_dimension": 512}
    if where == "pinecone":
        label = label.replace("512", "1024")

    def keys(values: dict[str, Any]) -> dict[str, Any]:
        given = {name: value for name, value in values.items() if name != "cohere"}
        given |= cohere_keys(cohere) if values.get("cohere") else {}
        if where == "pinecone":
            given |= {"pinecone_api_key": pinecone.key, "pinecone_controller_host": pinecone.url}
        return given

    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, tmp_path, **keys(before)):
        await verdict(slack, (await slack.share(alice, ops, "notes.txt", NOTES)).ts)
    async with bot_in(slack, tmp_path, **keys(after)) as bot:
        assert "old logs" in shown(await ask(slack, alice, ops, "/fm search why is the disk full"))
        await settled(bot, label)
        answer = shown(await ask(slack, alice, ops, "/fm search why is the disk full"))
        await verdict(slack, (await slack.share(alice, ops, "more.txt", MORE)).ts)
        other = shown(await ask(slack, alice, ops, "/fm search worker restarted"))
    assert "old logs" in answer
    assert "queue is empty" in other
    assert WORDS_ONLY not in answer + other
