from __future__ import annotations

import itertools
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.database import Database
from bot.domain import (
    ANYTHING,
    ChannelId,
    DocumentId,
    FileId,
    FileInfo,
    Message,
    Scope,
    UserId,
    Wanted,
    WorkspaceId,
)
from bot.search.kinds import endings_of, mimetypes_of

Run = Callable[[Callable[[Database], Coroutine[Any, Any, None]]], None]
T1 = WorkspaceId("T1")
C1, C2 = ChannelId("C1"), ChannelId("C2")
ALICE, BOB = UserId("U1"), UserId("U2")
HERE = Scope(T1, frozenset({C1, C2}))


async def share(
    database: Database,
    file_id: str,
    *messages: Message,
    name: str = "notes.txt",
    mimetype: str = "text/plain",
    uploader: UserId | None = None,
    workspace: WorkspaceId = T1,
) -> DocumentId:
    """A file that appears in these messages and was read as far as its name."""
    async with database.transaction() as tx:
        for message in messages:
            accepted = await tx.documents.accept(workspace, FileId(file_id), message, now=1_000.0)
        job = await tx.documents.claim(now=2_000.0)
        assert job is not None
        info = FileInfo(FileId(file_id), name, name, mimetype, 1, "hosted", uploader, None, None)
        await tx.documents.describe(job, info, now=2_000.0)
    return accepted.document_id


async def matching(database: Database, scope: Scope = HERE, **wanted: object) -> list[DocumentId]:
    async with database.transaction() as tx:
        return await tx.documents.matching(scope, Wanted(**wanted), 10)


async def test_who_shared_what_the_scope_reads_is_known_the_last_one_first(database: Database) -> None:
    alice, bob, carol, dave = (UserId(f"U{n}") for n in range(4))
    await share(database, "F1", Message(C1, "100.0", shared_by=alice), Message(C2, "400.0", shared_by=bob))
    await share(database, "F2", Message(C1, "300.0"), uploader=carol)
    await share(database, "F3", Message(ChannelId("C3"), "500.0", shared_by=dave))
    await share(database, "F4", Message(C1, "500.0", shared_by=dave), workspace=WorkspaceId("T2"))
    async with database.transaction() as tx:
        assert await tx.documents.sharers(HERE, 10) == [bob, carol, alice]
        assert await tx.documents.sharers(Scope(T1, frozenset({C1})), 1) == [carol]
        assert await tx.documents.sharers(Scope(T1, frozenset()), 10) == []


async def test_the_last_shared_comes_first_and_the_limit_counts_what_matches(database: Database) -> None:
    old = await share(database, "F1", Message(C1, "100.0"))
    new = await share(database, "F2", Message(C1, "300.0"))
    between = await share(database, "F3", Message(C2, "50.0"), Message(C1, "200.0"))
    assert await matching(database) == [new, between, old]
    async with database.transaction() as tx:
        assert await tx.documents.matching(HERE, ANYTHING, 2) == [new, between]


async def test_a_file_is_shared_when_its_message_was_written(database: Database) -> None:
    document_id = await share(database, "F1", Message(C1, "100.5"))
    assert await matching(database, since=100.5) == [document_id]
    assert await matching(database, since=100.6) == []
    assert await matching(database, before=100.6) == [document_id]
    assert await matching(database, before=100.5) == []


async def test_without_a_message_a_file_is_shared_when_it_came(database: Database) -> None:
    unknown = await share(database, "F1", Message(C1))
    local = await share(database, "F2", Message(C1, "0"))
    assert set(await matching(database, since=999.0)) == {unknown, local}
    assert await matching(database, before=1_000.0) == []


async def test_a_file_is_from_whoever_shared_it_else_from_its_uploader(database: Database) -> None:
    shared = await share(database, "F1", Message(C1, "1.0", shared_by=ALICE), uploader=BOB)
    uploaded = await share(database, "F2", Message(C1, "2.0"), uploader=BOB)
    assert await matching(database, people=frozenset({ALICE})) == [shared]
    assert await matching(database, people=frozenset({BOB})) == [uploaded]
    assert set(await matching(database, people=frozenset({ALICE, BOB}))) == {shared, uploaded}


