from __future__ import annotations

import pytest

from bot.domain import Candidate, DocumentId, Query
from bot.search.relevant import is_answered, relevant

QUESTION = Query("how do pelicans digest fish in winter")
OFF_TOPIC = "The storms of last winter cut the power of the second data centre."
FLOOR, NEAR = 0.25, 0.4


def candidate(document: str, score: float, text: str = "text", heading: str = "") -> Candidate:
    return Candidate(DocumentId(document), 1, 0, 1, text, score, None, heading)


def answered(text: str, nearness: float, query: Query = QUESTION, title: str = "", heading: str = "") -> bool:
    one = candidate("a", 5.0, text, heading)
    return is_answered(query, [one], [candidate("b", nearness)], {DocumentId("a"): title}, NEAR)


def test_what_shares_no_word_and_is_not_near_is_no_answer() -> None:
    keyword = [candidate("a", 5.0)]
    dense = [candidate("b", 0.6), candidate("a", 0.1), candidate("c", 0.2)]

    assert relevant([*dense], keyword, dense, FLOOR) == dense[:2]


def test_a_question_that_only_shares_some_words_with_what_is_far_has_no_answer() -> None:
    assert not answered(OFF_TOPIC, 0.3)


def test_what_is_near_in_meaning_answers_whatever_its_words() -> None:
    assert answered(OFF_TOPIC, 0.45)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("winter storms", OFF_TOPIC),
        ("ENOSPC", "The write failed with ENOSPC."),
        ("maxRetryCount", "The max retry count is five."),
        ("retry count five", "maxRetryCount is 5"),
        ("err4711", "ERR-4711 means the token has run out."),
        ("Mueller letter", "A letter to Müller"),
    ],
)
def test_what_has_enough_of_the_words_answers_however_far_it_is(asked: str, text: str) -> None:
    assert answered(text, 0.05, Query(asked))


def test_words_of_the_title_and_the_heading_count() -> None:
    asked = Query("winter storms pelicans")

    assert answered("text", 0.1, asked, title="Storms", heading="Winter")
    assert not answered("text", 0.1, asked, heading="Winter")


def test_an_exact_phrase_is_an_answer() -> None:
    assert answered(OFF_TOPIC, 0.1, Query("storms and pelicans and everything else", ("storms",)))


def test_of_other_languages_nearness_says_too_little() -> None:
    assert answered(OFF_TOPIC, 0.1, Query("Wie verdauen Pelikane die Fische im Winter?"))


def test_words_alone_answer_when_there_is_no_meaning() -> None:
    assert is_answered(QUESTION, [candidate("a", 5.0, OFF_TOPIC)], [], {}, NEAR)
