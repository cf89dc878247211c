from __future__ import annotations

import json
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Chunk
from bot.ingest.extract import frames
from bot.ingest.extract.frames import BadFrame, length, pack, unpack
from bot.ingest.extract.messages import Batch, Done, Failed, Message, Opened, OutOfMemory, Rejected, parse

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


def said(*message: object, text: str = "") -> Message:
    return parse(pack(message, text)[4:])


def test_messages_come_through_as_they_were_sent() -> None:
    assert said("opened", 2) == Opened(2)
    assert said("done", 3, "only the first", 1000) == Done(3, "only the first", 1000)
    assert said("rejected", "empty", "it is", "Check.", 5) == Rejected("empty", "it is", "Check.", 5)
    assert said("memory") == OutOfMemory()
    assert said("failed", "KeyError at text.py:7") == Failed("KeyError at text.py:7")
    rows = [[0, 1, 0, 4, None, ""], [1, 2, 5, 8, "iv", "Outage"]]
    assert said("batch", 2, 9, rows, text="Diskfül") == Batch(
        2, 9, (Chunk(0, 1, 0, 4, "Disk"), Chunk(1, 2, 5, 8, "fül", "iv", "Outage"))
    )


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (["done"], ""),
        (["opened", 5], ""),
        (["done", 1, None, 5, "more"], ""),
        (["done", -1, None, 5], ""),
        (["done", True, None, 5], ""),
        (["done", 1.0, None, 5], ""),
        (["done", 10**30, None, 5], ""),
        (["done", 1, "x" * 501, 5], ""),
        (["done", 1, "nul\x00", 5], ""),
        (["unheard-of", 1], ""),
        ([["list"], 1], ""),
        ([], ""),
        ({"done": 1}, ""),
        ("done", ""),
        (None, ""),
        (["rejected", 1, "it is", "", 0], ""),
        (["batch", 1, 1, [[0, 1, 0, 4, None, ""]]], "Dis"),
        (["batch", 1, 1, [[0, 1, 0, 3, None, ""]]], "Disk"),
        (["batch", 1, 1, [[0, 1, 4, 4, None, ""]]], ""),
        (["batch", 1, 1, [[0, 1, 4, 0, None, ""]]], "Disk"),
        (["batch", 1, 1, [[0, 1, 0, 1001, None, ""]]], "x" * 1001),
        (["batch", 1, 1, [[0, 1, 0, 4, 7, ""]]], "Disk"),
        (["batch", 1, 1, [[0, 1, 0, 4, None, None]]], "Disk"),
        (["batch", 1, 1, [[0, 1, 0, 4, None]]], "Disk"),
        (["batch", 1, 1, [[0, 1, 0, 4, None, ""]]], "Di\x00k"),
        (["batch", 1, 1, 5], ""),
    ],
)
def test_what_no_child_of_ours_says_is_not_believed(message: object, text: str) -> None:
    with pytest.raises(BadFrame):
        parse(pack(message, text)[4:])


@pytest.mark.parametrize(
    "body",
    [
        b"\x00\x00\x00\x05[1,2",
        b"\xff\xff\xff\xff[]",
        b"\x00\x00\x00\x02[]\xff\xfe",
        b"\x00\x01\x86\xa0" + b"[" * 100_000,
        b"\x00\x00\x27\x10[" + b"9" * 9998 + b"]",
        b"\x00\x00\x00\x1b" + b'["done", 1, "\\ud800 x", 5] ',
    ],
)
def test_what_is_no_frame_of_ours_is_not_believed(body: bytes) -> None:
    with pytest.raises(BadFrame):
        parse(body)


@pytest.mark.parametrize("announced", [0, 4, frames.MAX_FRAME_BYTES + 1, 2**32 - 1])
def test_a_length_that_no_message_has_is_refused(announced: int) -> None:
    with pytest.raises(BadFrame):
        length(frames.LENGTH.pack(announced))


@given(json_values)
def test_any_json_is_a_message_or_refused(value: object) -> None:
    with suppress(BadFrame):
        parse(pack(value)[4:])


@given(st.binary(min_size=5, max_size=60))
def test_any_bytes_are_a_message_or_refused(body: bytes) -> None:
    with suppress(BadFrame):
        parse(body)


@given(st.sampled_from(["opened", "batch", "done", "rejected", "memory"]), st.lists(json_values, max_size=5))
def test_any_fields_of_a_known_message_are_read_or_refused(kind: str, fields: list[object]) -> None:
    with suppress(BadFrame):
        parse(pack([kind, *fields])[4:])


def test_a_request_is_read_from_a_stream_until_its_end() -> None:
    stream = BytesIO(pack({"path": "/a"}) + pack({"path": "/b"}))
    assert [frames.read(stream), frames.read(stream), frames.read(stream)] == [
        {"path": "/a"},
        {"path": "/b"},
        None,
    ]


def test_a_file_name_that_is_not_unicode_reaches_the_child() -> None:
    assert frames.read(BytesIO(pack({"path": "/a\udce9"}))) == {"path": "/a\udce9"}


def test_packing_is_undone_by_unpacking() -> None:
    frame = pack(["ö", 1], "Text ü")
    assert length(frame[:4]) == len(frame) - 4
    assert unpack(frame[4:]) == (json.loads('["ö", 1]'), "Text ü")