async def test_one_share_has_to_fulfil_everything_and_it_is_the_one_shown(database: Database) -> None:
    by_alice, by_bob = Message(C1, "100.0", shared_by=ALICE), Message(C2, "300.0", shared_by=BOB)
    document_id = await share(database, "F1", by_alice, by_bob)
    from_alice = Wanted(people=frozenset({ALICE}))
    assert await matching(database, people=frozenset({ALICE}), since=200.0) == []
    assert await matching(database, replace(HERE, channels=frozenset({C2})), people=frozenset({ALICE})) == []
    async with database.transaction() as tx:
        assert (await tx.documents.readable(HERE, {document_id}))[document_id].message.shared_by == BOB
        shown = await tx.documents.readable(HERE, {document_id}, from_alice)
    assert shown[document_id].message == by_alice


async def test_a_file_is_of_the_type_of_its_name_or_of_its_mimetype(database: Database) -> None:
    files = {
        "report.PDF": "application/octet-stream",
        "scan": "application/pdf",
        "archive.tar.gz": "application/gzip",
        "Dockerfile": "text/x-dockerfile",
        "a.b.docx": "",
        "pdf.txt": "text/plain",
    }
    ids = {
        name: await share(database, f"F{number}", Message(C1, f"{number}.0"), name=name, mimetype=mimetype)
        for number, (name, mimetype) in enumerate(files.items(), start=1)
    }

    async def of_type(type_: str) -> set[DocumentId]:
        found = {"endings": endings_of([type_]), "mimetypes": mimetypes_of([type_])}
        return set(await matching(database, **found))

    assert await of_type("pdf") == {ids["report.PDF"], ids["scan"]}
    assert await of_type("archive") == {ids["archive.tar.gz"]}
    assert await of_type("code") == {ids["Dockerfile"]}
    assert await of_type("word") == {ids["a.b.docx"]}
    assert await of_type("text") == {ids["pdf.txt"]}


async def test_a_scope_of_some_documents_has_no_other(database: Database) -> None:
    first = await share(database, "F1", Message(C1, "1.0"))
    await share(database, "F2", Message(C1, "2.0"))
    some = replace(HERE, documents=frozenset({first, DocumentId("elsewhere")}))
    assert await matching(database, some) == [first]
    async with database.transaction() as tx:
        assert [one.id for one in await tx.documents.latest(some, 5)] == [first]
        assert set(await tx.documents.titles(some, 5)) == {first}


examples = itertools.count()
SHARES = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([C1, C2]), st.sampled_from([ALICE, BOB]), st.integers(1, 9)),
    max_size=10,
    unique_by=lambda one: (one[0], one[1]),
)


def test_exactly_the_files_with_a_share_that_fulfils_all_conditions_match(runs: Run) -> None:
    @given(
        SHARES,
        st.frozensets(st.sampled_from([C1, C2]), min_size=1),
        st.frozensets(st.sampled_from([ALICE, BOB])),
        st.one_of(st.none(), st.integers(1, 9)),
        st.one_of(st.none(), st.integers(1, 9)),
    )
    @settings(max_examples=40, deadline=None)
    def check(
        shares: list[Any],
        channels: frozenset[ChannelId],
        people: frozenset[UserId],
        since: int | None,
        before: int | None,
    ) -> None:
        async def scenario(database: Database) -> None:
            workspace = WorkspaceId(f"T{next(examples)}")
            async with database.transaction() as tx:
                ids = {}
                for file, channel, person, at in shares:
                    message = Message(channel, f"{at}.0", shared_by=person)
                    file_id = FileId(f"F{file}")
                    ids[file] = (await tx.documents.accept(workspace, file_id, message, now=1.0)).document_id
                found = await tx.documents.matching(
                    Scope(workspace, channels), Wanted(people, since=since, before=before), 100
                )
            expected = {
                ids[file]
                for file, channel, person, at in shares
                if channel in channels
                and (not people or person in people)
                and (since is None or at >= since)
                and (before is None or at < before)
            }
            assert set(found) == expected
            assert len(found) == len(expected)

        runs(scenario)

    check()
