from __future__ import annotations

from itertools import pairwise

import pytest

from bot.domain import Chunk, Page
from bot.ingest.chunk import MAX_CHARS, OVERLAP_CHARS, Style, chunk

SENTENCE = "The disk of the payment service was full again. "
PROSE = SENTENCE * 100


def cut(text: str, style: Style = "prose", **page: str) -> list[Chunk]:
    return list(chunk([Page(1, text, **page)], style))


def test_a_short_page_is_one_chunk_without_the_spaces_around_it() -> None:
    (only,) = cut("\n  Disk full.\n\n")
    assert (only.text, only.start, only.end, only.ordinal, only.page) == ("Disk full.", 3, 13, 0, 1)


@pytest.mark.parametrize("text", ["", " ", "\n\n\t  \n", "\u00a0\u3000"])
def test_a_page_without_text_has_no_chunks(text: str) -> None:
    assert cut(text) == []


def test_a_page_of_exactly_the_limit_is_one_chunk() -> None:
    assert [each.end for each in cut("x" * MAX_CHARS)] == [MAX_CHARS]


def test_prose_ends_at_sentences_and_repeats_about_two_hundred_characters() -> None:
    chunks = cut(PROSE)
    assert all(each.text.endswith("again.") for each in chunks)
    repeated = [before.end - after.start for before, after in pairwise(chunks)]
    assert all(150 <= overlap <= OVERLAP_CHARS for overlap in repeated[:-1])


def test_a_blank_line_is_preferred_to_a_sentence() -> None:
    first = SENTENCE * 15
    chunks = cut(first.rstrip() + "\n\n" + PROSE)
    assert chunks[0].text == first.rstrip()


def test_a_sentence_may_end_in_a_closing_quote() -> None:
    said = "He said “The disk of the payment service is full.” "
    assert all(each.text.endswith("full.”") for each in cut(said * 60))


def test_text_without_spaces_between_sentences_ends_at_its_full_stops() -> None:
    chunks = cut("支払いサービスのディスクがまた一杯になりました。" * 100)
    assert len(chunks) > 1
    assert all(each.text.endswith("。") and each.text.startswith("支") for each in chunks)


def test_code_ends_at_line_ends_and_begins_at_line_starts() -> None:
    line = "    if disk.free < limit: raise DiskFull(disk.name)  # see SRE-7\n"
    chunks = cut(line * 80, "lines")
    assert len(chunks) > 1
    assert all(each.text.startswith("if disk") and each.text.endswith("SRE-7") for each in chunks)


def test_a_word_longer_than_a_chunk_is_cut_and_nothing_of_it_is_lost() -> None:
    chunks = cut("x" * 2500 + " end")
    assert chunks[-1].text.endswith("x end")
    assert [each.start for each in chunks] == [0, 800, 1600]


def test_a_family_of_emoji_is_not_torn_apart() -> None:
    family = "👨\u200d👩\u200d👧\u200d👦"
    assert all(each.text.endswith(family) and each.text.startswith("👨") for each in cut(family * 500))


def test_flags_are_cut_in_pairs() -> None:
    assert all(len(each.text) % 2 == 0 and each.text.startswith("🇩") for each in cut("🇩🇪" * 1200))


def test_a_single_endless_grapheme_is_cut_at_the_limit() -> None:
    chunks = cut("a" + "\u0301" * 2000)
    assert [len(each.text) for each in chunks] == [1000, 1000, 1]


def test_chunks_are_numbered_through_over_pages() -> None:
    chunks = list(chunk([Page(1, PROSE), Page(2, ""), Page(3, "Last page.")], first=7))
    assert [each.ordinal for each in chunks] == list(range(7, 7 + len(chunks)))
    assert chunks[-1].page == 3


def test_label_and_heading_of_the_page_are_carried() -> None:
    (only,) = cut("Disk full.", label="iv", heading="Outage")
    assert (only.label, only.heading) == ("iv", "Outage")


def test_a_chunk_carries_the_last_of_the_pages_headings_before_it() -> None:
    text = f"{SENTENCE * 30}\nWhat we learned\n{SENTENCE * 30}"
    headings = ((0, "Outage"), (text.index("What"), "What we learned"))
    chunks = list(chunk([Page(1, text, heading="Before", headings=headings)]))
    assert [each.heading for each in chunks] == ["Outage", "Outage", "What we learned", "What we learned"]
    (only,) = chunk([Page(1, "Disk full. Later.", heading="Before", headings=((11, "Later"),))])
    assert only.heading == "Before"


def test_a_markdown_chunk_carries_the_heading_above_it_and_begins_a_section_where_it_can() -> None:
    text = f"# Outage #\n\n{SENTENCE * 15}\n\n## What we learned\n\n{SENTENCE * 15}\n"
    first, second = cut(text, "markdown")
    assert (first.heading, second.heading) == ("Outage", "What we learned")
    assert first.text.endswith("again.")
    assert second.text.count("## What we learned") == 1


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("# Using C#", "Using C#"),
        ("## #general ##", "#general"),
        ("###### Deep", "Deep"),
        ("#", ""),
        ("# #", ""),
    ],
)
def test_a_markdown_heading_is_read_without_its_marks(line: str, heading: str) -> None:
    assert cut(f"{line}\n\nDisk full.", "markdown")[0].heading == heading


def test_markdown_before_the_first_heading_carries_the_one_of_the_page() -> None:
    assert cut("No title yet.", "markdown", heading="Notes")[0].heading == "Notes"


def test_a_comment_in_fenced_code_is_no_heading() -> None:
    text = f"# Install\n\n```sh\n# not a heading\n```\n\n{SENTENCE * 60}"
    assert {each.heading for each in cut(text, "markdown")} == {"Install"}


def test_a_fence_of_the_other_kind_does_not_close_fenced_code() -> None:
    text = f"# Install\n\n~~~\n```\n# not a heading\n~~~\n\n# Use\n\n{SENTENCE * 60}"
    assert cut(text, "markdown")[-1].heading == "Use"
