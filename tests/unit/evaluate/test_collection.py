from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.errors import SettingError
from bot.evaluate.collection import Entry, collection_in
from bot.evaluate.lines import LINE_BYTES

CORPUS = [
    {"_id": "d1", "title": "Failover", "text": "Promote the standby.", "metadata": {}},
    {"_id": 2, "text": "Herons\u0000 nest\r\nin trees."},
    {"_id": "d3", "title": "Title alone", "text": ""},
]
QUERIES = [{"_id": "q1", "text": "how to fail over"}, {"_id": "q2", "text": "birds"}]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\t2\t2\nq2\td1\t0\n"

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def made(
        corpus: list[Any] | bytes = CORPUS,
        queries: list[Any] | bytes = QUERIES,
        qrels: str | None = QRELS,
        place: str = "qrels/test.tsv",
    ) -> Path:
        for name, rows in (("corpus.jsonl", corpus), ("queries.jsonl", queries)):
            data = rows if isinstance(rows, bytes) else "\n".join(map(json.dumps, rows)).encode()
            (tmp_path / name).write_bytes(data)
        if qrels is not None:
            (tmp_path / place).parent.mkdir(exist_ok=True)
            (tmp_path / place).write_text(qrels, encoding="utf-8")
        return tmp_path

    return made


def test_a_collection_is_read_with_its_judged_questions(make: Make) -> None:
    collection = collection_in(make())
    assert list(collection.entries()) == [
        Entry("d1", "Failover", "Promote the standby."),
        Entry("2", "", "Herons nest\nin trees."),
        Entry("d3", "Title alone", "Title alone"),
    ]
    assert [(q.id, q.text, dict(q.grades)) for q in collection.questions] == [
        ("q1", "how to fail over", {"d1": 1}),
        ("q2", "birds", {"2": 2, "d1": 0}),
    ]
    assert (collection.documents, collection.notes) == (3, ())
    assert collection.characters == sum(len(entry.text) for entry in collection.entries())


def test_only_the_first_questions_are_taken_when_told_so(make: Make) -> None:
    assert [question.id for question in collection_in(make(), 1).questions] == ["q1"]


@pytest.mark.parametrize(
    ("place", "qrels"),
    [
        ("qrels.tsv", QRELS),
        ("qrels/test.tsv", QRELS.split("\n", 1)[1]),
        ("qrels/test.tsv", QRELS.replace("\n", "\r\n")),
        ("qrels.trec", "q1 0 d1 1\nq2 0 2 2\nq2 0 d1 0\n"),
        ("qrels/test.tsv", "q1\tQ0\td1\t1.0\nq2\tQ0\t2\t2\n\nq2\tQ0\td1\t0\n"),
    ],
)
def test_judgements_are_read_in_beirs_and_in_trecs_columns(make: Make, place: str, qrels: str) -> None:
    collection = collection_in(make(qrels=qrels, place=place))
    assert [dict(question.grades) for question in collection.questions] == [{"d1": 1}, {"2": 2, "d1": 0}]


def test_what_says_nothing_is_left_out_and_told(make: Make) -> None:
    qrels = QRELS + "q3\td1\t1\nq4\td1\t0\nq1\tgone\t1\n"
    queries = [*QUERIES, {"_id": "q4", "text": "judged, but nothing is relevant"}, {"_id": "q5", "text": ""}]
    collection = collection_in(make(queries=queries, qrels=qrels))
    assert [question.id for question in collection.questions] == ["q1", "q2"]
    assert [note.split(" ", 1)[0] for note in collection.notes] == ["1", "1", "1"]


@pytest.mark.parametrize(
    ("changes", "where", "what"),
    [
        ({"corpus": b'{"_id": "a", "text": "x"}\n{"_id": '}, "corpus.jsonl line 2", "not JSON"),
        ({"corpus": b"[" * 100_000}, "corpus.jsonl line 1", "not JSON"),
        ({"corpus": [["_id", "a"]]}, "corpus.jsonl line 1", "not a JSON object"),
        ({"corpus": [{"text": "x"}]}, "corpus.jsonl line 1", "id"),
        ({"corpus": [{"_id": True, "text": "x"}]}, "corpus.jsonl line 1", "id"),
        ({"corpus": [{"_id": "x" * 501, "text": "x"}]}, "corpus.jsonl line 1", "id"),
        ({"corpus": [*CORPUS, {"_id": "d1"}]}, "corpus.jsonl line 4", "repeats"),
        ({"corpus": [{"_id": "a", "text": ["x"]}]}, "corpus.jsonl line 1", "not text"),
        ({"corpus": b'\xff\xfe{"_id": 1}'}, "corpus.jsonl line 1", "UTF-8"),
        ({"corpus": b'{"_id": "a", "text": "' + b"x" * LINE_BYTES + b'"}'}, "corpus.jsonl line 1", "bytes"),
        ({"corpus": [{"_id": "a", "text": "x" * 5_000_001}]}, "corpus.jsonl line 1", "characters"),
        ({"corpus": b"\n\n"}, "corpus.jsonl", "no document"),
        ({"queries": [*QUERIES, {"_id": "q1", "text": "again"}]}, "queries.jsonl line 3", "repeats"),
        ({"queries": [{"_id": "q1", "text": " "}]}, "queries.jsonl line 1", "text"),
        ({"queries": [{"_id": "q1", "text": "x" * 10_001}]}, "queries.jsonl line 1", "characters"),
        ({"queries": [{"_id": "q9", "text": "x"}]}, "", "no question"),
        ({"qrels": "q1\td1\t1\nq1\td1\n"}, "test.tsv line 2", "columns"),
        ({"qrels": "q1\td1\t1\nq1\td2\tmuch\n"}, "test.tsv line 2", "grade"),
        ({"qrels": "q1\td1\t1\nq1\td2\t" + "9" * 9 + "\n"}, "test.tsv line 2", "grade"),
        ({"qrels": "q1\td1\t1\nq1\td1\t2\n"}, "test.tsv line 2", "again"),
        ({"qrels": None}, "", "qrels/test.tsv"),
    ],
)
def test_what_is_malformed_is_named_with_file_and_line(
    make: Make, changes: dict[str, Any], where: str, what: str
) -> None:
    with pytest.raises(SettingError) as error:
        collection_in(make(**changes))
    assert where in str(error.value)
    assert what in str(error.value)


def test_a_pipe_in_place_of_a_file_is_not_waited_for(make: Make) -> None:
    folder = make()
    (folder / "corpus.jsonl").unlink()
    os.mkfifo(folder / "corpus.jsonl")
    with pytest.raises(SettingError, match=r"corpus\.jsonl"):
        collection_in(folder)
