from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Chunk
from bot.search.context import ordinals_around, surroundings

PAGE = "".join(chr(ord("a") + n % 26) for n in range(4_000))


def chunks(*spans: tuple[int, int], page: int = 1, first: int = 0) -> list[Chunk]:
    return [Chunk(first + n, page, start, end, PAGE[start:end]) for n, (start, end) in enumerate(spans)]


def test_overlapping_neighbours_are_joined_without_repeating_themselves() -> None:
    found = surroundings(chunks((0, 1_000), (800, 1_800), (1_600, 2_600), (2_400, 3_400)), 1)
    assert found is not None
    assert found.before == PAGE[:800]
    assert found.chunk.text == PAGE[800:1_800]
    assert found.after == PAGE[1_800:3_400]


def test_other_pages_are_no_context() -> None:
    found = surroundings(
        [*chunks((0, 10)), *chunks((0, 10), page=2, first=1), *chunks((0, 9), page=3, first=2)], 1
    )
    assert found is not None
    assert (found.before, found.after) == ("", "")


def test_a_chunk_that_is_not_there_has_no_context() -> None:
    assert surroundings(chunks((0, 10)), 5) is None


def test_the_first_chunk_has_only_neighbours_behind_it() -> None:
    assert ordinals_around(0) == range(3)
    assert ordinals_around(7) == range(5, 10)


@given(st.data())
def test_before_chunk_and_after_are_one_stretch_of_the_page(data: st.DataObject) -> None:
    spans, start, end = [], 0, 0
    for _ in range(data.draw(st.integers(1, 5))):
        end += data.draw(st.integers(1, 600))
        spans.append((start, end))
        start = data.draw(st.integers(start + 1, end))
    place = data.draw(st.integers(0, len(spans) - 1))
    found = surroundings(chunks(*spans), place)
    assert found is not None
    whole = found.before + found.chunk.text + found.after
    assert whole == PAGE[: len(whole)]
    assert len(whole) == end
