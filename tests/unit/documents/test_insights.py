from __future__ import annotations

import uuid

from bot.database import Database
from bot.documents.insights import Asked
from bot.documents.repository import Repositories
from bot.domain import WorkspaceId

T1, T2 = WorkspaceId("T1"), WorkspaceId("T2")


async def searched(
    tx: Repositories,
    query: str,
    results: int,
    *,
    vote: int = 0,
    workspace: WorkspaceId = T1,
    now: float = 9.0,
) -> None:
    search_id = uuid.uuid4().hex
    await tx.searches.add(
        id=search_id,
        workspace=workspace,
        asker="U1",
        query=query,
        surface="command",
        results=results,
        elapsed_ms=1.0,
        now=now,
    )
    if vote:
        await tx.searches.vote(search_id, asker="U1", vote=vote)


async def test_insights_count_what_was_asked_in_vain_however_it_was_written(database: Database) -> None:
    async with database.transaction() as tx:
        for query, results in (("vpn", 0), ("VPN ", 0), ("the printer", 0), ("failover", 3)):
            await searched(tx, query, results)
        found = await tx.insights.insights(T1, since=0.0, limit=9)
    assert (found.searches, found.found_nothing) == (4, 3)
    assert [(asked.query.strip().lower(), asked.times) for asked in found.in_vain] == [
        ("vpn", 2),
        ("the printer", 1),
    ]


async def test_insights_count_votes(database: Database) -> None:
    async with database.transaction() as tx:
        await searched(tx, "failover", 3, vote=1)
        await searched(tx, "holidays", 3, vote=-1)
        found = await tx.insights.insights(T1, since=0.0, limit=9)
    assert (found.voted_up, found.voted_down) == (1, 1)
    assert found.unhelpful == (Asked("holidays", 1),)


async def test_insights_are_of_one_workspace_and_of_the_time_asked_for(database: Database) -> None:
    async with database.transaction() as tx:
        await searched(tx, "theirs", 0, workspace=T2)
        await searched(tx, "long ago", 0, now=1.0)
        found = await tx.insights.insights(T1, since=5.0, limit=9)
        everybody = await tx.insights.insights(None, since=5.0, limit=9)
    assert (found.searches, found.in_vain) == (0, ())
    assert everybody.searches == 1


async def test_only_the_most_frequent_are_listed(database: Database) -> None:
    async with database.transaction() as tx:
        for number in range(5):
            await searched(tx, f"question {number}", 0)
        found = await tx.insights.insights(T1, since=0.0, limit=2)
    assert (found.found_nothing, len(found.in_vain)) == (5, 2)
