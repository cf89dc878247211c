from __future__ import annotations

from bot.database import Database
from bot.domain import WorkspaceId

T1, T2 = WorkspaceId("T1"), WorkspaceId("T2")


async def test_a_workspaces_space_is_noted_once(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.workspaces.ensure(T1, now=1.0)
        await tx.workspaces.ensure(T2, now=1.0)
        await tx.reembeddings.note(T1, "old/4")
        await tx.reembeddings.note(T1, "new/8")

        assert await tx.reembeddings.spaces() == {T1: "old/4", T2: None}


async def test_a_switch_leaves_the_former_space_to_be_removed(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.workspaces.ensure(T1, now=1.0)
        await tx.reembeddings.note(T1, "old/4")
        await tx.reembeddings.begin(T1, "new/8", now=2.0)
        await tx.reembeddings.advance(T1, 3, 5, now=3.0)
        for _ in range(2):
            await tx.reembeddings.switch(T1, "new/8", now=4.0)

        found = await tx.reembeddings.get(T1)
        assert found is not None
        assert (found.space, found.done, found.total, found.leftover) == ("new/8", 3, 5, ["old/4"])
        assert await tx.reembeddings.spaces() == {T1: "new/8"}
        await tx.reembeddings.end(T1)
        assert await tx.reembeddings.all() == []


async def test_another_destination_leaves_what_was_begun_to_be_removed(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.workspaces.ensure(T1, now=1.0)
        await tx.reembeddings.note(T1, "old/4")
        await tx.reembeddings.begin(T1, "new/8", now=2.0)
        await tx.reembeddings.advance(T1, 3, 5, now=3.0)
        await tx.reembeddings.postpone(T1, error="away", attempts=2, not_before=9.0, now=4.0)

        again = await tx.reembeddings.begin(T1, "other/8", now=5.0)
        assert (again.space, again.done, again.leftover) == ("other/8", 0, ["new/8"])
        assert (again.error, again.not_before) == (None, 0.0)
        back = await tx.reembeddings.begin(T1, "new/8", now=6.0)
        assert back.leftover == ["other/8"]


async def test_a_workspace_that_uninstalled_us_waits(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.workspaces.ensure(T1, now=1.0)
        await tx.workspaces.uninstall(T1, now=2.0)

        assert await tx.reembeddings.spaces(installed=True) == {}
        assert await tx.reembeddings.spaces() == {T1: None}
