from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from contracts.vector_index import C1, C2, SHARED_INDEX, chunks_of, document, scope, vectors
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import ChannelId, EmbeddingSpace, Query
from bot.providers.local.index import LocalIndex
from bot.search.words import words_of

SPACE = EmbeddingSpace("test", 16)
SEEN = "The Kubernetes cluster lost its database after the failover. Storage: by instances. A load balancer."
HIDDEN = "The layoffs at Zephyrus are announced in September; kuberntez is a codename."


async def add(index: LocalIndex, name: str, text: str, channel: ChannelId) -> None:
    doc = document(name, channels=frozenset({channel}), title="Notes")
    await index.write(doc, chunks_of(text), vectors(1, SPACE.dimension))
    await index.publish(doc)


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[LocalIndex]:
    async with LocalIndex(tmp_path / "fm.db", SPACE) as index:
        await add(index, "seen", SEEN, C1)
        await add(index, "hidden", HIDDEN, C2)
        yield index


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("kuberntes", "kubernetes"),
        ("Kubernetis", "kubernetes"),
        ("kubrenetes", "kubernetes"),
        ("kbuernetes", "kubernetes"),
        ("databse", "database"),
        ("failvoer", "failover"),
        ("storge", "storage"),
        ("loadbalancer", "load balancer"),
    ],
)
async def test_a_misspelt_word_is_taken_for_the_likest_that_the_scope_has(
    index: LocalIndex, typed: str, meant: str
) -> None:
    assert await index.spelled(scope(C1), Query(f"the {typed} problem")) == {typed: meant}


@pytest.mark.parametrize(
    "typed", ["kubernetes", "Kubernetes", "instance", "ENOSPCC", "databas3", "lost", "grw", "elephant", ""]
)
async def test_words_that_are_there_and_names_and_short_words_are_left_alone(
    index: LocalIndex, typed: str
) -> None:
    assert await index.spelled(scope(C1), Query(typed)) == {}


async def test_an_exact_phrase_is_left_alone(index: LocalIndex) -> None:
    assert await index.spelled(scope(C1), Query("kuberntes", ("kuberntes",))) == {}


async def test_a_long_question_is_left_alone(index: LocalIndex) -> None:
    words = " ".join(f"word{n}x" for n in range(9))

    assert await index.spelled(scope(C1), Query(f"kuberntes {words}")) == {}


async def test_what_only_others_may_read_is_never_proposed(index: LocalIndex) -> None:
    assert await index.spelled(scope(C1), Query("zephyrsu layofs")) == {}
    assert await index.spelled(scope(C2), Query("zephyrsu layofs")) == {
        "zephyrsu": "zephyrus",
        "layofs": "layoffs",
    }


async def test_a_word_that_only_others_may_read_is_as_unknown_as_any_other(index: LocalIndex) -> None:
    assert await index.spelled(scope(C1), Query("kuberntez")) == {"kuberntez": "kubernetes"}
    assert await index.spelled(scope(C2), Query("kuberntez")) == {}


async def test_what_others_may_read_changes_no_proposal(tmp_path: Path) -> None:
    async with LocalIndex(tmp_path / "fm.db", SPACE) as index:
        await add(index, "seen", SEEN, C1)
        before = await index.spelled(scope(C1), Query("kuberntez databasa"))
        for n in range(30):
            await add(index, f"hidden{n}", f"{HIDDEN} databasa databass kuberntes kuberntem", C2)

        assert await index.spelled(scope(C1), Query("kuberntez databasa")) == before != {}


async def test_an_empty_scope_knows_nothing(index: LocalIndex) -> None:
    assert await index.spelled(scope(), Query("kuberntes")) == {}


@given(text=st.text("abcdeklrstu äß日'-_9", max_size=40) | st.text(max_size=40))
@SHARED_INDEX
async def test_any_question_can_be_asked(index: LocalIndex, text: str) -> None:
    assert set(await index.spelled(scope(C1), Query(text))) <= set(words_of(text))
