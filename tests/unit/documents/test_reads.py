from __future__ import annotations

import itertools
from collections.abc import Callable, Coroutine
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.database import Database
from bot.domain import ChannelId, DocumentId, FileId, FileInfo, Message, Scope, Status, UserId, WorkspaceId

Run = Callable[[Callable[[Database], Coroutine[Any, Any, None]]], None]
T1, T2 = WorkspaceId("T1"), WorkspaceId("T2")
C1, C2, C3 = ChannelId("C1"), ChannelId("C2"), ChannelId("C3")


def scope(*channels: ChannelId, workspace: WorkspaceId = T1) -> Scope:
    return Scope(workspace, frozenset(channels))


async def share(
    database: Database, file_id: str, *messages: Message, workspace: WorkspaceId = T1, now: float = 1.0
) -> DocumentId:
    async with database.transaction() as tx:
        for message in messages:
            accepted = await tx.documents.accept(workspace, FileId(file_id), message, now=now)
    return accepted.document_id


async def name(database: Database, title: str, filename: str) -> None:
    """Read the oldest waiting document as far as its name."""
    async with database.transaction() as tx:
        job = await tx.documents.claim(now=10.0)
        assert job is not None
        described = FileInfo(FileId("F"), filename, title, "text/plain", 1, "hosted", None, None, None)
        await tx.documents.describe(job, described, now=10.0)


async def test_an_empty_scope_reads_nothing(database: Database) -> None:
    document_id = await share(database, "F1", Message(C1, "1.0"))
    await name(database, "A", "a.txt")
    async with database.transaction() as tx:
        assert await tx.documents.readable(scope(), [document_id]) == {}
        assert sum((await tx.documents.counts(scope())).values()) == 0
        assert not await tx.documents.latest(scope(), 10)
        assert not await tx.documents.find_for(scope(), "A")


async def test_a_channel_of_the_same_name_in_another_workspace_opens_nothing(database: Database) -> None:
    document_id = await share(database, "F1", Message(C1, "1.0"))
    other = scope(C1, workspace=T2)
    async with database.transaction() as tx:
        assert await tx.documents.readable(other, [document_id]) == {}
        assert sum((await tx.documents.counts(other)).values()) == 0
        assert not await tx.documents.latest(other, 10)


async def test_the_newest_share_within_the_scope_is_shown(database: Database) -> None:
    document_id = await share(
        database,
        "F1",
        Message(C1, "100.0", None, UserId("U1")),
        Message(C2, "200.0", "150.0", UserId("U2")),
        Message(C3, "300.0", None, UserId("U3")),
    )
    async with database.transaction() as tx:
        await tx.documents.fill_message(document_id, Message(C2, "200.0"), "https://two")
        shown = (await tx.documents.readable(scope(C1, C2), [document_id]))[document_id]
    assert shown.message == Message(C2, "200.0", "150.0", UserId("U2"))
    assert shown.permalink == "https://two"
    assert shown.generation == 1


async def test_a_share_whose_message_is_known_is_shown_before_one_that_is_not(database: Database) -> None:
    document_id = await share(database, "F1", Message(C1, "100.0"))
    await share(database, "F1", Message(C2), now=2.0)
    async with database.transaction() as tx:
        shown = (await tx.documents.readable(scope(C1, C2), [document_id]))[document_id]
    assert shown.message.channel == C1


async def test_a_deleted_document_is_in_no_read(database: Database) -> None:
    document_id = await share(database, "F1", Message(C1, "1.0"))
    await name(database, "A", "a.txt")
    async with database.transaction() as tx:
        await tx.documents.tombstone(T1, FileId("F1"), now=11.0)
        assert await tx.documents.readable(scope(C1), [document_id]) == {}
        assert sum((await tx.documents.counts(scope(C1))).values()) == 0
        assert sum((await tx.documents.counts_all()).values()) == 0
        assert not await tx.documents.latest(scope(C1), 10)
        assert not await tx.documents.latest_all(10)
        assert not await tx.documents.find_for(scope(C1), "A")


async def test_a_document_in_many_channels_counts_once(database: Database) -> None:
    await share(database, "F1", Message(C1), Message(C2), Message(C3))
    await share(database, "F2", Message(C2))
    async with database.transaction() as tx:
        counts = await tx.documents.counts(scope(C1, C2, C3))
    assert counts == {Status.PENDING: 2, Status.PROCESSING: 0, Status.INDEXED: 0, Status.FAILED: 0}


async def test_the_latest_change_comes_first(database: Database) -> None:
    first = await share(database, "F1", Message(C1), now=1.0)
    second = await share(database, "F2", Message(C1), now=2.0)
    await share(database, "F3", Message(C2), now=3.0)
    async with database.transaction() as tx:
        assert [document.id for document in await tx.documents.latest(scope(C1), 5)] == [second, first]
    await name(database, "A", "a.txt")
    async with database.transaction() as tx:
        assert [document.id for document in await tx.documents.latest(scope(C1), 1)] == [first]
        assert [document.id for document in await tx.documents.latest_all(1)] == [first]


async def found(database: Database, text: str, where: Scope | None = None) -> list[DocumentId]:
    async with database.transaction() as tx:
        return [DocumentId(one.id) for one in await tx.documents.find_for(where or scope(C1), text)]


