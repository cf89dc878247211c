from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Candidate, ChannelId, DocumentId, Message, Query, Readable
from bot.search.show import passage_of
from bot.search.words import exact_patterns

DOCUMENT = Readable(DocumentId("d1"), 3, "Runbook", Message(ChannelId("C1")), None)


def shown(text: str, query: Query) -> str:
    return passage_of(Candidate(DOCUMENT.document_id, 3, 7, 2, text, 0.5), DOCUMENT, query).text


def test_a_passage_knows_which_chunk_it_is_of() -> None:
    passage = passage_of(Candidate(DOCUMENT.document_id, 3, 7, 2, "text", 0.5), DOCUMENT, Query("text"))
    assert (passage.document_id, passage.generation, passage.ordinal, passage.page) == ("d1", 3, 7, 2)


def test_the_phrase_is_shown_though_the_other_words_stand_elsewhere() -> None:
    text = "set to read only" + " filler" * 80 + " disk queue full, the disk of the queue, full disk"
    query = Query("read only disk queue full", ("read only",))
    assert "read only" in shown(text, query)


def test_phrases_far_apart_are_all_shown() -> None:
    text = "read only" + " filler" * 80 + " at once"
    assert shown(text, Query("read only at once", ("read only", "at once"))) == text


def test_a_phrase_of_the_title_alone_leaves_the_snippet_as_it_is() -> None:
    assert shown("the disk is full", Query("runbook disk", ("runbook",))) == "the disk is full"


WORDS = st.lists(
    st.sampled_from(["disk", "full", "read", "only", "queue", "filler\n", "-", "x" * 40]), max_size=90
)


@given(
    WORDS, WORDS, st.sampled_from(["read only", "disk - full", "queue"]), st.sampled_from(["", "disk", "x"])
)
def test_whatever_the_text_holds_of_the_phrases_is_in_what_is_shown(
    before: list[str], after: list[str], phrase: str, other: str
) -> None:
    text = " ".join([*before, phrase.replace(" ", " \n "), *after])
    query = Query(f"{phrase} {other}".strip(), (phrase,))
    (pattern,) = exact_patterns(query)
    assert pattern.search(shown(text, query))
