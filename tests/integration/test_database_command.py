"""`fm db`: what is where, and Pinecone's index before the first file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.command_line import Run
from support.pinecone_server import CLASSIC_SCHEMA, PineconeServer

from bot.documents import migrations
from bot.providers.pinecone.schema import schema

LABEL = "wordllama-256/256"


@pytest.fixture
async def pinecone(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PineconeServer]:
    async with PineconeServer(preparing=2) as server:
        monkeypatch.setenv("PINECONE_API_KEY", server.key)
        monkeypatch.setenv("PINECONE_CONTROLLER_HOST", server.url)
        yield server


def test_without_a_database_it_says_so(fm: Run) -> None:
    ran = fm("db")

    assert ran.code == 1
    assert "no database" in ran.err


def test_it_tells_path_size_schema_tables_and_spaces(fm: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("the disk is full")
    assert fm("index", tmp_path / "notes.txt").code == 0

    told, ran = fm("db", "--json").json, fm("db")

    path = tmp_path / "data" / "faultmaven.db"
    assert told["path"] == str(path)
    assert told["bytes"] >= path.stat().st_size
    assert told["schema"] == migrations._head(migrations._config())
    assert (told["tables"]["document"], told["tables"]["index_vector"]) == (1, 1)
    assert not [name for name in told["tables"] if name.startswith("index_fts_")]
    assert told["spaces"] == [{"space": LABEL, "workspaces": 1, "documents": 1, "passages": 1}]
    assert told["reembedding"] == []
    assert str(path) in ran.out
    assert f"{LABEL}        1 workspace, 1 document, 1 passage" in ran.out


async def test_pinecones_index_is_created_once_and_waited_for(fm: Run, pinecone: PineconeServer) -> None:
    first = await asyncio.to_thread(fm, "db", "create-index")
    again = await asyncio.to_thread(fm, "db", "create-index")

    assert (first.code, again.code) == (0, 0)
    assert "faultmaven was created" in first.out
    assert "Pinecone prepares the index" in first.err
    assert "faultmaven is there" in again.out
    assert pinecone.indexes["faultmaven"].schema == schema(256)


async def test_an_index_of_another_model_is_left_alone_and_one_is_created_beside_it(
    fm: Run, pinecone: PineconeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.to_thread(fm, "db", "create-index")
    monkeypatch.setenv("CO_API_KEY", "a-key")
    monkeypatch.setenv("FM_EMBEDDING_TYPE", "int8")

    ran = await asyncio.to_thread(fm, "db", "create-index")

    assert "faultmaven-embed-v4-0-1024-int8 was created" in ran.out
    assert pinecone.indexes["faultmaven-embed-v4-0-1024-int8"].schema == schema(1024)


@pytest.mark.parametrize(
    ("there", "words"), [(CLASSIC_SCHEMA, "classic vector index"), (schema(17), "17 dimensions")]
)
async def test_what_differs_in_an_index_of_that_name_is_said(
    fm: Run, pinecone: PineconeServer, there: dict, words: str
) -> None:
    pinecone.add_index("faultmaven", there)

    ran = await asyncio.to_thread(fm, "db", "create-index")

    assert ran.code == 1
    assert words in ran.err
    assert "PINECONE_INDEX_NAME" in ran.err


def test_without_pinecones_key_there_is_no_index_to_create(fm: Run) -> None:
    ran = fm("db", "create-index")

    assert ran.code == 2
    assert "PINECONE_API_KEY" in ran.err
