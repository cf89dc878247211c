from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search.languages import is_foreign, languages_of, stem_in
from bot.search.words import words_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wie stelle ich die Datenbank nach einem Ausfall wieder her?", "german"),
        ("Comment renouveler le certificat de la passerelle ?", "french"),
        ("¿Cómo se renueva el certificado de la pasarela?", "spanish"),
        ("Come si rinnova il certificato del gateway?", "italian"),
        ("Como se renova o certificado do gateway?", "portuguese"),
        ("Hoe wordt het certificaat van de gateway vernieuwd?", "dutch"),
        ("Как обновить сертификат шлюза", "russian"),
        ("Zertifikat für Müller erneuern", "german"),
    ],
)
def test_a_question_tells_its_language_by_its_commonest_words_and_its_letters(
    text: str, language: str
) -> None:
    assert languages_of(words_of(text)) == (language,)
    assert is_foreign(text)


@pytest.mark.parametrize(
    "text",
    ["", "kubernetes failover", "why is the disk on server a full?", "an error in the log", "ENOSPC 4711"],
)
def test_what_tells_nothing_is_taken_for_english(text: str) -> None:
    assert languages_of(words_of(text)) == ()
    assert not is_foreign(text)


def test_scripts_without_spaces_are_foreign_to_the_model() -> None:
    assert is_foreign("接続エラー")
    assert not is_foreign("the 接続 of two servers")


def test_a_language_may_be_asked_for_more_than_one_word() -> None:
    assert languages_of(["le", "foo", "bar"], least=3) == ()


def test_words_of_one_stem_meet() -> None:
    assert stem_in("german", "datenbanken") == stem_in("german", "datenbank")
    assert stem_in("french", "certificats") == stem_in("french", "certificat")


@given(st.text())
def test_any_text_has_languages(text: str) -> None:
    assert len(set(languages_of(words_of(text)))) == len(languages_of(words_of(text)))
