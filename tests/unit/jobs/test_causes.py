from __future__ import annotations

from bot.jobs.causes import causes


def _fail_first() -> None:
    raise KeyError("a secret line of the file")


def _fail() -> None:
    try:
        _fail_first()
    except KeyError as error:
        raise ValueError("another secret line") from error


def test_causes_name_types_and_places_but_no_words() -> None:
    try:
        _fail()
    except ValueError as error:
        lines = causes(error)
    assert [line.split(":")[0] for line in lines] == ["ValueError", "KeyError"]
    assert "test_causes.py" in lines[0]
    assert "_fail" in lines[0]
    assert "secret" not in "".join(lines)


def test_an_endless_chain_of_causes_is_cut() -> None:
    first = error = ValueError()
    for _ in range(100):
        error.__cause__ = ValueError()
        error = error.__cause__
    assert len(causes(first)) == 5
