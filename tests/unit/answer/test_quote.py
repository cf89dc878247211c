from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answer.quote import MAX_CHARS, stretch
from bot.answer.sentences import headed, sentences
from bot.answer.terms import in_english, weigh
from bot.domain import Query


def cut(text: str) -> list[str]:
    return [text[a:b] for a, b in sentences(text)]


def best(text: str, question: str) -> str:
    span = stretch(text, weigh(Query(question), [], question), question).span
    return text[slice(*span)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One is here. Two is there! Three?", ["One is here.", "Two is there!", "Three?"]),
        ("It is 3.5 GB, e.g. This. Dr. Who", ["It is 3.5 GB, e.g. This.", "Dr. Who"]),
        ("- one\n- two\n1. Three\n2. Four", ["- one", "- two", "1. Three", "2. Four"]),
        ("a,b,c\nd,e,f", ["a,b,c", "d,e,f"]),
        ("| a | b |\n| --- | --- |\n| c | d |", ["| a | b |", "| c | d |"]),
        ("Owner: Priya\nDue: May", ["Owner: Priya", "Due: May"]),
        (
            "This line of a page is long enough to be wrapped at its end and\ngoes on here. Then another.",
            [
                "This line of a page is long enough to be wrapped at its end and\ngoes on here.",
                "Then another.",
            ],
        ),
        ("磁盘已满。请清理日志。", ["磁盘已满。", "请清理日志。"]),
        ("  \n ... \n", []),
        ("", []),
    ],
)
def test_a_text_is_cut_into_its_sentences(text: str, parts: list[str]) -> None:
    assert cut(text) == parts


@given(st.text(alphabet="ab .!?\n-|#1,\t", max_size=300))
def test_sentences_are_in_order_disjoint_and_trimmed(text: str) -> None:
    end = 0
    for start, stop in sentences(text):
        assert end <= start < stop
        assert text[start:stop] == text[start:stop].strip()
        end = stop


def test_sentences_stand_under_their_headings() -> None:
    text = "# Runbook\n\nIntro is here.\n\n## Backup\n\nAt two.\n\nMeals\nThe limit is 42 euros a day."
    assert [(heading.strip(), len(spans)) for heading, spans in headed(text)] == [
        ("# Runbook # Runbook", 1),
        ("# Runbook ## Backup", 1),
        ("# Runbook Meals", 1),
    ]


def test_the_stretch_that_says_most_is_taken_with_its_heading_in_mind() -> None:
    text = "# Outage\n\nLunch was good that day.\n\n## Cause\n\nA certificate expired.\n"
    assert best(text, "What was the cause of the outage?") == "A certificate expired."


def test_a_question_for_a_number_prefers_a_sentence_with_one() -> None:
    text = "Backups are kept safely. Backups are kept 35 days."
    assert best(text, "How long are backups kept?") == "Backups are kept 35 days."


def test_a_stretch_is_short_unless_a_sentence_is_long() -> None:
    sentence = "The backup of the database is kept. "
    assert len(best(sentence * 50, "backup database")) <= MAX_CHARS
    assert best("backup " * 200, "backup").startswith("backup backup")


def test_a_name_that_no_file_holds_weighs_more_than_a_word() -> None:
    terms = weigh(Query("hotel limit in Tokyo"), [], "hotel limit in Tokyo")
    assert terms.weights["tokyo",] == pytest.approx(2.5 * terms.weights["hotel",])
    assert sum(terms.weights.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("The backup is kept for 35 days.", True),
        ("Das Backup wird 35 Tage lang aufbewahrt.", False),
        ("La sauvegarde complète reste sur le serveur trente-cinq jours.", False),
    ],
)
def test_english_is_told_by_its_small_words(text: str, english: bool) -> None:
    assert in_english(text) is english
