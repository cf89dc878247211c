"""Cohere and Pinecone failing in each of their ways at each of their calls: nothing is lost, nobody is left
without an answer or a sentence, and when they are back every file is indexed.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from support.bot import HURRY, settings_for
from support.cohere_server import CohereServer
from support.pinecone_server import PineconeServer
from support.slack import ask, shown
from support.vendor_server import CUT, HANG, Fault, VendorServer, limited

from bot.app import Running, running
from bot.documents.tables import Document
from bot.domain import FileId, Status, WorkspaceId
from bot.errors import SettingError
from bot.ingest.upkeep import Upkeep
from bot.playground.server import Playground
from bot.providers.deadlines import Deadlines
from bot.search.rerank import UNRANKED
from bot.search.retrieve import WORDS_ONLY

BRIEF = Deadlines(
    question_s=0.6, rerank_s=0.6, search_s=0.8, documents_s=0.8, read_s=0.8, write_s=0.8, connect_s=0.8,
    attempt_s=0.5, backoff_s=0.01, pause_s=0.05, open_s=0.3,
)  # fmt: skip  # a list
PACE = replace(HURRY, vendors=BRIEF, job_patience=0.002)
FAULTS = {
    "429 that says how long": limited(0.05),
    "429 that doesn't": limited(None),
    "500": Fault(500),
    "cut": CUT,
    "slow": HANG,
    "html": Fault(200, "<html>a gateway</html>"),
    "wrong json": Fault(200, '{"status": ["nonsense"], "embeddings": 7, "results": {}, "matches": 1}'),
    "401": Fault(401, '{"message": "no"}'),
    "403": Fault(403, '{"message": "no"}'),
}
FOR_EVER = 10_000
REFUSED = {"401", "403"}


async def eventually(happens: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(15):
        while not await happens():  # noqa: ASYNC110  # what happens elsewhere sets no event here
            await asyncio.sleep(0.05)


@dataclass
class World:
    slack: Playground
    bot: Running
    cohere: CohereServer
    pinecone: PineconeServer
    alice: str
    ops: str
    numbers: itertools.count[int]

    def server_of(self, path: str) -> VendorServer:
        return self.cohere if path.startswith("/v2") else self.pinecone

    async def share(self) -> tuple[str, str]:
        """A file of one rare word: its name and the word."""
        number = next(self.numbers)
        name, word = f"notes-{number}.txt", f"zebra{number}"
        await self.slack.share(self.alice, self.ops, name, f"the {word} is full\n".encode())
        return name, word

    async def document(self, name: str) -> Document | None:
        team = WorkspaceId(self.slack.workspace.team_id)
        files = [key for key, file in self.slack.workspace.files.items() if file.name == name]
        async with self.bot.core.database.transaction() as tx:
            return await tx.documents.find(team, FileId(files[0])) if files else None

    async def until(self, name: str, holds: Callable[[Document], bool]) -> Document:
        async with asyncio.timeout(15):
            while (document := await self.document(name)) is None or not holds(document):  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.04)
            return document

    async def search(self, word: str) -> str:
        return shown(await ask(self.slack, self.alice, self.ops, f"/fm search {word}"))

    async def found(self, word: str) -> None:
        async def is_found() -> bool:
            return f"the {word} is full" in await self.search(word)

        await eventually(is_found)


@asynccontextmanager
async def world(
    folder: Path, before: Callable[[PineconeServer], None] = lambda _: None
) -> AsyncIterator[World]:
    async with Playground.serve() as slack, CohereServer() as cohere, PineconeServer(lag=1) as pinecone:
        before(pinecone)
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", members=[alice])
        settings = settings_for(
            slack, folder, co_api_key=cohere.key, co_api_url=cohere.url, co_chat_model="off",
            pinecone_api_key=pinecone.key, pinecone_controller_host=pinecone.url,
        )  # fmt: skip  # settings
        async with running(settings, pace=PACE) as bot:
            await slack.until(lambda: slack.connected)
            yield World(slack, bot, cohere, pinecone, alice, ops, itertools.count())


WAY = ("/indexes/faultmaven", "/v2/embed", "/documents/fetch", "/documents/upsert", "/documents/update")
"""Of a file, with a search in the end, whether it can be found."""


def stopped(server: VendorServer, waits: int) -> Callable[[Document], bool]:
    """Whether a file waits once more. Some calls are repeated by their caller, until they come through."""
    asked = server.requests
    return lambda document: document.waits > waits or server.requests > asked + 8


async def a_file_waits_at_each_call_and_is_indexed(here: World, way: Sequence[str], fault: Fault) -> str:
    """The word to find it by. It was shared while all failed; what fails is mended call by call."""
    for path in way:
        here.server_of(path).fault(path, *[fault] * FOR_EVER)
    name, word = await here.share()
    for path in way:
        server = here.server_of(path)
        waits = (await here.until(name, lambda _: True)).waits
        waiting = await here.until(name, stopped(server, waits))
        assert waiting.status in {Status.PENDING, Status.PROCESSING}
        server.heal(path)
    indexed = await here.until(name, lambda document: document.status == Status.INDEXED)
    assert (indexed.attempts, indexed.chunks) == (1, 1), "an outage is no attempt"
    await here.found(word)
    return word


async def a_question_is_answered_all_the_same(here: World, word: str, fault: Fault) -> None:
    for path in ("/v2/embed", "/v2/rerank"):
        here.cohere.fault(path, *[fault] * FOR_EVER)
    for _ in range(2):
        answer = await here.search(word)
        assert f"the {word} is full" in answer
        assert WORDS_ONLY in answer
        assert UNRANKED in answer
    here.cohere.heal()

    async def as_usual() -> bool:
        answer = await here.search(word)
        return WORDS_ONLY not in answer and UNRANKED not in answer

    await eventually(as_usual)


async def a_question_without_the_index_gets_a_sentence(here: World, word: str, fault: Fault) -> None:
    here.pinecone.fault("/documents/search", *[fault] * FOR_EVER)
    answer = await here.search(word)
    assert f"the {word} is full" not in answer
    assert "Pinecone" in answer
    here.pinecone.heal()
    await here.found(word)


async def a_deleted_file_is_gone_at_once(here: World, word: str, fault: Fault) -> None:
    [file_id] = here.slack.workspace.files
    here.pinecone.fault("/documents/delete", *[fault] * FOR_EVER)
    await here.slack.delete_file(file_id)
    document = await here.until("notes-0.txt", lambda one: one.tombstoned_at is not None)
    assert f"the {word} is full" not in await here.search(word)
    here.pinecone.heal()

    async def gone() -> bool:  # what is left over, the hourly comparison removes
        await Upkeep(here.bot.core.ingest, purge_after_s=1e9).reconcile()
        return document.id not in await here.bot.core.index.inventory(WorkspaceId(document.workspace_id))

    await eventually(gone)


def control_plane(fault: Fault) -> Callable[[PineconeServer], None]:
    return lambda pinecone: pinecone.fault("/indexes/faultmaven", *[fault] * FOR_EVER)


@pytest.mark.parametrize("kind", FAULTS)
async def test_whatever_a_vendor_does_wrong_at_whatever_call_all_ends_well(tmp_path: Path, kind: str) -> None:
    fault = FAULTS[kind]
    way = [*WAY[kind in REFUSED :], "/documents/search"]  # a wrong key ends the start: see below
    async with world(tmp_path, (lambda _: None) if kind in REFUSED else control_plane(fault)) as here:
        word = await a_file_waits_at_each_call_and_is_indexed(here, way, fault)
        await a_question_is_answered_all_the_same(here, word, fault)
        await a_question_without_the_index_gets_a_sentence(here, word, fault)
        await a_deleted_file_is_gone_at_once(here, word, fault)


@pytest.mark.parametrize("kind", sorted(REFUSED))
async def test_a_key_that_pinecone_rejects_is_told_at_the_start(tmp_path: Path, kind: str) -> None:
    with pytest.raises(SettingError, match="PINECONE_API_KEY"):
        async with world(tmp_path, control_plane(FAULTS[kind])):
            pass
