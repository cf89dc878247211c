from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.tables import sqlite_in

from bot.database import Database
from bot.documents.searches import Shown
from bot.domain import ChannelId, FileId, Message, Scope, WorkspaceId
from bot.evaluate.votes import read_votes

ONE, OTHER = WorkspaceId("T1"), WorkspaceId("T2")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(sqlite_in(tmp_path), lock_dir=None)
    yield database
    await database.close()


async def vote(
    database: Database, workspace: WorkspaceId, asker: str, query: str, shown: list[str], vote: int | None
) -> None:
    async with database.transaction() as tx:
        name = f"{workspace}{asker}{query}"
        await tx.searches.add(
            id=name, workspace=workspace, asker=asker, query=query,
            surface="command", results=1, elapsed_ms=1, now=1.0,
        )  # fmt: skip
        await tx.searches.showed(
            name, [Shown(document, 1, ordinal) for document in shown for ordinal in (0, 1)], None
        )
        if vote is not None:
            await tx.searches.vote(name, asker=asker, vote=vote)


async def test_votes_on_the_same_question_are_added_up_whoever_asked(database: Database) -> None:
    await vote(database, ONE, "U1", "disk full", ["d1", "d2"], 1)
    await vote(database, ONE, "U2", "Disk  full", ["d1", "d3"], 1)
    await vote(database, ONE, "U3", "disk full ", ["d2", "d3"], -1)
    await vote(database, ONE, "U4", "disk full", ["d4"], None)
    async with database.transaction() as tx:
        votes = await read_votes(tx)
    [question] = votes.questions[ONE]
    assert question.grades == {"d1": 1, "d2": 0, "d3": 0}
    assert (votes.helped, votes.missed) == (2, 1)


async def test_each_workspace_is_asked_in_its_own_channels_alone(database: Database) -> None:
    async with database.transaction() as tx:
        for workspace, channels in ((ONE, ("C1", "C2")), (OTHER, ("C9",))):
            for channel in channels:
                await tx.documents.accept(workspace, FileId("F1"), Message(ChannelId(channel)), now=1.0)
    await vote(database, ONE, "U1", "disk full", ["d1"], 1)
    await vote(database, OTHER, "U1", "disk full", ["d9"], 1)
    async with database.transaction() as tx:
        votes = await read_votes(tx)
    assert votes.scopes == {
        ONE: Scope(ONE, frozenset({ChannelId("C1"), ChannelId("C2")})),
        OTHER: Scope(OTHER, frozenset({ChannelId("C9")})),
    }
    [mine], [theirs] = votes.questions[ONE], votes.questions[OTHER]
    assert (mine.grades, theirs.grades) == ({"d1": 1}, {"d9": 1})
    assert mine.id != theirs.id
