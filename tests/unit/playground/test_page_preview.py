from __future__ import annotations

import struct

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.pdf import make_pdf

from bot.playground.model import File, Json, User
from bot.playground.page_picture import HEIGHT_PX, WIDTH_PX, picture
from bot.playground.page_pictures import FirstPages
from bot.playground.page_preview import MAX_CHARS, MAX_LINES, preview
from bot.playground.server import Playground

ALICE = User("U1", "alice", "Alice", "T1", "000000")


def file_of(data: bytes, mimetype: str = "text/plain", *, file_id: str = "F1") -> File:
    return File(file_id, "a", "a", mimetype, "", "", "U1", "T1", data, created=1, updated=1)


def shown(data: bytes, mimetype: str = "text/plain") -> Json:
    return preview(file_of(data, mimetype), ALICE)


def size_of(png: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_a_short_text_is_shown_whole_and_a_long_one_begun() -> None:
    assert shown(b"\xef\xbb\xbfone \n\ntwo\n") == {"lines": ["one", "", "two"], "more": False}
    long = shown(b"x\n" * 100)
    assert (long["lines"], long["more"]) == (["x"] * MAX_LINES, True)
    assert shown(b"x" * 5_000) == {"lines": ["x" * MAX_CHARS], "more": True}


@pytest.mark.parametrize(
    ("data", "mimetype"),
    [(b"", "text/plain"), (b" \n\t", "text/csv"), (b"PK", "application/zip"), (b"<svg/>", "image/svg+xml")],
)
def test_there_is_no_preview_of_what_is_empty_or_no_text(data: bytes, mimetype: str) -> None:
    assert shown(data, mimetype) == {}


def test_pictures_are_their_own_preview_and_a_pdf_has_its_first_page() -> None:
    assert shown(b"x", "image/png") == {"picture": "/playground/file/F1?user=U1"}
    assert shown(b"x", "application/pdf") == {"picture": "/playground/first-page/F1?user=U1"}


@given(st.binary(max_size=3_000))
def test_any_bytes_have_a_bounded_preview(data: bytes) -> None:
    lines = shown(data).get("lines", [])
    assert len(lines) <= MAX_LINES
    assert sum(map(len, lines)) <= MAX_CHARS


def test_a_first_page_has_the_width_of_a_card_and_is_cut_below() -> None:
    png = picture(make_pdf(["one", "two"]))
    assert png.startswith(b"\x89PNG")
    assert size_of(png) == (WIDTH_PX, HEIGHT_PX)
    assert picture(make_pdf(["one"])) == png
    assert picture(make_pdf(["other"])) != png


async def test_what_is_no_pdf_has_no_picture_and_a_picture_is_drawn_once_a_version() -> None:
    pages = FirstPages()
    broken, whole = file_of(b"%PDF-1.4 nothing"), file_of(make_pdf(["one"]), file_id="F2")
    assert await pages.of(broken) is None
    first = await pages.of(whole)
    assert first is not None
    whole.data = b"%PDF nothing"
    assert await pages.of(whole) is first
    whole.updated += 1
    assert await pages.of(whole) is None


async def test_a_first_page_is_seen_by_those_who_may_see_the_file(
    slack: Playground, http: aiohttp.ClientSession
) -> None:
    alice, bob = slack.add_user("alice"), slack.add_user("bob")
    room = slack.add_channel("room", [alice], is_private=True)
    shared = await slack.share(alice, room, "a.pdf", make_pdf(["one"]))
    other = await slack.share(alice, room, "a.txt", b"one")
    for user, file, status in (
        (alice, shared.file_id, 200),
        (bob, shared.file_id, 403),
        (alice, other.file_id, 404),
    ):
        address = f"{slack.page_url}playground/first-page/{file}"
        async with http.get(address, params={"user": user}) as response:
            assert response.status == status
            if status == 200:
                assert (await response.read()).startswith(b"\x89PNG")
                assert response.headers["X-Content-Type-Options"] == "nosniff"
