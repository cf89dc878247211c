"""What a model may say, and what it may not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answer.cite import MAX_CITATIONS, MAX_TEXT_CHARS, Source, Statement, Written
from bot.answer.gather import Evidence
from bot.answer.ground import MAX_REPLY_CHARS, Grounding
from bot.domain import Candidate, ChannelId, ChatCitation, ChatText, DocumentId, Message, Readable

TEXTS = (
    "A full backup is taken every night and kept for 35 days. Restores are rehearsed in May.",
    "The hotel limit is 140 euros a night, in Paris 210 euros.",
)


def evidence(number: int, text: str) -> Evidence:
    name = DocumentId(f"D{number}")
    candidate = Candidate(name, 1, 0, 1, text, 1.0)
    return Evidence(candidate, Readable(name, 1, "notes", Message(ChannelId("C")), None), frozenset(), 1.0)


EVIDENCE = tuple(evidence(number, text) for number, text in enumerate(TEXTS))


def grounded(*events: str | ChatCitation) -> list[tuple[str, list[str]]]:
    """The sentences that were let through, each with the documents it cites."""
    grounding = Grounding(EVIDENCE, "How long is a backup kept?")
    found = []
    for event in events:
        found += grounding.take(ChatText(event) if isinstance(event, str) else event)
    found += grounding.end()
    return [(one.text, [s.evidence.candidate.document_id for s in one.sources]) for one in found]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Backups are kept 35 days. [1]", [("Backups are kept 35 days.", ["D0"])]),
        ("Backups are kept 35 days [1].", [("Backups are kept 35 days.", ["D0"])]),
        ("Backups are kept 35 days [1, 2].", [("Backups are kept 35 days.", ["D0"])]),
        ("Backups are kept 35 days.", [("Backups are kept 35 days.", ["D0"])]),  # found for it
        ("Backups are kept 90 days. [1]", []),  # another number
        ("Unicorns guard the vault. [1]", []),
        ("Unicorns guard the vault.", []),
        ("Backups are kept 35 days. [7]", [("Backups are kept 35 days.", ["D0"])]),
        ("Unicorns guard the vault. [0] [999]", []),
        ("- Backups are kept 35 days [1]\n- Paris: 210 euros a night [2]",
         [("- Backups are kept 35 days", ["D0"]), ("- Paris: 210 euros a night", ["D1"])]),
        ('Backups: "kept for 35 days" [1]', [('Backups: "kept for 35 days"', ["D0"])]),
        ('Backups: "kept for ever and a day" [1]', []),  # it does not stand there
        ("Backups werden 35 Tage aufbewahrt. [1]", [("Backups werden 35 Tage aufbewahrt.", ["D0"])]),
        ("Backups werden 90 Tage aufbewahrt. [1]", []),
        ("NOT IN THE FILES", []),
        ("```\nkept for 35 days\n```", [("kept for 35 days", ["D0"])]),
    ],
)  # fmt: skip  # a table
def test_a_sentence_is_let_through_when_its_sources_bear_it_out(said: str, shown: list) -> None:
    assert grounded(said) == shown


@given(st.lists(st.integers(1, 12), max_size=20))
def test_however_a_reply_is_cut_into_pieces_it_says_the_same(sizes: list[int]) -> None:
    said = "Backups are kept 35 days. [1][2]\n\nIn Paris it is 210 euros [2]. Unicorns! Restores in May [1]."
    pieces, at = [], 0
    for size in sizes:
        pieces.append(said[at : at + size])
        at += size

    assert grounded(*pieces, said[at:]) == grounded(said)


def test_spans_are_read_beside_marks_in_the_text() -> None:
    said = "Backups are kept 35 days [1]. The limit is 140 euros."
    place = said.index("The limit")

    assert grounded(said, ChatCitation(place, place + 10, (2,)))[1] == ("The limit is 140 euros.", ["D1"])
    assert grounded(said, ChatCitation(-5, 10**9, (1, 2, -3, 10**9)))


@pytest.mark.parametrize("piece", ["word ", "x" * 100, "Kept 35 days. [1] ", "[", "[1", "\n", "[1][2]"])
def test_a_reply_without_end_is_not_listened_to_for_ever(piece: str) -> None:
    grounding = Grounding(EVIDENCE, "How long is a backup kept?")
    started, taken = time.process_time(), 0
    while not grounding.stopped:
        grounding.take(ChatText(piece))
        taken += 1
    grounding.end()

    assert taken <= MAX_REPLY_CHARS + 2
    assert time.process_time() - started < 3


def test_citations_without_end_are_not_counted_for_ever() -> None:
    grounding = Grounding(EVIDENCE, "")
    for _ in range(30_000):
        grounding.take(ChatCitation(0, 1, (1,)))

    assert grounding.stopped


def test_an_answer_keeps_its_bounds() -> None:
    written = Written()
    for number in range(100):
        source = Source(evidence(number, TEXTS[0]), (0, 20))
        written.add(Statement("\n", "word " * 20, (source,)))

    assert written.full
    assert len(written.text) <= MAX_TEXT_CHARS
    assert len(written.sources) == MAX_CITATIONS
