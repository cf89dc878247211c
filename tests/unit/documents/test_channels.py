from __future__ import annotations

import itertools
from collections.abc import Callable, Coroutine
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.database import Database
from bot.documents.backfills import BackfillState
from bot.documents.channels import CHANNEL_LOST
from bot.domain import ChannelId, DocumentId, FileId, Message, UserId, WorkspaceId

Run = Callable[[Callable[[Database], Coroutine[Any, Any, None]]], None]
T1, T2 = WorkspaceId("T1"), WorkspaceId("T2")
OLD, NEW, OTHER = ChannelId("COLD"), ChannelId("CNEW"), ChannelId("COTHER")
U1 = UserId("U1")


async def share(
    database: Database, file_id: str, *messages: Message, workspace: WorkspaceId = T1
) -> DocumentId:
    async with database.transaction() as tx:
        for message in messages:
            accepted = await tx.documents.accept(workspace, FileId(file_id), message, now=1.0)
    return accepted.document_id


async def test_losing_a_channel_closes_every_document_to_it_and_no_other(database: Database) -> None:
    one = await share(database, "F1", Message(OLD, "1.0"))
    both = await share(database, "F2", Message(OLD, "2.0"), Message(OTHER, "3.0"))
    await share(database, "F3", Message(OTHER, "4.0"))
    foreign = await share(database, "F1", Message(OLD, "1.0"), workspace=T2)
    async with database.transaction() as tx:
        assert await tx.documents.remove_channel(T1, OLD, now=5.0) == sorted([one, both])
        assert await tx.documents.remove_channel(T1, OLD, now=6.0) == []
        assert await tx.documents.channels(one) == frozenset()
        assert await tx.documents.channels(both) == {OTHER}
        assert await tx.documents.channels(foreign) == {OLD}
        replies = await tx.replies.stale(now=9.0, limit=10)
        waiting = {(reply.document.id, reply.channel_id) for reply in replies}
    assert (one, OLD) not in waiting
    assert {(both, OTHER), (foreign, OLD)} <= waiting


async def test_losing_a_channel_ends_its_backfill(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.backfills.offer(T1, OLD, now=1.0)
        await tx.backfills.start(T1, OLD, requested_by=U1, now=2.0)
        await tx.documents.remove_channel(T1, OLD, now=3.0)
        backfill = await tx.backfills.get(T1, OLD)
        assert not await tx.backfills.due(now=9.0)
        assert backfill is not None
        assert (backfill.state, backfill.error) == (BackfillState.FAILED, CHANNEL_LOST)
        assert await tx.backfills.offer(T1, OLD, now=4.0)  # invited again


async def test_a_channel_with_another_id_keeps_shares_replies_and_backfill(database: Database) -> None:
    document_id = await share(database, "F1", Message(OLD, "1.0", "0.5", U1))
    foreign = await share(database, "F1", Message(OLD, "1.0"), workspace=T2)
    async with database.transaction() as tx:
        address = "https://acme.slack.com/archives/{}/p10?thread_ts=0.5&cid={}"
        await tx.documents.fill_message(document_id, Message(OLD, "1.0"), address.format(OLD, OLD))
        await tx.replies.posted(document_id, OLD, "9.0", synced_at=0.0)
        await tx.backfills.offer(T1, OLD, now=2.0)
        await tx.backfills.start(T1, OLD, requested_by=U1, now=2.0)
        for _ in range(2):
            moved = await tx.documents.rename_channel(T1, OLD, NEW, now=3.0)
            (share_now,) = await tx.documents.of(document_id)
            assert (share_now.channel_id, share_now.message_ts, share_now.shared_by) == (NEW, "1.0", U1)
            assert share_now.permalink == address.format(NEW, NEW)
            replies = {reply.document.id: reply for reply in await tx.replies.stale(now=9.0, limit=10)}
            assert (replies[document_id].channel_id, replies[document_id].ts) == (NEW, "9.0")
            assert replies[document_id].message_ts == "1.0"
            assert [backfill.channel_id for backfill in await tx.backfills.due(now=9.0)] == [NEW]
        assert moved == []
        assert await tx.documents.channels(foreign) == {OLD}


async def test_a_channel_renamed_to_itself_keeps_everything(database: Database) -> None:
    document_id = await share(database, "F1", Message(OLD, "1.0"))
    async with database.transaction() as tx:
        assert await tx.documents.rename_channel(T1, OLD, OLD, now=3.0) == []
        assert await tx.documents.channels(document_id) == {OLD}


async def test_of_two_replies_that_meet_the_posted_one_stays(database: Database) -> None:
    posted_before = await share(database, "F1", Message(OLD), Message(NEW))
    posted_after = await share(database, "F2", Message(OLD), Message(NEW))
    async with database.transaction() as tx:
        await tx.replies.posted(posted_before, OLD, "1.0", synced_at=0.0)
        await tx.replies.posted(posted_after, NEW, "2.0", synced_at=0.0)
        await tx.documents.rename_channel(T1, OLD, NEW, now=3.0)
        replies = await tx.replies.stale(now=9.0, limit=10)
    found = sorted((reply.document.id, reply.channel_id, reply.ts) for reply in replies)
    assert found == sorted([(posted_before, NEW, "1.0"), (posted_after, NEW, "2.0")])


async def test_of_two_backfills_that_meet_the_running_one_stays(database: Database) -> None:
    async with database.transaction() as tx:
        for old, new, running in ((OLD, NEW, OLD), (ChannelId("C3"), ChannelId("C4"), ChannelId("C4"))):
            for channel in (old, new):
                await tx.backfills.offer(T1, channel, now=1.0)
            await tx.backfills.start(T1, running, requested_by=U1, now=2.0)
            await tx.documents.rename_channel(T1, old, new, now=3.0)
            backfill = await tx.backfills.get(T1, new)
            assert backfill is not None
            assert backfill.state == BackfillState.RUNNING
            assert await tx.backfills.get(T1, old) is None


examples = itertools.count()
message_ts = st.sampled_from([None, "1.0", "2.0"])
files = st.lists(st.tuples(st.sampled_from(["old", "new", "both"]), message_ts, message_ts), max_size=5)


def test_a_rename_loses_no_share_and_no_message_that_was_known(runs: Run) -> None:
    @given(files)
    @settings(max_examples=30, deadline=None)
    def check(drawn: list[Any]) -> None:
        async def scenario(database: Database) -> None:
            workspace = WorkspaceId(f"T{next(examples)}")
            known: dict[DocumentId, set[str]] = {}
            for number, (where, old_ts, new_ts) in enumerate(drawn):
                messages = [Message(OLD, old_ts)] * (where != "new") + [Message(NEW, new_ts)] * (
                    where != "old"
                )
                document_id = await share(database, f"F{number}", *messages, workspace=workspace)
                known[document_id] = {message.ts for message in messages if message.ts}
            async with database.transaction() as tx:
                await tx.documents.rename_channel(workspace, OLD, NEW, now=3.0)
                for document_id, told in known.items():
                    (left,) = await tx.documents.of(document_id)
                    assert left.channel_id == NEW
                    assert left.message_ts in (told or {None})

        runs(scenario)

    check()
