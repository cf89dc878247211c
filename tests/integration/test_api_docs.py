"""The commands of docs/api.md, run as they stand there."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sys
from asyncio.subprocess import PIPE
from html import unescape
from pathlib import Path

import pytest
from aiohttp import ClientSession
from support.bot import bot_in

from bot.playground.server import Playground

REPOSITORY = Path(__file__).parents[2]
BLOCKS = re.findall(r"```sh\n(.*?)```", (REPOSITORY / "docs/api.md").read_text("utf-8"), flags=re.DOTALL)


async def sh(folder: Path, *lines: str, **variables: str) -> list[str]:
    """What each of these prints, with `fm` being this program."""
    (folder / "fm").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bot "$@"\n')
    (folder / "fm").chmod(0o755)
    environment = {"PATH": f"{folder}:/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY)} | variables
    script = "\necho\necho ---\n".join(lines)
    process = await asyncio.create_subprocess_exec(
        "/bin/sh", "-ec", script, cwd=folder, env=environment, stdout=PIPE, stderr=PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err
    return [said.strip() for said in out.decode().split("---\n")]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_the_commands_of_the_api_s_page_do_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "runbook.md").write_text("# Replicas\n\nA full replica turns read only.\n")
    key, upload, search, delete = BLOCKS
    async with Playground.serve() as slack, bot_in(slack, tmp_path / "data") as bot:
        at: dict[str, str] = {"FM": bot.url, "FM_DATA_DIR": str(tmp_path / "data")}
        _, made = await sh(tmp_path, key, 'echo "$KEY"', **at)
        _, indexed, found = await sh(tmp_path, ":", upload, search, KEY=made, **at)
        document = json.loads(indexed)
        assert (document["status"], document["space"]) == ("indexed", "handbook")
        [passage] = json.loads(found)["passages"]
        assert (passage["document_id"], passage["title"]) == (document["id"], "runbook.md")
        assert await sh(tmp_path, delete, KEY=made, ID=document["id"], **at) == [""]
        _, gone = await sh(tmp_path, ":", search, KEY=made, **at)
        assert json.loads(gone)["passages"] == []
        await the_examples_of_the_served_page_work(tmp_path, bot.url, KEY=made, **at)


async def the_examples_of_the_served_page_work(folder: Path, url: str, **at: str) -> None:
    async with ClientSession(url) as client, client.get("/v1/knowledge/docs") as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
        page = await answer.text()
        described = await (await client.get("/v1/openapi.json")).json()
    for name in described["components"]["schemas"]:
        assert f'id="{name}"' in page
    examples = [unescape(one) for one in re.findall(r"<pre><code>(curl .*?)</code></pre>", page, re.DOTALL)]
    upload, listing, by_address, search, get, delete, stats = _as_expected(examples)
    first = json.loads((await sh(folder, upload.replace("runbook-1", "runbook-2"), **at))[0])
    said = await sh(folder, listing, by_address, search, get, stats, ID=first["id"], **at)
    listed, by_address_, found, got, figures = map(json.loads, said)
    assert [one["id"] for one in listed["documents"]] == [first["id"]]
    assert [len(one["passages"]) for one in (by_address_, found)] == [1, 1]
    assert (got, figures["total"]["indexed"]) == (first, 1)
    assert await sh(folder, delete, ID=first["id"], **at) == [""]


def _as_expected(examples: list[str]) -> list[str]:
    """One of each operation, in an order of our own."""
    marks = (
        "-F file",
        "?space=",
        "?query=",
        "--json",
        '$ID" -H "Authorization: Bearer $KEY"',
        "DELETE",
        "/stats",
    )
    found = [next(one for one in examples if mark in one) for mark in marks]
    assert sorted(found) == sorted(examples)
    return found
