"""Answers over the project's own set of questions, measured without a chat model and with doubles of two."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from support.chat_model import Behaviour
from support.cohere_server import CohereServer
from support.command_line import Run
from support.openai_server import OpenAIServer

SET = Path(__file__).parents[1] / "data" / "answers"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A quarter of the set."""
    shutil.copytree(SET / "documents", tmp_path / "small" / "documents")
    questions = (SET / "questions.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "small" / "questions.jsonl").write_text("".join(questions[::4]))
    return tmp_path / "small"


def test_the_passages_themselves_answer_and_refuse(fm: Run) -> None:
    ran = fm("eval", "--answers", SET, "--json")

    assert (ran.code, ran.err) == (0, "")
    assert ran.json["questions"] >= 60
    assert ran.json["unanswerable"] * 3 >= ran.json["questions"] * 0.95
    assert ran.json["citation_validity"] == 1
    assert ran.json["refusal_precision"] >= 0.95
    assert ran.json["refusal_recall"] >= 0.85
    assert ran.json["right_page"] >= 0.95
    assert ran.json["right_words"] >= 0.95


async def test_with_a_chat_model_citations_stand_as_well(
    fm: Run, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with OpenAIServer(key=None) as server:
        monkeypatch.setenv("FM_CHAT_URL", f"{server.url}/v1")
        monkeypatch.setenv("FM_CHAT_MODEL", "llama-test")
        ran = await asyncio.to_thread(fm, "eval", "--answers", small, "--json")

    assert ran.code == 0
    assert ran.json["citation_validity"] == 1
    assert ran.json["written"] >= 15
    assert ran.json["right_page"] >= 0.9


async def test_with_cohere_citations_stand_even_when_its_model_makes_them_up(
    fm: Run, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with CohereServer() as server:
        server.behaviour = Behaviour(lambda _question, _excerpts: "It is so. [1][2] And so on. [9] Yes [77].")
        monkeypatch.setenv("CO_API_KEY", server.key)
        monkeypatch.setenv("CO_API_URL", server.url)
        ran = await asyncio.to_thread(fm, "eval", "--answers", small, "--json")

    assert ran.code == 0
    assert ran.json["citation_validity"] == 1
    assert ran.json["written"] == 0


def test_nothing_is_sent_when_told_to_stay_local(
    fm: Run, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FM_CHAT_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("FM_CHAT_MODEL", "llama-test")
    ran = fm("eval", "--answers", small, "--local", "--verbose")

    assert (ran.code, ran.err) == (0, "")
    assert "good  How long do we keep database backups?" in ran.out
    assert "citation validity  1.0" in ran.out


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({}, "has no `question`"),
        ({"question": "what?", "document": "gone.md"}, "names a `document`"),
        ({"question": "what?", "document": "a.md", "page": 0}, "has a `page`"),
        ({"question": "what?", "expect": "it"}, "has a `expect`"),
    ],
)
def test_what_is_wrong_in_a_set_is_named_with_its_line(
    fm: Run, tmp_path: Path, line: dict, problem: str
) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "a.md").write_text("Words.")
    (tmp_path / "questions.jsonl").write_text(f'{{"question": "fine?"}}\n{json.dumps(line)}\n')
    ran = fm("eval", "--answers", tmp_path)

    assert ran.code == 2
    assert f"questions.jsonl line 2: {problem}" in ran.err


def test_a_folder_without_documents_is_named_and_options_of_others_are_refused(
    fm: Run, tmp_path: Path
) -> None:
    assert "holds no documents" in fm("eval", "--answers", tmp_path).err
    assert "--from-votes" in fm("eval", "--answers", SET, "--from-votes").err
