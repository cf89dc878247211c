"""Another model is set: nobody notices but by better answers. The unmodified bot, its folder kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.bot import bot_in
from support.cohere_server import CohereServer
from support.pinecone_server import PineconeServer
from support.slack import ask, shown, verdict
from support.vendor_server import limited

from bot.app import Running
from bot.domain import WorkspaceId
from bot.errors import OperatorError
from bot.playground.server import Playground
from bot.search.retrieve import NOT_YET

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
CO, PC = "cohere", "pinecone"
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "local to cohere": ({}, {CO: 1}, "embed-v4.0-512/512"),
    "cohere to local": ({CO: 1}, {}, LOCAL),
    "float to int8": ({CO: 1}, {CO: 1, "embedding_type": "int8"}, "embed-v4.0-512-int8/512"),
    "another dimension": ({CO: 1}, {CO: 1, "embedding_dimension": 256}, "embed-v4.0-256/256"),
    "local to cohere, at pinecone": ({PC: 1}, {PC: 1, CO: 1}, "embed-v4.0-1024/1024"),
    "another dimension, at pinecone": (
        {PC: 1, CO: 1},
        {PC: 1, CO: 1, "embedding_dimension": 256},
        "embed-v4.0-256/256",
    ),
}
Keys = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture
def keys(cohere: CohereServer, pinecone: PineconeServer) -> Keys:
    """Settings in which `cohere` and `pinecone` stand for the keys and addresses of the doubles."""
    doubles = {
        CO: {"co_api_key": cohere.key, "co_api_url": cohere.url},
        PC: {"pinecone_api_key": pinecone.key, "pinecone_controller_host": pinecone.url},
    }

    def of(values: dict[str, Any]) -> dict[str, Any]:
        given = {name: value for name, value in values.items() if name not in doubles}
        for vendor in doubles.keys() & values.keys():
            given |= doubles[vendor]
        return given

    return of


@dataclass
class Team:
    slack: Playground
    alice: str
    ops: str

    async def share(self, name: str, text: bytes) -> str:
        return (await verdict(self.slack, (await self.slack.share(self.alice, self.ops, name, text)).ts)).text

    async def fm(self, words: str) -> str:
        return shown(await ask(self.slack, self.alice, self.ops, f"/fm {words}"))


@pytest.fixture
async def team(slack: Playground) -> Team:
    alice = slack.add_user("alice")
    return Team(slack, alice, slack.add_channel("ops", members=[alice]))


@pytest.mark.parametrize("change", CHANGES)
async def test_after_a_change_of_the_model_everything_is_found_by_the_new_one(
    team: Team, keys: Keys, tmp_path: Path, change: str
) -> None:
    before, after, label = CHANGES[change]
    async with bot_in(team.slack, tmp_path, **keys(before)):
        await team.share("notes.txt", NOTES)
    async with bot_in(team.slack, tmp_path, **keys(after)) as bot:
        assert "old logs" in await team.fm("search why is the disk full")
        await settled(bot, label)
        answer = await team.fm("search why is the disk full")
        assert await team.share("more.txt", MORE) == 'Indexed "more.txt": 1 page, 1 passage'
        other = await team.fm("search worker restarted")
    assert "old logs" in answer
    assert "queue is empty" in other
    assert WORDS_ONLY not in answer + other


async def test_while_the_new_model_is_away_all_goes_on_as_before_and_is_made_good_later(
    team: Team, keys: Keys, cohere: CohereServer, tmp_path: Path
) -> None:
    async with bot_in(team.slack, tmp_path):
        await team.share("notes.txt", NOTES)
    cohere.fault("/v2/embed", *[limited(0)] * 10_000)
    async with bot_in(team.slack, tmp_path, **keys({CO: 1})) as bot:
        await _postponed(bot)
        answer, status = await team.fm("search why is the disk full"), await team.fm("status")
        while "Cohere asks to slow down" not in status:  # it is trying again just now
            status = await team.fm("status")
        assert await spaces_of(bot) == (LOCAL, frozenset({LOCAL}))
        cohere.heal()
        await settled(bot, "embed-v4.0-512/512")
        assert "prepared for" not in await team.fm("status")
    assert "old logs" in answer
    assert WORDS_ONLY not in answer
    assert "prepared for another search model: 0 % done" in status


async def test_without_the_former_model_searches_are_by_words_until_the_new_one_is_ready(
    team: Team, keys: Keys, pinecone: PineconeServer, tmp_path: Path
) -> None:
    async with bot_in(team.slack, tmp_path, **keys({PC: 1, CO: 1})):
        await team.share("notes.txt", NOTES)
    pinecone.fault("/documents/fetch", *[limited(0)] * 10_000)
    async with bot_in(team.slack, tmp_path, **keys({PC: 1})) as bot:
        await _postponed(bot)
        before = await team.fm("search why is the disk full")
        pinecone.heal()
        await settled(bot, LOCAL)
        after = await team.fm("search why is the disk full")
    assert "old logs" in before
    assert NOT_YET in before
    assert "old logs" in after
    assert WORDS_ONLY not in after


async def test_a_file_shared_meanwhile_is_found_at_once_and_after_the_switch(
    team: Team, keys: Keys, pinecone: PineconeServer, tmp_path: Path
) -> None:
    async with bot_in(team.slack, tmp_path, **keys({PC: 1})):
        await team.share("notes.txt", NOTES)
    async with bot_in(team.slack, tmp_path, **keys({PC: 1, CO: 1})) as bot:
        pinecone.fault("/documents/fetch", *[limited(0)] * 3)
        await team.share("more.txt", MORE)
        assert "queue is empty" in await team.fm("search worker restarted")
        await settled(bot, "embed-v4.0-1024/1024")
        assert "queue is empty" in await team.fm("search worker restarted")
        assert "old logs" in await team.fm("search disk full")
        held = await bot.core.index.inventory(WorkspaceId(team.slack.workspace.team_id))
    assert [(one.chunks, one.strays) for one in held.values()] == [(1, 0), (1, 0)]


async def test_whoever_changes_their_mind_half_way_has_what_was_before(
    team: Team, keys: Keys, cohere: CohereServer, tmp_path: Path
) -> None:
    async with bot_in(team.slack, tmp_path):
        await team.share("notes.txt", NOTES)
        await team.share("more.txt", MORE)
    cohere.fault("/v2/embed", *[limited(0)] * 10_000)
    async with bot_in(team.slack, tmp_path, **keys({CO: 1})) as bot:
        await _postponed(bot)
    async with bot_in(team.slack, tmp_path) as bot:
        await settled(bot, LOCAL)
        answer = await team.fm("search why is the disk full")
    assert "old logs" in answer
    assert WORDS_ONLY not in answer


async def test_an_index_at_an_address_of_its_own_cannot_change_and_the_start_says_so(
    team: Team, keys: Keys, pinecone: PineconeServer, tmp_path: Path
) -> None:
    async with bot_in(team.slack, tmp_path, **keys({PC: 1})):
        await team.share("notes.txt", NOTES)
    host = keys({PC: 1, CO: 1}) | {"pinecone_index_host": pinecone.host("faultmaven")}
    with pytest.raises(OperatorError, match="PINECONE_INDEX_HOST"):
        async with bot_in(team.slack, tmp_path, **host):
            pass


async def _postponed(bot: Running) -> None:
    """Wait until re-embedding has failed once."""
    async with asyncio.timeout(10):
        while True:
            async with bot.core.database.transaction() as tx:
                if [row for row in await tx.reembeddings.all() if row.error]:
                    return
            await asyncio.sleep(0.02)
