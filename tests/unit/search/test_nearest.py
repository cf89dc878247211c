from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain import DocumentId, Query
from bot.search.nearest import NEAREST, nearest

TITLES = {
    DocumentId("1"): "Database failover runbook",
    DocumentId("2"): "Kubernetes upgrade checklist.pdf",
    DocumentId("3"): "Holiday plan 2026",
    DocumentId("4"): "Zugriffsrechte für Prüfer.docx",
}


def found(text: str) -> list[str]:
    return [str(one) for one in nearest(Query(text), TITLES)]


def test_a_title_with_the_words_of_the_question_is_near() -> None:
    assert found("how does database failover work") == ["1"]


def test_another_form_of_a_word_is_near() -> None:
    assert found("upgrading kubernetes") == ["2"]


def test_a_misspelt_title_is_near() -> None:
    assert found("kubernets upgarde checklst") == ["2"]


def test_accents_and_case_do_not_matter() -> None:
    assert found("PRUFER zugriffsrechte") == ["4"]


def test_a_question_about_something_else_is_near_nothing() -> None:
    assert found("payroll of apprentices") == []
    assert found("???") == []


@given(
    st.text(max_size=50), st.dictionaries(st.text(min_size=1, max_size=3), st.text(max_size=40), max_size=8)
)
def test_any_question_and_any_titles_give_a_few_of_them(text: str, titles: dict[str, str]) -> None:
    known = {DocumentId(one): title for one, title in titles.items()}
    near = nearest(Query(text), known)
    assert len(near) <= NEAREST
    assert len(set(near)) == len(near)
    assert set(near) <= set(known)
