from __future__ import annotations

import itertools
from collections.abc import Callable, Coroutine
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.database import Database
from bot.domain import LOCAL_CHANNEL, LOCAL_WORKSPACE, ChannelId, FileId, Message, Status, UserId, WorkspaceId

Run = Callable[[Callable[[Database], Coroutine[Any, Any, None]]], None]
T1 = WorkspaceId("T1")
F1 = FileId("F1")
C1, C2 = ChannelId("C1"), ChannelId("C2")


async def test_a_file_becomes_one_pending_document_with_a_share_and_a_reply(database: Database) -> None:
    async with database.transaction() as tx:
        accepted = await tx.documents.accept(T1, F1, Message(C1, "1.5"), now=10.0)
        document = await tx.documents.get(accepted.document_id)
        shares = await tx.documents.of(accepted.document_id)
        replies = await tx.replies.stale(now=10.0, limit=5)
        workspace = await tx.workspaces.get(T1)
    assert accepted.created
    assert accepted.share_created
    assert document is not None
    assert (document.status, document.generation, document.created_at) == (Status.PENDING, 1, 10.0)
    assert [(share.channel_id, share.message_ts) for share in shares] == [(C1, "1.5")]
    assert [reply.channel_id for reply in replies] == [C1]
    assert workspace is not None


async def test_a_second_channel_adds_a_share_to_the_same_document(database: Database) -> None:
    async with database.transaction() as tx:
        first = await tx.documents.accept(T1, F1, Message(C1), now=1.0)
        second = await tx.documents.accept(T1, F1, Message(C2), now=2.0)
        channels = await tx.documents.channels(first.document_id)
    assert second.document_id == first.document_id
    assert (second.created, second.share_created) == (False, True)
    assert channels == {C1, C2}


async def test_the_same_file_id_in_another_workspace_is_another_document(database: Database) -> None:
    async with database.transaction() as tx:
        first = await tx.documents.accept(T1, F1, Message(C1), now=1.0)
        second = await tx.documents.accept(WorkspaceId("T2"), F1, Message(C1), now=1.0)
    assert first.document_id != second.document_id


async def test_what_is_known_of_a_share_is_never_overwritten(database: Database) -> None:
    async with database.transaction() as tx:
        accepted = await tx.documents.accept(T1, F1, Message(C1, "1.0", "0.5", UserId("U1")), now=1.0)
        await tx.documents.accept(T1, F1, Message(C1), now=2.0)
        await tx.documents.accept(T1, F1, Message(C1, "9.0", "8.0", UserId("U2")), now=3.0)
        (share,) = await tx.documents.of(accepted.document_id)
    assert (share.message_ts, share.thread_ts, share.shared_by) == ("1.0", "0.5", "U1")


async def test_a_document_of_the_command_line_gets_no_reply(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.documents.accept(LOCAL_WORKSPACE, F1, Message(LOCAL_CHANNEL), now=1.0)
        assert not await tx.replies.stale(now=1.0, limit=5)


async def test_a_file_that_was_deleted_first_stays_deleted(database: Database) -> None:
    async with database.transaction() as tx:
        assert await tx.documents.tombstone(T1, F1, now=1.0) is None
        accepted = await tx.documents.accept(T1, F1, Message(C1, "1.0"), now=2.0)
        document = await tx.documents.get(accepted.document_id)
        channels = await tx.documents.channels(accepted.document_id)
        job = await tx.documents.claim(now=3.0)
        replies = await tx.replies.stale(now=3.0, limit=5)
    assert (accepted.created, accepted.share_created) == (False, False)
    assert document is not None
    assert document.tombstoned_at == 1.0
    assert not channels
    assert job is None
    assert not replies


known = st.sampled_from(["file_shared", "message", "info"])
events = st.lists(st.tuples(known, st.sampled_from(["C1", "C2", "C3"])), min_size=1, max_size=12)
examples = itertools.count()


def _message(kind: str, channel: str) -> Message:
    """What each kind of event tells of the one message of a channel."""
    user = UserId("U1") if kind != "info" else None
    ts = None if kind == "file_shared" else f"17.{channel}"
    return Message(ChannelId(channel), ts, None, user)


def test_any_order_and_number_of_events_makes_one_document_and_one_share_a_channel(runs: Run) -> None:
    @given(events)
    @settings(max_examples=40, deadline=None)
    def check(happenings: list[Any]) -> None:
        async def scenario(database: Database) -> None:
            file_id = FileId(f"F{next(examples)}")
            results = []
            for now, (kind, channel) in enumerate(happenings):
                async with database.transaction() as tx:
                    results.append(
                        await tx.documents.accept(T1, file_id, _message(kind, channel), now=float(now))
                    )
            async with database.transaction() as tx:
                shares = await tx.documents.of(results[0].document_id)
                replies = await tx.replies.stale(now=1e6, limit=10_000)
            ids = {result.document_id for result in results}
            assert len(ids) == 1
            assert [result.created for result in results] == [True] + [False] * (len(results) - 1)
            channels = {channel for _, channel in happenings}
            assert sorted(share.channel_id for share in shares) == sorted(channels)
            assert sum(result.share_created for result in results) == len(channels)
            assert sorted(r.channel_id for r in replies if r.document.id in ids) == sorted(channels)
            for share in shares:
                kinds = {kind for kind, channel in happenings if channel == share.channel_id}
                told = kinds & {"message", "info"}
                assert share.message_ts == (f"17.{share.channel_id}" if told else None)
                assert share.shared_by == ("U1" if kinds & {"message", "file_shared"} else None)

        runs(scenario)

    check()


def test_a_deletion_anywhere_among_the_events_is_final(runs: Run) -> None:
    @given(events, st.integers(0, 12), st.integers(1, 3))
    @settings(max_examples=30, deadline=None)
    def check(happenings: list[Any], place: int, times: int) -> None:
        async def scenario(database: Database) -> None:
            file_id = FileId(f"F{next(examples)}")
            steps = [_message(kind, channel) for kind, channel in happenings]
            for now, step in enumerate([*steps[:place], *[None] * times, *steps[place:]]):
                async with database.transaction() as tx:
                    if step is None:
                        await tx.documents.tombstone(T1, file_id, now=float(now))
                    else:
                        await tx.documents.accept(T1, file_id, step, now=float(now))
            async with database.transaction() as tx:
                document = await tx.documents.find(T1, file_id)
                assert document is not None
                assert document.tombstoned_at == float(min(place, len(steps)))
                assert document.generation == (2 if steps[:place] else 1)
                assert document.token is None
                assert await tx.documents.claim(now=1e6) is None
                assert not await tx.replies.stale(now=1e6, limit=10)

        runs(scenario)

    check()
