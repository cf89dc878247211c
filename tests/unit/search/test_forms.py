from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search.forms import MOST_PIECES, forms_of, pieces_of, written_out
from bot.search.words import fold


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("camelCaseNames", ("camel", "Case", "Names")),
        ("HTTPServer", ("HTTP", "Server")),
        ("err4711", ("err", "4711")),
        ("log4j", ("log", "4", "j")),
        ("0x80070005", ("0", "x", "80070005")),
        ("v2", ()),
        ("k8s", ()),
        ("Server", ()),
        ("ENOSPC", ()),
        ("e3b0c44298fc1c149afbf4c8996fb924", ()),
    ],
)
def test_what_is_written_together_has_pieces(word: str, pieces: tuple[str, ...]) -> None:
    assert pieces_of(word) == pieces


def test_umlauts_are_written_out() -> None:
    assert fold(written_out("Größe")) == "groesse"
    assert "Mueller" in forms_of("a letter to Müller").split()


def test_english_prose_has_no_other_forms() -> None:
    assert forms_of("The disk of the server is full, and nobody knows why.") == ""


def test_a_text_in_another_language_has_the_stems_of_all_its_words() -> None:
    found = forms_of("Die Datenbanken sind nach dem Ausfall nicht erreichbar.").split()

    assert "datenbank" in found
    assert len(found) == 8


def test_the_same_text_always_has_the_same_forms() -> None:
    text = "Les certificats de la passerelle sont renouvelés par certBot2"

    assert forms_of(text) == forms_of(text)


@given(st.text(max_size=2_000))
def test_forms_are_bounded(text: str) -> None:
    assert len(forms_of(text).split()) <= (MOST_PIECES + 2) * max(1, len(text))
