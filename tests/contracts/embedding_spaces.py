"""What every `VectorIndex` must do while a workspace goes from one embedding space into another.

A test module subclasses `EmbeddingSpacesContract`, names it `Test…`, and gives `opened`: the same chunks,
opened for one space while the workspace is searched in the one whose label `searched` holds.
"""

from __future__ import annotations

import uuid
from contextlib import AbstractAsyncContextManager

import numpy as np
import pytest
from hypothesis import strategies as st

from bot.domain import Candidate, DocumentId, EmbeddingSpace, IndexedDocument, Query, WorkspaceId
from bot.errors import OperatorError
from bot.ports import NOTHING_ELSE, VectorIndex, Vectors
from contracts.vector_index import C1, D1, MANY, TEAM, chunks_of, document, ids, scope, vectors

OLD, NEW = EmbeddingSpace("old", 16), EmbeddingSpace("new", 32)


def embedded(space: EmbeddingSpace, texts: tuple[str, ...]) -> Vectors:
    """As a model would: the same text always has the same vector."""
    rows = [vectors(1, space.dimension, seed=sum(map(ord, text)) + 1)[0] for text in texts]
    return np.stack(rows)


class EmbeddingSpacesContract:
    searched = OLD.label

    def opened(self, space: EmbeddingSpace) -> AbstractAsyncContextManager[VectorIndex]:
        raise NotImplementedError

    def kept(self, space: EmbeddingSpace) -> AbstractAsyncContextManager[VectorIndex]:
        """The same for a test that opens it often, in a workspace of its own each time."""
        return self.opened(space)

    async def settled(self) -> None:
        """Wait until what was written can be read."""

    async def add(
        self, index: VectorIndex, doc: IndexedDocument, *texts: str, space: EmbeddingSpace, also: bool = False
    ) -> None:
        others = {OLD: embedded(OLD, texts)} if also else NOTHING_ELSE
        await index.write(doc, chunks_of(*texts), embedded(space, texts), others)
        await index.publish(doc)
        await self.settled()

    async def re_embed(self, index: VectorIndex, workspace: WorkspaceId = TEAM) -> None:
        for document_id in await index.behind(workspace):
            stored = await index.stored(workspace, document_id)
            assert stored is not None
            doc = document(document_id, stored.generation, workspace=workspace)
            texts = tuple(chunk.text for chunk in stored.chunks)
            await index.enter(doc, stored.chunks, embedded(NEW, texts))
            await index.entered(doc)
        await self.settled()

    async def by_meaning(
        self, index: VectorIndex, text: str, space: EmbeddingSpace, workspace: WorkspaceId = TEAM
    ) -> list[Candidate]:
        return await index.dense(scope(C1, workspace=workspace), embedded(space, (text,))[0], MANY, space)

    async def by_words(self, index: VectorIndex, text: str, workspace: WorkspaceId = TEAM) -> list[str]:
        return sorted(ids(await index.keyword(scope(C1, workspace=workspace), Query(text), MANY)))

    async def test_until_the_switch_everything_is_found_as_before(self) -> None:
        async with self.opened(OLD) as index:
            await self.add(index, document(), "the disk is full", "lunch is served", space=OLD)

        async with self.opened(NEW) as index:
            assert await index.spaces(TEAM) == {OLD.label}
            assert await index.behind(TEAM) == [D1]
            assert await self.by_words(index, "disk") == ["d1:1:0"]
            found = await self.by_meaning(index, "lunch is served", OLD)
            assert found[0].chunk_id == "d1:1:1"
            assert found[0].score == pytest.approx(1.0, abs=0.01)
            assert [one.text for one in await index.read(scope(C1), D1, 1, range(1))] == ["the disk is full"]

    async def test_after_re_embedding_nothing_is_behind_and_the_new_vectors_are_found(self) -> None:
        async with self.opened(OLD) as index:
            await self.add(index, document(), *(f"disk {n}" for n in range(130)), space=OLD)
            await self.add(index, document("d2"), "lunch is served", space=OLD)

        async with self.opened(NEW) as index:
            await self.re_embed(index)
            assert await index.behind(TEAM) == []
            assert len(await self.by_meaning(index, "disk 7", OLD)) == MANY
            self.searched = NEW.label
            found = await self.by_meaning(index, "disk 7", NEW)
            assert found[0].chunk_id == "d1:1:7"
            assert found[0].score == pytest.approx(1.0, abs=0.01)
            assert len(await self.by_words(index, "disk")) == MANY
            await index.leave(TEAM, OLD.label)
            await self.settled()
            assert await index.spaces(TEAM) == {NEW.label}
            assert len(await self.by_meaning(index, "disk 7", NEW)) == MANY
            held = await index.inventory(TEAM)
            assert {name: (of_it.chunks, of_it.strays) for name, of_it in held.items()} == {
                "d1": (130, 0),
                "d2": (1, 0),
            }

    async def test_leaving_a_space_leaves_other_workspaces_alone(self) -> None:
        other = WorkspaceId("T2")
        async with self.opened(OLD) as index:
            await self.add(index, document(), "the disk is full", space=OLD)
            await self.add(index, document(workspace=other), "the disk is full", space=OLD)

        async with self.opened(NEW) as index:
            await self.re_embed(index)
            await self.re_embed(index, other)
            self.searched = NEW.label
            for _ in range(2):
                await index.leave(TEAM, OLD.label)
            await index.leave(TEAM, "never heard of/8")
            await self.settled()
            assert await index.spaces(TEAM) == {NEW.label}
            self.searched = OLD.label
            assert OLD.label in await index.spaces(other)

    async def test_what_is_new_meanwhile_is_found_before_and_after_the_switch(self) -> None:
        async with self.opened(OLD) as index:
            await self.add(index, document(), "the disk is full", space=OLD)

        async with self.opened(NEW) as index:
            await self.add(index, document("d2"), "a new disk", space=NEW, also=True)
            assert await index.behind(TEAM) == [D1]
            assert await self.by_words(index, "disk") == ["d1:1:0", "d2:1:0"]
            assert (await self.by_meaning(index, "a new disk", OLD))[0].chunk_id == "d2:1:0"
            await self.re_embed(index)
            self.searched = NEW.label
            assert await self.by_words(index, "disk") == ["d1:1:0", "d2:1:0"]
            assert (await self.by_meaning(index, "a new disk", NEW))[0].chunk_id == "d2:1:0"

    async def test_what_is_new_meanwhile_without_the_former_model_is_found_by_its_words(self) -> None:
        async with self.opened(OLD) as index:
            await self.add(index, document(), "the disk is full", space=OLD)

        async with self.opened(NEW) as index:
            await self.add(index, document("d2"), "a new disk", space=NEW)
            assert await self.by_words(index, "disk") == ["d1:1:0", "d2:1:0"]
            assert ids(await self.by_meaning(index, "a new disk", OLD)) == ["d1:1:0"]
            await self.re_embed(index)
            self.searched = NEW.label
            assert (await self.by_meaning(index, "a new disk", NEW))[0].chunk_id == "d2:1:0"

    async def test_a_document_that_is_replaced_while_it_is_embedded_keeps_its_new_content(self) -> None:
        async with self.opened(OLD) as index:
            await self.add(index, document(), "the disk is full", space=OLD)

        async with self.opened(NEW) as index:
            stored = await index.stored(TEAM, D1)
            assert stored is not None
            await self.add(index, document(generation=2), "the queue is empty", space=NEW, also=True)
            await index.enter(document(), stored.chunks, embedded(NEW, ("the disk is full",)))
            await index.entered(document())
            await self.settled()
            assert await index.behind(TEAM) == []
            for self.searched, space in ((OLD.label, OLD), (NEW.label, NEW)):
                assert await self.by_words(index, "disk queue") == ["d1:2:0"]
                assert ids(await self.by_meaning(index, "the queue is empty", space)) == ["d1:2:0"]

    async def test_a_document_that_is_deleted_while_it_is_embedded_stays_deleted(self) -> None:
        async with self.opened(OLD) as index:
            await self.add(index, document(), "the disk is full", space=OLD)

        async with self.opened(NEW) as index:
            stored = await index.stored(TEAM, D1)
            assert stored is not None
            made = embedded(NEW, ("the disk is full",))
            await index.enter(document(), stored.chunks, made)
            await index.delete(TEAM, D1)
            await index.enter(document(), stored.chunks, made)
            await index.entered(document())
            await self.settled()
            for self.searched, space in ((OLD.label, OLD), (NEW.label, NEW)):
                assert await self.by_words(index, "disk") == []
                assert await self.by_meaning(index, "the disk is full", space) == []
                assert await index.inventory(TEAM) == {}

    async def test_a_copy_is_behind_exactly_if_its_original_is(self) -> None:
        async with self.opened(OLD) as index:
            await self.add(index, document(), "the disk is full", space=OLD)

        async with self.opened(NEW) as index:
            await self.re_embed(index)
            copy = document("d2")
            assert await index.copy(D1, copy) == 1
            await index.publish(copy)
            await self.settled()
            assert await index.behind(TEAM) == []
            for self.searched, space in ((OLD.label, OLD), (NEW.label, NEW)):
                found = ids(await self.by_meaning(index, "the disk is full", space))
                assert sorted(found) == ["d1:1:0", "d2:1:0"]

    async def test_vectors_of_a_space_that_is_not_its_are_refused(self) -> None:
        strange = EmbeddingSpace("strange", 16)
        async with self.opened(NEW) as index:
            with pytest.raises(OperatorError):
                await index.dense(scope(C1), vectors(1, 16)[0], MANY, strange)
            with pytest.raises(OperatorError):
                await index.enter(document(), chunks_of("text"), vectors(1, 16))

    async def in_any_order(self, data: st.DataObject) -> None:
        """Whatever happens meanwhile, the switch changes nothing that is found."""
        team = WorkspaceId(uuid.uuid4().hex)
        self.searched = OLD.label
        visible: dict[str, int] = {}
        async with self.kept(OLD) as index:
            for name in data.draw(st.sets(st.sampled_from("abc"))):
                await self.add(index, document(name, workspace=team), f"disk {name} 1", space=OLD)
                visible[name] = 1
        async with self.kept(NEW) as index:
            for _ in range(data.draw(st.integers(0, 6))):
                name = data.draw(st.sampled_from("abc"))
                match data.draw(st.sampled_from(["publish", "publish alone", "embed", "half", "delete"])):
                    case "delete":
                        await index.delete(team, DocumentId(name))
                        visible.pop(name, None)
                    case "embed":
                        await self.re_embed(index, team)
                    case "half":  # a process that died in the middle
                        if stored := await index.stored(team, DocumentId(name)):
                            doc = document(name, stored.generation, workspace=team)
                            texts = tuple(chunk.text for chunk in stored.chunks)
                            await index.enter(doc, stored.chunks, embedded(NEW, texts))
                    case how:
                        generation = visible.get(name, 0) + 1
                        doc, text = document(name, generation, workspace=team), f"disk {name} {generation}"
                        await self.add(index, doc, text, space=NEW, also=how == "publish")
                        visible[name] = generation
                await self.settled()
            expected = sorted(f"{name}:{generation}:0" for name, generation in visible.items())
            assert await self.by_words(index, "disk", team) == expected
            await self.re_embed(index, team)
            assert await index.behind(team) == []
            self.searched = NEW.label
            assert await self.by_words(index, "disk", team) == expected
            assert sorted(ids(await self.by_meaning(index, "disk", NEW, team))) == expected
            await index.leave(team, OLD.label)
            await self.settled()
            assert await index.spaces(team) == ({NEW.label} if visible else set())
            assert await self.by_words(index, "disk", team) == expected
