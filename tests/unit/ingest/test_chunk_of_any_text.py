"""What holds for chunks whatever the text is."""

from __future__ import annotations

from itertools import pairwise

import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain import Chunk, Page
from bot.ingest.chunk import CJK_STOP, CLOSING, MAX_CHARS, OVERLAP_CHARS, Style, chunk

TOKENS = (
    *(
        "a",
        "word",
        "Sentence. ",
        "Really? ",
        "a-b_c",
        "0x80070005",
        "# Title\n",
        "```\n",
        "日本語",
        "文。",
        "。」",
    ),
    *(" ", "\n", "\n\n", "\t", "\r\n", "\u00a0", "\u3000", "\x1c", "\u2028", "  \n"),
    *(
        "\u0301",
        " \u0301",
        "\u200d",
        "👨\u200d👩\u200d👧",
        "👍🏽",
        "🇩🇪",
        "🇩",
        "\u0600",
        "\u0600 ",
        "각",
        "क्ष",
        "e\u0301",
    ),
)
pieces = st.tuples(st.sampled_from(TOKENS) | st.text(max_size=3), st.integers(1, 12) | st.integers(1, 700))
texts = st.lists(pieces, max_size=12).map(lambda some: "".join(token * times for token, times in some)[:9000])
styles = st.sampled_from(["prose", "markdown", "lines"])
any_text = settings(max_examples=80, deadline=None)


def graphemes(text: str) -> list[tuple[int, int]]:
    """Spans of the graphemes of a text."""
    return [found.span() for found in regex.finditer(r"\X", text)]


def words(text: str) -> list[tuple[int, int]]:
    """Spans of the runs without spaces; a space in the middle of a grapheme is none."""
    at_edge = {place for start, end in graphemes(text) for place in (start, end - 1)}
    spaces = {place for place, character in enumerate(text) if character.isspace() and place in at_edge}
    runs: list[tuple[int, int]] = []
    for place in sorted(set(range(len(text))) - spaces):
        if runs and runs[-1][1] == place:
            runs[-1] = (runs[-1][0], place + 1)
        else:
            runs.append((place, place + 1))
    return runs


def edges(chunks: list[Chunk]) -> set[int]:
    return {edge for each in chunks for edge in (each.start, each.end)}


@any_text
@given(texts, styles)
def test_a_chunk_is_an_exact_stretch_of_its_page_that_fits_and_says_something(
    text: str, style: Style
) -> None:
    for each in chunk([Page(1, text)], style):
        assert each.text == text[each.start : each.end]
        assert len(each.text) <= MAX_CHARS
        assert each.text.strip()


@any_text
@given(texts, styles)
def test_no_chunk_lies_within_another_and_they_come_in_order(text: str, style: Style) -> None:
    chunks = list(chunk([Page(1, text)], style))
    for before, after in pairwise(chunks):
        assert before.start < after.start
        assert before.end < after.end
        assert after.ordinal == before.ordinal + 1


@any_text
@given(texts, styles)
def test_every_character_that_is_not_a_space_is_in_a_chunk(text: str, style: Style) -> None:
    covered: set[int] = set()
    for each in chunk([Page(1, text)], style):
        covered.update(range(each.start, each.end))
    assert all(text[place].isspace() for place in set(range(len(text))) - covered)


@any_text
@given(texts, styles)
@example("a" + "\u0301" * 2500, "prose")
def test_no_chunk_begins_or_ends_inside_a_grapheme_that_fits_in_one(text: str, style: Style) -> None:
    chunks = list(chunk([Page(1, text)], style))
    inside = {
        place for start, end in graphemes(text) if end - start <= MAX_CHARS for place in range(start + 1, end)
    }
    assert not inside & edges(chunks)


@any_text
@given(texts, styles)
def test_no_chunk_begins_or_ends_inside_a_word_that_fits_in_one(text: str, style: Style) -> None:
    chunks = list(chunk([Page(1, text)], style))
    full_stops = regex.finditer(rf"[{CJK_STOP}][{CLOSING}]*", text, overlapped=True)
    after_full_stop = {found.end() for found in full_stops}
    inside = {
        place for start, end in words(text) if end - start <= MAX_CHARS for place in range(start + 1, end)
    }
    assert not (inside - after_full_stop) & edges(chunks)


@any_text
@given(texts, styles)
def test_chunks_repeat_no_more_than_the_overlap(text: str, style: Style) -> None:
    chunks = list(chunk([Page(1, text)], style))
    assert all(before.end - after.start <= OVERLAP_CHARS for before, after in pairwise(chunks))


@any_text
@given(st.lists(texts, min_size=1, max_size=4), styles)
def test_each_page_is_cut_as_if_it_were_alone(some: list[str], style: Style) -> None:
    pages = [Page(number, text) for number, text in enumerate(some, start=3)]
    together = [(each.page, each.start, each.end) for each in chunk(pages, style)]
    alone = [(each.page, each.start, each.end) for page in pages for each in chunk([page], style)]
    assert together == alone


short_words = st.text("abcdefgäß日本👍", min_size=1, max_size=20)


@settings(any_text, max_examples=40)
@given(st.lists(short_words, min_size=300, max_size=600))
def test_prose_is_cut_into_well_filled_chunks_that_repeat_about_two_hundred_characters(
    some: list[str],
) -> None:
    chunks = list(chunk([Page(1, " ".join(some))]))
    for before, after in pairwise(chunks):
        assert len(before.text) > MAX_CHARS - 25
        assert OVERLAP_CHARS - 25 < before.end - after.start <= OVERLAP_CHARS


@any_text
@given(st.lists(st.text("ab c(){}=", min_size=1, max_size=150), min_size=20, max_size=60))
def test_code_and_tables_are_cut_at_line_ends_alone(lines: list[str]) -> None:
    text = "\n".join(line.strip() or "x" for line in lines)
    for each in chunk([Page(1, text)], "lines"):
        assert each.start == 0 or text[each.start - 1] == "\n"
        assert each.end == len(text) or text[each.end] == "\n"


@any_text
@given(st.lists(st.tuples(st.booleans(), pieces), min_size=1, max_size=12), styles)
def test_a_chunk_stands_under_the_last_heading_before_its_first_new_text(
    some: list[tuple[bool, tuple[str, int]]], style: Style
) -> None:
    text, headings = "", []
    for number, (heads, (token, times)) in enumerate(some):
        if heads:
            headings.append((len(text), f"heading {number}"))
        text = (text + token.replace("#", "x").replace("`", "x") * times)[:9000]
    if style == "markdown":
        headings = []  # it has its own
    end = 0
    for each in chunk([Page(1, text, heading="above", headings=tuple(headings))], style):
        new = (place for place in range(max(end, each.start), each.end) if not text[place].isspace())
        fresh = next(new, each.start)
        under = [title for place, title in headings if place <= fresh]
        assert each.heading == (under[-1] if under else "above")
        end = each.end
