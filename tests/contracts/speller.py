"""What every speller must do: for a word that a scope doesn't have, the likest that it has.

A test module subclasses `SpellerContract`, names it `Test…` and gives the fixture `index`: an open, empty
index of `dimension` dimensions.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import ChannelId, Query
from bot.search.words import words_of
from contracts.finding import Index
from contracts.vector_index import C1, C2, SHARED_INDEX, chunks_of, document, scope, vectors

SEEN = """
The Kubernetes cluster lost its database after the failover. Storage: by instances. A load balancer.
Replication needs the configuration of an administrator; its responsibilities are documented.
Die Bereitschaft der Leitstelle ist rund um die Uhr erreichbar, und der Notruf ist mit ihr verbunden.
"""
HIDDEN = "The layoffs at Zephyrus are announced in September; kuberntez is a codename."
MEANT = {
    "kuberntes": "kubernetes",
    "Kubernetis": "kubernetes",
    "kubrenetes": "kubernetes",
    "kbuernetes": "kubernetes",
    "kuberneets": "kubernetes",
    "databse": "database",
    "failvoer": "failover",
    "storge": "storage",
    "replicaton": "replication",
    "relpication": "replication",
    "configuraton": "configuration",
    "configurattion": "configuration",
    "adminstrator": "administrator",
    "administrater": "administrator",
    "responsibilites": "responsibilities",
    "documentd": "documented",
    "Bereitschft": "bereitschaft",
    "loadbalancer": "load balancer",
}
LEFT_ALONE = (
    "kubernetes", "Kubernetes", "instance", "replicated", "ENOSPCC", "databas3", "lost", "grw", "elephant",
)  # fmt: skip  # a list of words


class SpellerContract:
    dimension = 16

    async def add(self, index: Index, name: str, text: str, channel: ChannelId) -> None:
        doc = document(name, channels=frozenset({channel}), title="Notes")
        await index.write(doc, chunks_of(text), vectors(1, self.dimension))
        await index.publish(doc)

    @pytest.fixture
    async def filled(self, index: Index) -> Index:
        await self.add(index, "seen", SEEN, C1)
        await self.add(index, "hidden", HIDDEN, C2)
        return index

    async def test_a_misspelt_word_is_taken_for_the_likest_that_the_scope_has(self, filled: Index) -> None:
        for typed, meant in MEANT.items():
            found = await filled.spelled(scope(C1), Query(f"the {typed} problem"))
            assert found == {typed: meant}, (typed, found)

    async def test_words_that_are_there_and_names_and_short_words_are_left_alone(self, filled: Index) -> None:
        for typed in LEFT_ALONE:
            assert await filled.spelled(scope(C1), Query(typed)) == {}, typed

    async def test_in_another_language_short_words_are_left_alone(self, filled: Index) -> None:
        assert await filled.spelled(scope(C1), Query("Wo ist die Storge?")) == {"Storge": "storage"}
        assert await filled.spelled(scope(C1), Query("Wer ist der Clustr?")) == {"Clustr": "cluster"}
        assert await filled.spelled(scope(C1), Query("Wie ist der Noruf?")) == {}

    async def test_exact_phrases_and_long_questions_are_left_alone(self, filled: Index) -> None:
        words = " ".join(f"word{n}x" for n in range(9))

        assert await filled.spelled(scope(C1), Query("kuberntes", ("kuberntes",))) == {}
        assert await filled.spelled(scope(C1), Query(f"kuberntes {words}")) == {}

    async def test_what_only_others_may_read_is_neither_proposed_nor_known(self, filled: Index) -> None:
        assert await filled.spelled(scope(C1), Query("zephyrsu layofs")) == {}
        assert await filled.spelled(scope(C2), Query("zephyrsu layofs")) == {
            "zephyrsu": "zephyrus",
            "layofs": "layoffs",
        }
        assert await filled.spelled(scope(C1), Query("kuberntez")) == {"kuberntez": "kubernetes"}
        assert await filled.spelled(scope(C2), Query("kuberntez")) == {}
        assert await filled.spelled(scope(), Query("kuberntes")) == {}

    async def test_what_others_may_read_changes_no_proposal(self, index: Index) -> None:
        await self.add(index, "seen", SEEN, C1)
        before = await index.spelled(scope(C1), Query("kuberntez databasa"))
        for n in range(12):
            await self.add(index, f"hidden{n}", f"{HIDDEN} databasa databass kuberntes kuberntem", C2)

        assert await index.spelled(scope(C1), Query("kuberntez databasa")) == before != {}

    @given(text=st.text("abcdeklrstu äß日'-_9", max_size=40) | st.text(max_size=40))
    @SHARED_INDEX
    async def test_any_question_can_be_asked(self, filled: Index, text: str) -> None:
        assert set(await filled.spelled(scope(C1), Query(text))) <= set(words_of(text))