async def test_a_document_is_found_by_title_or_name_whatever_the_case(database: Database) -> None:
    document_id = await share(database, "F1", Message(C1))
    await name(database, "Failover Runbook", "runbook_100%.PDF")
    for text in ("failover runbook", " RUNBOOK_100%.pdf "):
        assert await found(database, text) == [document_id]
    assert not await found(database, "runbookX100%.pdf")
    assert not await found(database, "Failover Runbook", scope(C2))


async def test_a_document_is_found_by_its_ids_before_any_title(database: Database) -> None:
    first, second = await share(database, "F1", Message(C1)), await share(database, "F2", Message(C1))
    await name(database, "F2" if first < second else "F1", "a.txt")
    assert await found(database, "F1") == [first]
    assert await found(database, "F2") == [second]
    assert await found(database, first) == [first]
    assert not await found(database, first, scope(C2))


async def test_a_beginning_finds_a_document_unless_there_are_several(database: Database) -> None:
    first = await share(database, "F1", Message(C1), now=1.0)
    await name(database, "Runbook", "50%.txt")
    assert await found(database, "run") == [first]
    assert await found(database, "50%") == [first]
    assert not await found(database, "5%")
    assert not await found(database, "")
    second = await share(database, "F2", Message(C1), now=2.0)
    await name(database, "Runbook of the network", "b.txt")
    assert not await found(database, "run")
    assert await found(database, "runbook") == [first]  # its whole title
    assert await found(database, "runbook o") == [second]
    await share(database, "F3", Message(C2), now=3.0)
    await name(database, "Runbook of others", "c.txt")
    assert await found(database, "runbook o") == [second]  # the other is not for these eyes


async def test_documents_of_the_same_name_are_all_found(database: Database) -> None:
    ids = []
    for number in range(3):
        ids.append(await share(database, f"F{number}", Message(C1), now=float(number)))
        await name(database, "Notes", f"{number}.txt")
    assert await found(database, "notes") == ids[::-1] or sorted(await found(database, "notes")) == sorted(
        ids
    )


async def test_a_word_that_no_database_takes_finds_nothing(database: Database) -> None:
    await share(database, "F1", Message(C1))
    assert not await found(database, "\ud800")


async def test_a_failed_document_is_not_read_even_if_the_index_still_has_it(database: Database) -> None:
    document_id = await share(database, "F1", Message(C1))
    async with database.transaction() as tx:
        job = await tx.documents.claim(now=10.0)
        assert job is not None
        assert await tx.documents.readable(scope(C1), [document_id])
        await tx.documents.fail(job, code="x", detail="x", advice="x", now=11.0)
        assert not await tx.documents.readable(scope(C1), [document_id])
        assert (await tx.documents.counts(scope(C1)))[Status.FAILED] == 1


async def test_a_scope_of_thousands_of_channels_reads_like_any_other(database: Database) -> None:
    document_id = await share(database, "F1", Message(ChannelId("C40000"), "1.0"))
    wide = scope(*(ChannelId(f"C{number}") for number in range(40_001)))
    ids = [DocumentId(f"other{number}") for number in range(40_000)]
    async with database.transaction() as tx:
        assert set(await tx.documents.readable(wide, [*ids, document_id])) == {document_id}
        assert (await tx.documents.counts(wide))[Status.PENDING] == 1
        assert len(await tx.documents.latest(wide, 5)) == 1


examples = itertools.count()
channels = st.sampled_from(["C1", "C2", "C3", "C4"])
shares = st.lists(st.tuples(st.integers(0, 3), channels), max_size=12)


def test_exactly_the_documents_with_a_share_in_the_scope_are_readable(runs: Run) -> None:
    @given(shares, st.frozensets(channels))
    @settings(max_examples=40, deadline=None)
    def check(shared: list[Any], allowed: frozenset[str]) -> None:
        async def scenario(database: Database) -> None:
            workspace = WorkspaceId(f"T{next(examples)}")
            ids = {}
            for file, channel in shared:
                message = Message(ChannelId(channel), f"{file}.{channel}")
                ids[file] = await share(database, f"F{file}", message, workspace=workspace)
            wanted = {ids[file] for file, channel in shared if channel in allowed}
            within = Scope(workspace, frozenset(ChannelId(channel) for channel in allowed))
            async with database.transaction() as tx:
                readable = await tx.documents.readable(within, set(ids.values()))
                counted = sum((await tx.documents.counts(within)).values())
                latest = await tx.documents.latest(within, 100)
            assert set(readable) == wanted
            assert {shown.message.channel for shown in readable.values()} <= allowed
            assert counted == len(wanted)
            assert {document.id for document in latest} == wanted

        runs(scenario)

    check()


async def test_operators_find_a_document_by_its_id_file_title_or_name(database: Database) -> None:
    document_id = await share(database, "F1", Message(C1))
    await name(database, "Failover Runbook", "runbook.pdf")
    await share(database, "F2", Message(C1))
    async with database.transaction() as tx:
        for word in (document_id, "F1", "Failover Runbook", "runbook.pdf"):
            assert [found.id for found in await tx.documents.find_all([word, "?"])] == [document_id]
        assert not await tx.documents.find_all([])
