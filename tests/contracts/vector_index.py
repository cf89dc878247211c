"""What every `VectorIndex` must do, whoever stores the chunks.

A test module subclasses `VectorIndexContract`, names it `Test…` and gives the fixture `index`: an
open, empty index of `dimension` dimensions. `settled` waits until writes can be read, where a vendor
takes its time.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain import (
    Candidate,
    ChannelId,
    Chunk,
    DocumentId,
    Held,
    IndexedDocument,
    Query,
    Scope,
    WorkspaceId,
)
from bot.errors import OperatorError
from bot.ports import VectorIndex, Vectors

TEAM = WorkspaceId("T1")
C1, C2 = ChannelId("C1"), ChannelId("C2")
D1 = DocumentId("d1")
MANY = 100

SHARED_INDEX = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
    deadline=None,
    max_examples=40,
)
"""Each example works in a workspace of its own; each index runs the same tests."""


def document(
    document_id: str = "d1",
    generation: int = 1,
    *,
    channels: frozenset[ChannelId] = frozenset({C1}),
    title: str = "Runbook",
    workspace: WorkspaceId = TEAM,
) -> IndexedDocument:
    return IndexedDocument(workspace, DocumentId(document_id), generation, title, channels)


def chunks_of(*texts: str) -> list[Chunk]:
    return [
        Chunk(ordinal, ordinal + 1, 0, len(text), text, f"p{ordinal + 1}", f"Section {ordinal}")
        for ordinal, text in enumerate(texts)
    ]


def vectors(count: int, dimension: int, seed: int = 0) -> Vectors:
    raw = np.random.default_rng(seed).standard_normal((count, dimension), dtype=np.float32)
    unit: Vectors = raw / np.linalg.norm(raw, axis=1, keepdims=True)
    return unit


def scope(*channels: ChannelId, workspace: WorkspaceId = TEAM) -> Scope:
    return Scope(workspace, frozenset(channels))


def ids(candidates: list[Candidate]) -> list[str]:
    return [candidate.chunk_id for candidate in candidates]


class VectorIndexContract:
    dimension = 256

    async def settled(self, index: VectorIndex) -> None:
        """Wait until what was written can be read."""

    async def add(self, index: VectorIndex, doc: IndexedDocument, *texts: str) -> None:
        chunks = chunks_of(*texts)
        await index.write(doc, chunks, vectors(len(chunks), self.dimension, seed=doc.generation))
        await index.publish(doc)
        await self.settled(index)

    async def words(self, index: VectorIndex, where: Scope, text: str, *phrases: str) -> list[str]:
        return ids(await index.keyword(where, Query(text, phrases), MANY))

    async def meaning(self, index: VectorIndex, where: Scope, seed: int = 1) -> list[str]:
        return ids(await index.dense(where, vectors(1, self.dimension, seed)[0], MANY))

    # Finding

    async def test_a_published_chunk_is_found_by_its_words(self, index: VectorIndex) -> None:
        await self.add(index, document(), "The disk is full", "Lunch is served")

        assert await self.words(index, scope(C1), "disk") == ["d1:1:0"]

    async def test_the_nearest_chunk_comes_first(self, index: VectorIndex) -> None:
        await self.add(index, document(), *(f"text {n}" for n in range(5)))
        target = vectors(5, self.dimension, seed=1)[3]

        found = await index.dense(scope(C1), target, MANY)

        assert found[0].chunk_id == "d1:1:3"
        assert found[0].score == pytest.approx(1.0, abs=0.01)
        assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)

    async def test_the_chunk_with_more_of_the_words_comes_first(self, index: VectorIndex) -> None:
        await self.add(index, document(), "payments service", "payments service outage", "other words")

        found = await index.keyword(scope(C1), Query("payments outage"), MANY)

        assert ids(found) == ["d1:1:1", "d1:1:0"]
        assert found[0].score > found[1].score

    async def test_a_candidate_says_where_it_stands(self, index: VectorIndex) -> None:
        await self.add(index, document(generation=7), "first", "the second one")

        (found,) = await index.keyword(scope(C1), Query("second"), MANY)

        assert (found.document_id, found.generation, found.ordinal) == ("d1", 7, 1)
        assert (found.page, found.label, found.heading) == (2, "p2", "Section 1")
        assert found.text == "the second one"

    async def test_a_document_is_found_by_its_title(self, index: VectorIndex) -> None:
        await self.add(index, document(title="Kubernetes upgrade"), "Drain the nodes first")

        assert await self.words(index, scope(C1), "kubernetes") == ["d1:1:0"]

    async def test_no_more_than_the_limit_comes_back(self, index: VectorIndex) -> None:
        await self.add(index, document(), *(f"disk number {n}" for n in range(20)))

        assert len(await index.keyword(scope(C1), Query("disk"), 5)) == 5
        assert len(await index.dense(scope(C1), vectors(1, self.dimension)[0], 5)) == 5

    async def test_another_form_of_a_word_finds_it(self, index: VectorIndex) -> None:
        await self.add(index, document(), "The nodes were restarted")

        assert await self.words(index, scope(C1), "restarting a node") == ["d1:1:0"]

    @pytest.mark.parametrize(
        ("written", "asked"),
        [
            ("write failed: ENOSPC", "enospc"),
            ("see err-4711 in the log", "ERR-4711"),
            ("table payments_v2 is locked", "Payments_V2"),
            ("code 0x80070005 was returned", "0X80070005"),
            ("svc-payments-7 restarted", "SVC-PAYMENTS-7"),
            ("look at /var/log/app.log first", "/var/log/app.log"),
            ("affected by CVE-2024-1234", "cve-2024-1234"),
            ("kubelet.service: Failed", "kubelet.service"),
            ("user ops@example.com asked", "ops@example.com"),
            ("java.lang.NullPointerException at Foo", "nullpointerexception"),
        ],
    )
    async def test_a_rare_identifier_is_found_first_whatever_its_case(
        self, index: VectorIndex, written: str, asked: str
    ) -> None:
        noise = [f"error {n} in the log of service {n}: app failed at 20{n}" for n in range(12)]
        await self.add(index, document(), *noise, written)

        found = await self.words(index, scope(C1), asked)

        assert found[0] == "d1:1:12"

    async def test_chinese_and_japanese_words_are_found_inside_sentences(self, index: VectorIndex) -> None:
        await self.add(index, document(), "データベース接続エラーが発生しました", "服务器磁盘已满", "昼休み")

        assert await self.words(index, scope(C1), "接続エラー") == ["d1:1:0"]
        assert await self.words(index, scope(C1), "磁盘") == ["d1:1:1"]

    async def test_an_exact_phrase_must_be_in_the_chunk(self, index: VectorIndex) -> None:
        await self.add(
            index,
            document(),
            "disk is full",
            "full disk",
            "The Disk\nis full!",
            "disks is full",
            "disk is fuller",
            "disk, is full",
        )

        assert set(await self.words(index, scope(C1), "disk is full", "disk is full")) == {"d1:1:0", "d1:1:2"}

    async def test_a_query_without_words_finds_nothing_by_words(self, index: VectorIndex) -> None:
        await self.add(index, document(), "some text")

        assert await self.words(index, scope(C1), "?! — …") == []

    @given(text=st.text(max_size=80), phrase=st.text(max_size=20))
    @SHARED_INDEX
    async def test_no_query_is_an_error(self, index: VectorIndex, text: str, phrase: str) -> None:
        await index.keyword(scope(C1), Query(text, (phrase,)), 5)

    @pytest.mark.parametrize(
        "text", ['"', "' OR 1=1 --", "NEAR(a b)", "title:x", "a* AND", "^a", "(", "{x} : y", "\x00"]
    )
    async def test_no_query_is_read_as_a_query_language(self, index: VectorIndex, text: str) -> None:
        await self.add(index, document(), "some text")

        assert await self.words(index, scope(C1), text) == []

    @pytest.mark.parametrize(
        "text", ["🙂 emoji 👩‍👩‍👧", "tab\tand\nline", "e\u0301 combining", "نص عربي", "x" * 1_000]
    )
    async def test_text_comes_back_as_it_was_written(self, index: VectorIndex, text: str) -> None:
        await self.add(index, document(), text)

        (found,) = await index.dense(scope(C1), vectors(1, self.dimension)[0], MANY)

        assert found.text == text

    # Scope

    async def test_another_channels_chunks_are_not_found_by_words(self, index: VectorIndex) -> None:
        await self.add(index, document(channels=frozenset({C2})), "the disk is full")

        assert await self.words(index, scope(C1), "disk") == []

    async def test_another_channels_chunks_are_not_found_by_meaning(self, index: VectorIndex) -> None:
        await self.add(index, document(channels=frozenset({C2})), "the disk is full")

        assert await self.meaning(index, scope(C1)) == []

    async def test_another_workspaces_chunks_are_not_found_by_words(self, index: VectorIndex) -> None:
        await self.add(index, document(workspace=WorkspaceId("T2")), "the disk is full")

        assert await self.words(index, scope(C1), "disk") == []

    async def test_another_workspaces_chunks_are_not_found_by_meaning(self, index: VectorIndex) -> None:
        await self.add(index, document(workspace=WorkspaceId("T2")), "the disk is full")

        assert await self.meaning(index, scope(C1)) == []

    async def test_an_empty_scope_finds_nothing(self, index: VectorIndex) -> None:
        await self.add(index, document(), "the disk is full")

        assert await self.words(index, scope(), "disk") == []
        assert await self.meaning(index, scope()) == []

    async def test_a_few_readable_chunks_are_found_among_many_unreadable_better_ones(
        self, index: VectorIndex
    ) -> None:
        await self.add(index, document("d2", channels=frozenset({C2})), *(f"disk {n}" for n in range(150)))
        await self.add(index, document(), "a long text in which the word disk stands only once, near its end")

        assert ids(await index.keyword(scope(C1), Query("disk"), 3)) == ["d1:1:0"]
        assert ids(await index.dense(scope(C1), vectors(1, self.dimension)[0], 3)) == ["d1:1:0"]

    async def test_a_scope_of_some_documents_finds_no_other_and_the_limit_counts_those(
        self, index: VectorIndex
    ) -> None:
        for number in range(12):
            await self.add(index, document(f"d{number}"), "disk disk disk full")
        await self.add(index, document("wanted"), "a disk among many other words that nobody asked for")
        await self.add(index, document("elsewhere", channels=frozenset({C2})), "disk disk")
        some = replace(scope(C1), documents=frozenset(map(DocumentId, ("wanted", "elsewhere", "unknown"))))

        by_words = ids(await index.keyword(some, Query("disk"), 2))
        by_meaning = ids(await index.dense(some, vectors(1, self.dimension)[0], 2))

        assert by_words == by_meaning == ["wanted:1:0"]
        assert await self.words(index, replace(some, documents=frozenset()), "disk") == []
        assert await self.meaning(index, replace(some, documents=frozenset())) == []

    async def test_the_neighbours_of_a_chunk_can_be_read(self, index: VectorIndex) -> None:
        texts = [f"chunk {number}" for number in range(6)]
        await self.add(index, document(), *texts)

        read = await index.read(scope(C1), D1, 1, range(2, 5))

        assert read == chunks_of(*texts)[2:5]
        assert await index.read(scope(C1), D1, 1, range(-2, 1)) == chunks_of(*texts)[:1]
        assert await index.read(scope(C1), D1, 1, range(6, 9)) == []

    async def test_chunks_are_read_only_by_who_may_and_of_the_visible_generation(
        self, index: VectorIndex
    ) -> None:
        await self.add(index, document(), "first")
        await self.add(index, document(generation=2), "second")

        assert [one.text for one in await index.read(scope(C1, C2), D1, 2, range(3))] == ["second"]
        assert await index.read(scope(C1), D1, 1, range(3)) == []
        assert await index.read(scope(C2), D1, 2, range(3)) == []
        assert await index.read(scope(), D1, 2, range(3)) == []
        assert await index.read(scope(C1, workspace=WorkspaceId("T2")), D1, 2, range(3)) == []
        assert await index.read(replace(scope(C1), documents=frozenset()), D1, 2, range(3)) == []

    async def test_a_document_in_several_channels_is_found_once(self, index: VectorIndex) -> None:
        await self.add(index, document(channels=frozenset({C1, C2})), "the disk is full")

        assert await self.words(index, scope(C1, C2), "disk") == ["d1:1:0"]
        assert await self.meaning(index, scope(C1, C2)) == ["d1:1:0"]

    async def test_unsharing_hides_a_document_at_once(self, index: VectorIndex) -> None:
        await self.add(index, document(), "the disk is full")

        await index.describe(document(channels=frozenset()))
        await self.settled(index)

        assert await self.words(index, scope(C1, C2), "disk") == []
        assert await self.meaning(index, scope(C1, C2)) == []

    async def test_sharing_elsewhere_moves_a_document(self, index: VectorIndex) -> None:
        await self.add(index, document(), "the disk is full")

        await index.describe(document(channels=frozenset({C2})))
        await self.settled(index)

        assert await self.words(index, scope(C1), "disk") == []
        assert await self.words(index, scope(C2), "disk") == ["d1:1:0"]

    async def test_the_channels_of_an_unpublished_document_cannot_be_set(self, index: VectorIndex) -> None:
        await index.write(document(), chunks_of("the disk is full"), vectors(1, self.dimension))

        await index.describe(document(channels=frozenset({C1})))
        await self.settled(index)

        assert await self.words(index, scope(C1), "disk") == []

    async def test_a_new_title_is_found_and_the_former_is_not(self, index: VectorIndex) -> None:
        await self.add(index, document(title="Failover"), *("the disk is full" for _ in range(MANY + 1)))

        await index.describe(document(title="Postmortem"))
        await self.settled(index)

        assert await self.words(index, scope(C1), "failover") == []
        assert len(await self.words(index, scope(C1), "postmortem")) == MANY
        assert len(await self.words(index, scope(C1), "disk")) == MANY

    # Copies and the inventory

    async def test_a_copy_is_found_like_the_original_once_it_is_published(self, index: VectorIndex) -> None:
        await self.add(index, document(), "the disk is full", "the queue is empty")
        copy = document("d2", 4, channels=frozenset({C2}), title="Copy")

        assert await index.copy(D1, copy) == 2
        await self.settled(index)
        assert await self.words(index, scope(C2), "disk") == []
        await index.publish(copy)
        await self.settled(index)

        assert await self.words(index, scope(C2), "disk") == ["d2:4:0"]
        assert await self.words(index, scope(C2), "copy") == ["d2:4:0", "d2:4:1"]
        near = vectors(2, self.dimension, seed=1)[1]
        original, copied = await index.dense(scope(C1), near, 1), await index.dense(scope(C2), near, 1)
        assert [c.score for c in copied] == pytest.approx([c.score for c in original], abs=1e-3)
        assert [(c.page, c.label, c.heading) for c in copied] == [
            (c.page, c.label, c.heading) for c in original
        ]

    async def test_there_is_nothing_to_copy_of_what_is_hidden_or_elsewhere(self, index: VectorIndex) -> None:
        await index.write(document(), chunks_of("the disk is full"), vectors(1, self.dimension))
        await self.settled(index)

        assert await index.copy(D1, document("d2")) == 0
        assert await index.copy(DocumentId("never seen"), document("d2")) == 0
        elsewhere = document("d2", workspace=WorkspaceId("T2"))
        await index.publish(document())
        await self.settled(index)
        assert await index.copy(D1, elsewhere) == 0

    async def test_the_inventory_tells_what_is_visible_and_what_is_left_over(
        self, index: VectorIndex
    ) -> None:
        await self.add(index, document(channels=frozenset({C1, C2})), "one", "two")
        await self.add(index, document(workspace=WorkspaceId("T2")), "somebody else's")
        await index.write(document(generation=2), chunks_of("three"), vectors(1, self.dimension))
        await self.settled(index)

        assert await index.inventory(TEAM) == {D1: Held(1, 2, frozenset({C1, C2}), strays=1, newest=2)}

    # Generations

    async def test_nothing_is_visible_before_it_is_published(self, index: VectorIndex) -> None:
        await index.write(document(), chunks_of("the disk is full"), vectors(1, self.dimension))
        await self.settled(index)

        assert await self.words(index, scope(C1), "disk") == []
        assert await self.meaning(index, scope(C1)) == []

    async def test_the_former_generation_answers_until_the_next_is_published(
        self, index: VectorIndex
    ) -> None:
        await self.add(index, document(), "the disk is full")

        await index.write(document(generation=2), chunks_of("disk replaced"), vectors(1, self.dimension, 2))
        await self.settled(index)

        assert await self.words(index, scope(C1), "disk") == ["d1:1:0"]
        assert await self.meaning(index, scope(C1)) == ["d1:1:0"]

    async def test_publishing_replaces_every_older_generation(self, index: VectorIndex) -> None:
        await self.add(index, document(), *(f"old disk {n}" for n in range(150)))
        await index.write(document(generation=2), chunks_of("never finished"), vectors(1, self.dimension, 3))

        await self.add(index, document(generation=3), "new disk")

        assert await self.words(index, scope(C1), "disk old new never finished") == ["d1:3:0"]
        assert await self.meaning(index, scope(C1)) == ["d1:3:0"]
        assert await index.inventory(TEAM) == {D1: Held(3, 1, frozenset({C1}), newest=3)}

    async def test_who_comes_late_with_an_older_generation_changes_nothing(self, index: VectorIndex) -> None:
        late = document(channels=frozenset({C2}), title="Former")
        made = chunks_of("the former disk", "its second half")
        await index.write(late, made[:1], vectors(1, self.dimension))
        await self.add(index, document(generation=2), "the disk is full")

        await index.write(late, made, vectors(2, self.dimension))
        await self.settled(index)
        await index.publish(late)
        await self.settled(index)

        assert await self.words(index, scope(C1, C2), "disk former half") == ["d1:2:0"]
        assert await self.meaning(index, scope(C1, C2)) == ["d1:2:0"]
        assert await index.inventory(TEAM) == {D1: Held(2, 1, frozenset({C1}), newest=2)}

    async def test_a_generation_that_is_being_written_survives_the_publishing_of_an_older_one(
        self, index: VectorIndex
    ) -> None:
        newer = document(generation=2)
        await index.write(newer, chunks_of("disk one"), vectors(1, self.dimension))
        await self.add(index, document(), "the former disk")
        await index.write(newer, chunks_of("disk one", "disk two")[1:], vectors(1, self.dimension))
        await self.settled(index)

        await index.publish(newer)
        await self.settled(index)

        assert sorted(await self.words(index, scope(C1), "disk")) == ["d1:2:0", "d1:2:1"]

    async def test_what_is_shown_where_is_asked_for_as_late_as_can_be(self, index: VectorIndex) -> None:
        moved = document(channels=frozenset({C2}), title="Postmortem")
        answers: list[IndexedDocument | None] = [None, moved]

        async def current() -> IndexedDocument | None:
            return answers[0]

        await index.write(document(), chunks_of("the disk is full"), vectors(1, self.dimension))
        await index.publish(document(), current)
        await self.settled(index)
        assert await self.words(index, scope(C1, C2), "disk") == []
        del answers[0]
        await index.publish(document(), current)
        await self.settled(index)
        assert await self.words(index, scope(C1), "disk") == []
        assert await self.words(index, scope(C2), "disk") == ["d1:1:0"]

        await index.describe(document(), current)
        await self.settled(index)
        assert await self.words(index, scope(C1, C2), "postmortem") == ["d1:1:0"]
        answers[0] = None
        await index.describe(document(), current)
        await self.settled(index)
        assert await self.words(index, scope(C2), "disk") == ["d1:1:0"]

    async def test_publishing_takes_the_channels_it_is_given(self, index: VectorIndex) -> None:
        await self.add(index, document(), "the disk is full")

        await self.add(index, document(generation=2, channels=frozenset({C2})), "the disk is full")

        assert await self.words(index, scope(C1), "disk") == []
        assert await self.words(index, scope(C2), "disk") == ["d1:2:0"]

    async def test_a_repeated_write_changes_nothing(self, index: VectorIndex) -> None:
        made, their = chunks_of("disk one", "disk two"), vectors(2, self.dimension)
        for _ in range(3):
            await index.write(document(), made, their)
        await index.publish(document())
        await index.publish(document())
        await index.write(document(), made, their)
        await self.settled(index)

        assert sorted(await self.words(index, scope(C1), "disk")) == ["d1:1:0", "d1:1:1"]
        assert sorted(await self.meaning(index, scope(C1))) == ["d1:1:0", "d1:1:1"]

    async def test_a_written_chunk_can_be_written_anew(self, index: VectorIndex) -> None:
        await index.write(document(), chunks_of("an early draft"), vectors(1, self.dimension))
        await self.add(index, document(), "the final words")

        assert await self.words(index, scope(C1), "draft") == []
        assert await self.words(index, scope(C1), "final") == ["d1:1:0"]

    async def test_chunks_written_in_several_calls_belong_together(self, index: VectorIndex) -> None:
        made, their = chunks_of(*(f"disk {n}" for n in range(7))), vectors(7, self.dimension)
        for start in (4, 0, 2, 6):
            await index.write(document(), made[start : start + 2], their[start : start + 2])
        await index.publish(document())
        await self.settled(index)

        assert len(await self.words(index, scope(C1), "disk")) == 7

    async def test_vectors_of_another_dimension_are_refused(self, index: VectorIndex) -> None:
        with pytest.raises(OperatorError):
            await index.write(document(), chunks_of("text"), vectors(1, self.dimension + 1))
        with pytest.raises(OperatorError):
            await index.dense(scope(C1), vectors(1, self.dimension + 1)[0], 5)

    # Deleting

    async def test_a_deleted_document_is_gone(self, index: VectorIndex) -> None:
        await self.add(index, document(), *(f"disk {n}" for n in range(120)))
        await index.write(document(generation=2), chunks_of("disk again"), vectors(1, self.dimension, 2))

        await index.delete(TEAM, D1)
        await index.publish(document(generation=2))
        await self.settled(index)

        assert await self.words(index, scope(C1), "disk") == []
        assert await self.meaning(index, scope(C1)) == []

    async def test_a_deleted_document_can_come_back_with_the_same_number(self, index: VectorIndex) -> None:
        await self.add(index, document(), "disk one", "disk two")
        await index.delete(TEAM, D1)

        await self.add(index, document(), "disk three")

        assert await self.words(index, scope(C1), "disk") == ["d1:1:0"]
        assert await self.words(index, scope(C1), "one two") == []

    async def test_deleting_what_was_before_a_generation_leaves_that_and_what_follows(
        self, index: VectorIndex
    ) -> None:
        await self.add(index, document(generation=4), *(f"disk {n}" for n in range(3)))
        await index.write(document(generation=5), chunks_of("disk anew"), vectors(1, self.dimension, 5))

        await index.delete(TEAM, D1, before=4)
        await self.settled(index)
        assert len(await self.words(index, scope(C1), "disk")) == 3

        await index.delete(TEAM, D1, before=5)
        await self.settled(index)
        assert await self.words(index, scope(C1), "disk") == []
        await index.publish(document(generation=5))
        await self.settled(index)
        assert await self.words(index, scope(C1), "disk") == ["d1:5:0"]

    async def test_deleting_leaves_other_documents_and_workspaces_alone(self, index: VectorIndex) -> None:
        other = WorkspaceId("T2")
        await self.add(index, document(), "disk")
        await self.add(index, document("d2"), "disk")
        await self.add(index, document(workspace=other), "disk")

        await index.delete(TEAM, D1)
        await self.settled(index)

        assert await self.words(index, scope(C1), "disk") == ["d2:1:0"]
        assert await self.words(index, scope(C1, workspace=other), "disk") == ["d1:1:0"]

    async def test_what_is_not_there_can_be_deleted_and_moved(self, index: VectorIndex) -> None:
        await index.delete(TEAM, D1)
        await index.describe(document(channels=frozenset({C1})))

        assert await self.words(index, scope(C1), "disk") == []

    # Any order, at once

    @given(data=st.data())
    @SHARED_INDEX
    async def test_in_any_order_of_changes_exactly_the_published_is_visible(
        self, index: VectorIndex, data: st.DataObject
    ) -> None:
        team = WorkspaceId(uuid.uuid4().hex)
        written: dict[tuple[str, int], int] = {}
        visible: dict[str, tuple[int, frozenset[ChannelId]]] = {}
        channel_sets = st.frozensets(st.sampled_from([C1, C2]))
        for _ in range(data.draw(st.integers(1, 12))):
            action = data.draw(st.sampled_from(["write", "publish", "publish", "share", "delete"]))
            name, generation = data.draw(st.sampled_from(["a", "b"])), data.draw(st.integers(1, 3))
            channels = data.draw(channel_sets)
            doc = document(name, generation, channels=channels, workspace=team)
            late = name in visible and visible[name][0] > generation
            if action == "write":
                made = chunks_of(*(f"disk {name} {generation} {n}" for n in range(generation)))
                await index.write(doc, made, vectors(generation, self.dimension, generation))
                if not late:
                    written[name, generation] = generation
            elif action == "publish":
                await index.publish(doc)
                if not late:
                    visible[name] = (generation, channels)
                    written = {key: n for key, n in written.items() if key[0] != name or key[1] >= generation}
            elif action == "share":
                await index.describe(doc)
                if name in visible:
                    visible[name] = (visible[name][0], channels)
            else:
                await index.delete(team, DocumentId(name))
                visible.pop(name, None)
                written = {key: n for key, n in written.items() if key[0] != name}
        await self.settled(index)
        for asked in ((C1,), (C2,), (C1, C2)):
            expected = sorted(
                f"{name}:{generation}:{ordinal}"
                for name, (generation, channels) in visible.items()
                if channels.intersection(asked)
                for ordinal in range(written.get((name, generation), 0))
            )
            assert sorted(await self.words(index, scope(*asked, workspace=team), "disk")) == expected
            assert sorted(await self.meaning(index, scope(*asked, workspace=team))) == expected

    async def test_while_generations_change_each_search_sees_exactly_one(self, index: VectorIndex) -> None:
        await self.add(index, document(), *(f"disk {n}" for n in range(5)))
        done = asyncio.Event()
        seen: list[list[str]] = []

        async def search() -> None:
            while not done.is_set():
                seen.append(await self.words(index, scope(C1), "disk"))
                seen.append(await self.meaning(index, scope(C1)))

        async def change() -> None:
            for generation in range(2, 15):
                await self.add(index, document(generation=generation), *(f"disk {n}" for n in range(5)))
            done.set()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(change())
            for _ in range(3):
                tasks.create_task(search())

        assert seen
        for found in seen:
            generations = {chunk_id.split(":")[1] for chunk_id in found}
            assert len(generations) == 1
            assert len(found) == 5

    async def test_many_documents_can_be_written_at_once(self, index: VectorIndex) -> None:
        await asyncio.gather(*(self.add(index, document(f"d{n}"), f"disk {n}", "filler") for n in range(20)))

        found = await asyncio.gather(*(self.words(index, scope(C1), "disk") for _ in range(20)))

        assert all(len(one) == 20 for one in found)

    async def test_a_ping_answers_while_it_can_be_used(self, index: VectorIndex) -> None:
        await index.ping()
