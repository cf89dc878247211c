from __future__ import annotations

from bot.database import Database
from bot.domain import WorkspaceId

T1 = WorkspaceId("T1")


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
