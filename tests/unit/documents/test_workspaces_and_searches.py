from __future__ import annotations

from sqlalchemy import select
from sqlmodel import SQLModel

from bot.database import Database
from bot.documents.conversations import Thread
from bot.documents.repository import Repositories
from bot.domain import ChannelId, FileId, Message, UserId, WorkspaceId

T1, T2 = WorkspaceId("T1"), WorkspaceId("T2")
C1 = ChannelId("C1")


async def test_a_workspace_keeps_what_is_known_of_it(database: Database) -> None:
    async with database.transaction() as tx:
        assert await tx.workspaces.get(T1) is None
        await tx.workspaces.ensure(T1, now=1.0)
        await tx.workspaces.ensure(T1, now=2.0, name="Acme", domain="acme", bot_user_id="U0", bot_id="B0")
        await tx.workspaces.ensure(T1, now=3.0)
        workspace = await tx.workspaces.get(T1)
    assert workspace is not None
    assert (workspace.name, workspace.domain, workspace.bot_user_id) == ("Acme", "acme", "U0")
    assert (workspace.bot_id, workspace.installed_at, workspace.settings) == ("B0", 1.0, {})


async def test_only_the_asker_votes_on_a_search(database: Database) -> None:
    async with database.transaction() as tx:
        for _ in range(2):
            await tx.searches.add(
                id="s1",
                workspace=T1,
                asker="U1",
                query="why\ud800?",
                surface="command",
                results=3,
                elapsed_ms=12.5,
                now=1.0,
            )
        assert not await tx.searches.vote("s1", asker="U2", vote=1)
        assert not await tx.searches.vote("s2", asker="U1", vote=1)
        assert await tx.searches.vote("s1", asker="U1", vote=-1)


async def test_a_workspace_that_uninstalled_is_so_since_the_first_time_it_was_told(
    database: Database,
) -> None:
    async with database.transaction() as tx:
        await tx.workspaces.uninstall(T1, now=1.0)  # never heard of
        await tx.workspaces.ensure(T1, now=1.0)
        await tx.workspaces.ensure(T2, now=1.0)
        await tx.workspaces.uninstall(T1, now=5.0)
        await tx.workspaces.uninstall(T1, now=9.0)
        assert [workspace.uninstalled_at for workspace in await tx.workspaces.all()] == [5.0, None]
        assert await tx.workspaces.uninstalled_before(5.0) == []
        assert await tx.workspaces.uninstalled_before(5.1) == [T1]
        await tx.workspaces.ensure(T1, now=10.0)
        assert await tx.workspaces.uninstalled_before(1e9) == []


OF_ALL = {
    "space",
    "space_reader",
    "api_key",
    "api_request",
    "upload",
    "upload_piece",
    "replica",
    "oauth_state",
}
"""Rows of no Slack workspace."""


async def filled(tx: Repositories, workspace: WorkspaceId) -> None:
    accepted = await tx.documents.accept(workspace, FileId("F1"), Message(C1, "1.0"), now=1.0)
    await tx.replies.posted(accepted.document_id, C1, "2.0", synced_at=0.0)
    await tx.inbox.add(f"Ev-{workspace}", workspace, "message", {}, now=1.0)
    await tx.backfills.offer(workspace, C1, now=1.0)
    await tx.reembeddings.begin(workspace, "new/8", now=1.0)
    await tx.installations.save(workspace, bot_user_id="U0", scopes=[], token="sealed", installed_at=1.0)
    await tx.conversations.ask(Thread(workspace, C1, "1.0"), "1.0", UserId("U1"), "why?", "direct", now=1.0)
    await tx.searches.add(
        id=workspace,
        workspace=workspace,
        asker="U1",
        query="why?",
        surface="command",
        results=1,
        elapsed_ms=1.0,
        now=1.0,
    )


async def test_a_purge_leaves_no_row_of_the_workspace_and_every_row_of_the_others(database: Database) -> None:
    async with database.transaction() as tx:
        await filled(tx, T1)
        await filled(tx, T2)
        await tx.workspaces.purge(T1)
        await tx.workspaces.purge(T1)
        session = tx.workspaces._session
        left = {
            table.name: (await session.execute(select(table))).all()
            for table in SQLModel.metadata.tables.values()
            if table.name not in OF_ALL
        }
    assert {name: len(rows) for name, rows in left.items()} == dict.fromkeys(left, 1)
    assert not [row for rows in left.values() for row in rows if T1 in row]
