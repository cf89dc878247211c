"""Uploads that are too large, too slow, broken, or meant to do harm."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from support.bot import bot_in
from support.knowledge import Api, clients, make_key
from support.waiting import until

from bot.app import Running
from bot.playground.server import Playground
from bot.providers.spool import SpoolWriter
from bot.web.api import Changes, Services, knowledge_api
from bot.web.api.limits import Limits
from bot.web.server import Server

FORM = {"Content-Type": "multipart/form-data; boundary=b"}
MIB = 1024 * 1024


def part(name: str, content: bytes, more: str = "") -> bytes:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content + b"\r\n"


def a_file(content: bytes, more: str = "", name: str = "a.txt") -> bytes:
    return part("file", content, f'; filename="{name}"{more}')


SPACE, END = part("space", b"s"), b"--b--\r\n"


@asynccontextmanager
async def an_api(folder: Path) -> AsyncIterator[tuple[Running, Api]]:
    async with (
        Playground.serve() as slack,
        bot_in(slack, folder, max_file_mb=1) as bot,
        clients(bot, await make_key(bot, "s")) as [api],
    ):
        yield bot, api


async def refused(api: Api, body: bytes, headers: dict[str, str] = FORM) -> tuple[int, str]:
    answer = await api.ask("POST", "/knowledge/documents", data=BytesIO(body), headers=headers)
    assert answer.json is not None
    return answer.status, answer.json["code"]


async def nothing_is_left(bot: Running) -> bool:
    """Neither a document nor a file in the spool."""
    async with bot.core.database.transaction() as tx:
        documents = sum((await tx.documents.counts_all()).values())
    return documents == 0 and list(bot.core.ingest.spool.glob("*")) == []


async def test_what_is_no_proper_upload_is_refused_and_leaves_nothing_behind(tmp_path: Path) -> None:
    async with an_api(tmp_path) as (bot, api):
        malformed, unsupported, invalid = (
            (400, "malformed"),
            (415, "unsupported_media_type"),
            (422, "invalid"),
        )
        nested = part("file", b"", "\r\nContent-Type: multipart/mixed; boundary=c")
        encoded = a_file(b"YWJj", "\r\nContent-Transfer-Encoding: base64")
        zipped = a_file(gzip.compress(b"abc"), "\r\nContent-Encoding: gzip")
        many_headers = a_file(b"abc", "".join(f"\r\nX-{n}: y" for n in range(500)))
        for body, said in [
            (b"", malformed),
            (b"no boundary anywhere", malformed),
            (SPACE + a_file(b"abc")[:-2], malformed),  # the end is missing
            (SPACE + nested + END, malformed),
            (SPACE + a_file(b"abc") * 2 + END, malformed),
            (SPACE * 2 + a_file(b"abc") + END, malformed),
            (b"".join(part(f"f{n}", b"x") for n in range(20)) + END, malformed),
            (SPACE + part("title", b"x" * 5_000) + a_file(b"abc") + END, malformed),
            (SPACE + many_headers + END, malformed),
            (SPACE + part("title", b"\xff\xfe") + a_file(b"abc") + END, malformed),
            (SPACE + encoded + END, unsupported),
            (SPACE + zipped + END, unsupported),
            (a_file(b"abc") + END, invalid),
            (SPACE + END, invalid),
            (SPACE + part("color", b"red") + a_file(b"abc") + END, invalid),
            (part("space", b"../s") + a_file(b"abc") + END, invalid),
            (SPACE + part("title", b"x" * 300) + a_file(b"abc") + END, invalid),
            (SPACE + a_file(b"") + END, (422, "empty")),
            (SPACE + part("file", b"abc") + END, (422, "no_name")),
            (SPACE + a_file(b"abc", name="..") + END, (422, "no_name")),
        ]:
            assert await refused(api, body) == said, body[:200]
        whole = SPACE + a_file(b"abc") + END
        for headers in (
            {"Content-Type": "application/json"},
            {"Content-Type": "multipart/form-data"},
            {"Content-Type": "multipart/mixed; boundary=b"},
            FORM | {"Content-Encoding": "gzip"},
        ):
            body = gzip.compress(whole) if "Content-Encoding" in headers else whole
            assert await refused(api, body, headers) == unsupported, headers
        assert await nothing_is_left(bot)


async def test_a_file_over_the_limit_is_refused_however_it_is_sent(tmp_path: Path) -> None:
    async with an_api(tmp_path) as (bot, api):
        assert await refused(api, SPACE + a_file(bytes(2 * MIB)) + END) == (413, "too_large")
        assert await refused(api, SPACE + a_file(bytes(MIB + 1)) + END) == (413, "too_large")

        async def without_a_length() -> AsyncIterator[bytes]:
            yield SPACE + a_file(bytes(MIB))[:-2]
            yield bytes(MIB) + b"\r\n" + END

        answer: Any = await api.ask("POST", "/knowledge/documents", data=without_a_length(), headers=FORM)
        assert (answer.status, answer.json["code"]) == (413, "too_large")
        assert await nothing_is_left(bot)

        search = await api.ask("POST", "/knowledge/search", json={"query": "x" * 100_000})
        assert (search.status, search.json["code"]) == (413, "too_large")
        exact = BytesIO(SPACE + a_file(b"a" + b"\n" * (MIB - 1)) + END)
        answer = await api.ask("POST", "/knowledge/documents", data=exact, headers=FORM)
        assert answer.status == 202


async def test_a_files_name_names_no_folder_and_hides_nothing(tmp_path: Path) -> None:
    async with an_api(tmp_path) as (bot, api):
        for sent, kept in [
            ("../../etc/passwd.txt", "passwd.txt"),
            ("C:\\\\Users\\\\x\\\\plan.txt", "plan.txt"),
            ("in\u202evoice\u200b.txt", "invoice.txt"),
            ("Übersicht 2026.txt", "Übersicht 2026.txt"),
            ("x" * 400 + ".txt", "x" * 251 + ".txt"),
        ]:
            body = SPACE + a_file(b"some words", name=sent) + END
            answer = await api.ask("POST", "/knowledge/documents?wait=true", data=body, headers=FORM)
            assert (answer.status, answer.json["name"]) == (201, kept)
        assert {path.name for path in tmp_path.rglob("*") if "passwd" in path.name} == set()
        assert list(bot.core.ingest.spool.glob("*")) == []


async def test_what_takes_too_long_is_answered_in_time(tmp_path: Path) -> None:
    async with an_api(tmp_path) as (bot, api):
        changes, limits = Changes(bot.core.database.transaction), Limits(100)
        spool = partial(SpoolWriter, bot.core.ingest.spool, MIB)
        hurried = Services(
            bot.core.database.transaction, bot.core.ingest, bot.core.search, spool, changes, limits, MIB, "0",
            receive_s=0.05, wait_s=0.05,
        )  # fmt: skip
        app = web.Application()
        app.add_subapp("/v1", knowledge_api(hurried))
        server = Server(app, "127.0.0.1", 0)
        port = await server.start()
        bot.core.runner.stop()  # nothing is indexed any more

        async def slowly() -> AsyncIterator[bytes]:
            yield SPACE + a_file(b"abc")[:-2]
            await asyncio.sleep(20.0)

        try:
            async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
                here = Api(session, api.key)
                waited = await here.upload("s", "a.txt", b"words")
                assert (waited.status, waited.json["status"]) == (202, "pending")
                assert waited.headers["Retry-After"] == "2"
                slow = await here.ask("POST", "/knowledge/documents", data=slowly(), headers=FORM)
                assert (slow.status, slow.json["code"]) == (408, "too_slow")
        finally:
            await server.close()


async def test_a_client_that_stops_sending_is_let_go(tmp_path: Path) -> None:
    async with an_api(tmp_path) as (bot, api):
        address = urlsplit(bot.url)
        head = (
            f"POST /v1/knowledge/documents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.key}\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 5000\r\n\r\n"
        ).encode()
        slow = [await asyncio.open_connection(address.hostname, address.port) for _ in range(4)]
        for _, writer in slow:
            writer.write(head + SPACE + a_file(b"abc")[:-2])
        await until(lambda: len(list(bot.core.ingest.spool.glob("*"))) == 4)
        # no more of this key at once; others are served
        fifth = await api.upload("s", "a.txt", b"words")
        assert (fifth.status, fifth.json["detail"]) == (429, "At most 4 uploads at once.")
        async with aiohttp.ClientSession(bot.url) as session:
            other = Api(session, await make_key(bot, "s"))
            assert (await other.upload("s", "a.txt", b"words", wait=False)).status == 202
        for _, writer in slow:
            writer.close()
        await until(lambda: len(list(bot.core.ingest.spool.glob("*"))) == 0)
        assert (await api.upload("s", "a.txt", b"words", wait=False)).status == 202
