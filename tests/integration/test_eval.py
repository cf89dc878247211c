from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.cohere_server import CohereServer
from support.command_line import Run
from support.pinecone_server import PineconeServer
from support.vendor_server import Fault

MEASURES = {"ndcg@10", "recall@10", "recall@100", "mrr@10", "p50_ms", "p99_ms"}
CORPUS = {
    "failover": "Stop the writers first. Then promote the standby database.",
    "herons": "Herons nest in tall trees close to water.",
    "disk": "The disk is full because old logs are kept for ever.",
}


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    (folder / "qrels").mkdir(parents=True)
    rows = [{"_id": name, "title": name, "text": text} for name, text in CORPUS.items()]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    queries = [{"_id": "q1", "text": "promote the standby"}, {"_id": "q2", "text": "where do herons nest"}]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)), encoding="utf-8")
    judged = "query-id\tcorpus-id\tscore\nq1\tfailover\t1\nq2\therons\t1\n"
    (folder / "qrels" / "test.tsv").write_text(judged, encoding="utf-8")
    return folder


def test_every_method_is_measured_side_by_side(fm: Run, collection: Path, tmp_path: Path) -> None:
    ran = fm("eval", collection, "--json")
    assert (ran.code, ran.err) == (0, "")
    for method in ("keyword", "dense", "hybrid"):
        assert ran.json[method].keys() == MEASURES
        assert ran.json[method]["ndcg@10"] == ran.json[method]["recall@100"] == 1
        assert 0 < ran.json[method]["p50_ms"] <= ran.json[method]["p99_ms"]
    assert ran.json["reranked"] is None
    assert "CO_API_KEY" in ran.json["notes"][0]
    assert (ran.json["documents"], ran.json["chunks"], ran.json["questions"]) == (3, 3, 2)
    assert ran.json["index_cpu_s"] >= 0
    assert not (tmp_path / "data").exists()  # people's own index is not touched


def test_people_get_a_table_and_each_question_when_asked_for(fm: Run, collection: Path) -> None:
    ran = fm("eval", collection, "--limit-queries", 1)
    assert ran.code == 0
    assert ran.out.startswith("notes: 1 question, 3 documents, 3 chunks, ")
    assert "hybrid" in ran.out
    assert "promote" not in ran.out
    assert "hybrid 1.00  promote the standby\n" in fm("eval", collection, "--verbose").out


def test_worse_figures_than_the_baselines_fail(fm: Run, collection: Path, tmp_path: Path) -> None:
    before = tmp_path / "before.json"
    before.write_text(fm("eval", collection, "--json").out, encoding="utf-8")
    assert fm("eval", collection, "--baseline", before).code == 0
    (collection / "qrels" / "test.tsv").write_text("q1\therons\t1\nq2\therons\t1\n", encoding="utf-8")
    worse = fm("eval", collection, "--baseline", before)
    assert worse.code == 1
    assert "ndcg@10 of hybrid fell from 1.000 to " in worse.err
    assert "keyword" in worse.out


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["eval"], "FOLDER"),
        (["eval", "no/such/folder"], "folder"),
        (["eval", "COLLECTION", "--limit-queries", 0], "--limit-queries"),
        (["eval", "COLLECTION", "--baseline", "no/such/file"], "--baseline"),
    ],
)
def test_wrong_use_is_one_line_that_names_it(fm: Run, collection: Path, words: list[str], named: str) -> None:
    ran = fm(*(collection if word == "COLLECTION" else word for word in words))
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert named in ran.err


def test_a_broken_line_is_named_before_anything_is_indexed(fm: Run, collection: Path) -> None:
    with (collection / "corpus.jsonl").open("a", encoding="utf-8") as corpus:
        corpus.write('\n{"_id": \x1b')
    ran = fm("eval", collection, "--json")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("fm: corpus.jsonl line 4: is not JSON.")
    assert "\x1b" not in ran.err


@pytest.fixture
async def cohere(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[CohereServer]:
    async with CohereServer() as server:
        monkeypatch.setenv("CO_API_KEY", server.key)
        monkeypatch.setenv("CO_API_URL", server.url)
        yield server


async def test_with_coheres_key_its_vectors_and_its_reranking_are_measured(
    fm: Run, collection: Path, cohere: CohereServer
) -> None:
    ran = await asyncio.to_thread(fm, "eval", collection, "--json")
    assert ran.code == 0
    assert ran.err == "3 texts (0.0 million characters) and 2 questions go to Cohere; --local sends nothing\n"
    assert ran.json["reranked"].keys() == MEASURES
    assert ran.json["reranked"]["ndcg@10"] == 1
    assert ran.json["reranked"]["p50_ms"] > ran.json["hybrid"]["p50_ms"]
    assert ran.json["notes"] == []
    assert cohere.embedded >= 3


async def test_a_ranking_that_failed_is_told_and_not_passed_off(
    fm: Run, collection: Path, cohere: CohereServer
) -> None:
    cohere.fault("/v2/rerank", *[Fault(503, "busy")] * 50)
    ran = await asyncio.to_thread(fm, "eval", collection, "--limit-queries", 1)
    assert ran.code == 0
    assert "1 of 1 questions: The results may be in a poorer order" in ran.out


async def test_nothing_is_sent_when_told_to_stay_local(
    fm: Run, collection: Path, cohere: CohereServer
) -> None:
    ran = await asyncio.to_thread(fm, "eval", collection, "--local", "--json")
    assert (ran.code, ran.err, ran.json["reranked"], cohere.embedded) == (0, "", None, 0)


async def test_at_pinecone_a_namespace_of_its_own_is_filled_and_emptied(
    fm: Run, collection: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with PineconeServer() as pinecone:
        monkeypatch.setenv("PINECONE_API_KEY", pinecone.key)
        monkeypatch.setenv("PINECONE_CONTROLLER_HOST", pinecone.url)
        ran = await asyncio.to_thread(fm, "eval", collection, "--json")
        assert ran.code == 0
        assert ran.json["hybrid"]["ndcg@10"] == 1
        [index] = pinecone.indexes.values()
        assert [name for name in index.namespaces if name.startswith("fm-eval-")]
        assert not any(space.documents for space in index.namespaces.values())
