from __future__ import annotations

import random
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ingest.extract.encoding import NotText, decode

GERMAN = "Größe der Prüfung: „schöne Äpfel“ für 5 €\n"
JAPANESE = "支払いサービスのディスクが一杯です。\n"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides_and_is_left_out(encoding: str) -> None:
    assert decode((GERMAN + JAPANESE).encode(encoding)) == GERMAN + JAPANESE


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_are_known_by_their_zeros(encoding: str) -> None:
    assert decode(("ERROR disk full, Größe 5\n" * 20).encode(encoding)) == "ERROR disk full, Größe 5\n" * 20


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["Отчёт за март: ошибка диска\r\n" * 9, JAPANESE * 9])
def test_wide_encodings_of_other_alphabets_are_known_by_being_printable(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", GERMAN * 3),
        ("cp1252", "ERROR disk full at café\n" + "INFO ok\n" * 2000),
        ("cp1252", "naïve café"),
        ("cp1251", "Отчёт за март: ошибка диска\n" * 3),
        ("koi8-r", "Отчёт за март: ошибка диска\n" * 3),
        ("cp1253", "Καλημέρα κόσμε, καλημέρα δίσκε\n" * 3),
        ("cp932", JAPANESE * 3),
        ("cp932", "名前,年齢\r\n髙橋淳,35\r\n"),
        ("gb18030", "支付服务的磁盘已满。\n" * 3),
        ("cp949", "결제 서비스의 디스크가 가득 찼습니다.\n" * 3),
        ("cp1250", "Zażółć gęślą jaźń, proszę pani. Wysłać wiadomość później.\n" * 3),
    ],
)
def test_an_encoding_nobody_declared_is_recognised(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_the_first_foreign_character_may_stand_far_into_the_file() -> None:
    text = "INFO ok\n" * 50_000 + "Größe überschritten\n"
    assert decode(text.encode("cp1252")) == text


def test_damage_in_utf8_spoils_only_itself() -> None:
    data = (GERMAN * 5).encode() + b"caf\xe9 \xff\n" + JAPANESE.encode() * 5
    assert decode(data) == GERMAN * 5 + "café ÿ\n" + JAPANESE * 5


def test_a_file_cut_inside_a_character_loses_that_character_only() -> None:
    assert decode(("x" * 100 + "é").encode()[:-1], whole=False) == "x" * 100


def test_control_characters_of_a_terminal_do_not_make_a_log_binary() -> None:
    assert "disk full" in decode(b"\x1b[31mERROR\x1b[0m disk full \x00\x08 again\n")


@pytest.mark.parametrize(
    "data",
    [
        random.Random(7).randbytes(50_000),  # noqa: S311 - any bytes will do
        b"log line\n" * 10 + bytes(10_000),
        bytes(range(256)) * 40,
    ],
)
def test_binary_content_is_no_text(data: bytes) -> None:
    with pytest.raises(NotText):
        decode(data)


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_text_or_not_but_never_an_error(data: bytes) -> None:
    with suppress(NotText):
        decode(data).encode()


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=300))
def test_any_utf8_text_comes_back_as_it_was(text: str) -> None:
    if not text.startswith("\ufeff") and "\x7f" not in text:
        assert decode(text.encode()) == text
