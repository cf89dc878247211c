"""Programs with keys talk to the unmodified bot over HTTP."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from support.bot import bot_in, caught_up
from support.knowledge import clients, make_key
from support.slack import ask, shown, verdict

from bot.domain import Right
from bot.playground.server import Playground

RUNBOOK = b"# Replicas\n\nA replica that reports ENOSPC is read only until somebody frees space.\n"
MINUTES = b"Minutes of the board: the ENOSPC outage of March cost four hours.\n"


async def test_a_key_knows_nothing_but_its_own_spaces_and_slack_knows_nothing_of_them(tmp_path: Path) -> None:
    async with Playground.serve() as slack, bot_in(slack, tmp_path) as bot:
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", members=[alice])
        await verdict(slack, (await slack.share(alice, ops, "slack.txt", b"ENOSPC was told in Slack")).ts)
        hers, his = await make_key(bot, "handbook"), await make_key(bot, "board")
        async with clients(bot, hers, his) as (handbook, board):
            runbook = await handbook.upload("handbook", "runbook.md", RUNBOOK, title="Replicas")
            assert (runbook.status, runbook.json["status"], runbook.json["title"]) == (
                201,
                "indexed",
                "Replicas",
            )
            path = runbook.headers["Location"].removeprefix("/v1")
            minutes = await board.upload("board", "minutes.txt", MINUTES)

            assert await handbook.titles() == ["Replicas"]
            assert await board.titles() == ["minutes.txt"]
            assert await handbook.found("ENOSPC") == ["Replicas"]
            assert await board.found("ENOSPC") == ["minutes.txt"]
            assert (await handbook.get(path)).json == runbook.json

            # of what is elsewhere it is told the same as of what is nowhere
            for method in ("GET", "DELETE"):
                there = await board.ask(method, path)
                nowhere = await board.ask(method, path[:-4] + "0000")
                assert (there.status, there.json) == (nowhere.status, nowhere.json) == (404, there.json)
            for space in ("handbook", "nowhere"):
                assert (await board.upload(space, "a.txt", b"words")).json["code"] == "no_space"
                assert (await board.get("/knowledge/documents", space=space)).json["code"] == "no_space"
                search = await board.get("/knowledge/search", query=f"in:{space} ENOSPC")
                assert search.json["detail"] == f"This key reads no space {space}."
            stats = (await board.get("/knowledge/stats")).json
            assert [(space["name"], space["indexed"]) for space in stats["spaces"]] == [("board", 1)]
            assert stats["total"]["size"] == len(MINUTES)

            answer = shown(await ask(slack, alice, ops, "/fm search ENOSPC"))
            assert "slack.txt" in answer
            assert "Replicas" not in answer
            assert "minutes" not in shown(await ask(slack, alice, ops, "/fm status"))
            await caught_up(slack, bot)
            assert len([m for m in slack.messages(ops) if m.user == slack.bot_user]) <= 1

            # nobody has it read anew, since its bytes are gone: it would be lost
            async with bot.core.database.transaction() as tx:
                document = await tx.documents.get(runbook.json["id"])
            assert document
            await bot.core.ingest.retry(document)
            assert (await handbook.get(path)).json == runbook.json

            assert (await handbook.ask("DELETE", path)).status == 204
            assert (await handbook.ask("DELETE", path)).status == 404
            assert await handbook.found("ENOSPC") == []
            assert await handbook.titles() == []
            assert (await board.get(f"/knowledge/documents/{minutes.json['id']}")).status == 200


async def test_documents_are_listed_page_by_page_and_found_by_operators(tmp_path: Path) -> None:
    async with (
        Playground.serve() as slack,
        bot_in(slack, tmp_path) as bot,
        clients(bot, await make_key(bot, "a", "b"), await make_key(bot, "a")) as (api, other),
    ):
        for number in range(5):
            space, ending = ("a", "md") if number % 2 else ("b", "txt")
            await api.upload(space, f"part {number}.{ending}", f"part {number} of ENOSPC".encode())
        broken = await api.upload("a", "broken.pdf", b"%PDF-1.7 and then nothing")
        assert (broken.status, broken.json["code"]) == (422, "not_indexed")
        failed = (await api.get("/knowledge/documents", status="failed")).json["documents"]
        assert [one["id"] for one in failed] == [broken.json["document_id"]]
        assert failed[0]["error"]["detail"] + "." == broken.json["detail"]

        seen, cursor = [], {}
        while True:
            page = (await api.get("/knowledge/documents", limit="2", status="indexed", **cursor)).json
            seen += [document["title"] for document in page["documents"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert seen == [f"part {n}.{'md' if n % 2 else 'txt'}" for n in (4, 3, 2, 1, 0)]
        assert await api.titles(type="markdown") == ["part 3.md", "part 1.md"]
        assert await api.titles(title="PART 4") == ["part 4.txt"]
        assert await api.titles(space="a", status="indexed") == ["part 3.md", "part 1.md"]
        assert await other.titles(status="indexed") == ["part 3.md", "part 1.md"]

        assert sorted(await api.found("in:a part type:markdown from:me")) == ["part 1.md", "part 3.md"]
        assert await other.found("part from:me") == []
        listed = (await api.get("/knowledge/search", query="type:text in:b", limit="2")).json
        assert [one["title"] for one in listed["documents"]] == ["part 4.txt", "part 2.txt"]
        assert (listed["passages"], listed["more"]) == ([], True)
        wrong = await api.get("/knowledge/search", query="type:nonsense x")
        assert (wrong.status, wrong.json["code"]) == (422, "query_rejected")

        one = await api.get(f"/knowledge/documents/{failed[0]['id']}")
        same = await api.ask(
            "GET",
            f"/knowledge/documents/{failed[0]['id']}",
            headers={"If-None-Match": one.headers["ETag"]},
        )
        assert (same.status, same.json) == (304, None)


async def test_the_same_upload_under_the_same_key_is_answered_alike_also_after_a_restart(
    tmp_path: Path,
) -> None:
    async with Playground.serve() as slack:
        async with bot_in(slack, tmp_path) as bot:
            key, other = await make_key(bot, "handbook"), await make_key(bot, "handbook")
            async with clients(bot, key, other) as (api, another):
                first = await api.upload("handbook", "a.txt", RUNBOOK, again="k1")
                both = await asyncio.gather(
                    *(api.upload("handbook", "b.txt", b"other words", again="k2") for _ in range(2))
                )
                assert both[0].json["id"] == both[1].json["id"]
                changed = await api.upload("handbook", "a.txt", RUNBOOK + b"!", again="k1")
                assert (changed.status, changed.json["code"]) == (422, "idempotency_key_reused")
                assert (await another.upload("handbook", "a.txt", RUNBOOK, again="k1")).json[
                    "id"
                ] != first.json["id"]
                assert (await api.upload("handbook", "a.txt", RUNBOOK, again="k" * 300)).status == 422
        async with bot_in(slack, tmp_path) as bot, clients(bot, key) as [api]:
            again = await api.upload("handbook", "a.txt", RUNBOOK, again="k1")
            assert (again.status, again.json) == (first.status, first.json)
            assert again.headers["Location"] == first.headers["Location"]
            assert again.headers["Idempotency-Replayed"] == "true"
            assert len(await api.titles()) == 3
            async with bot.core.database.transaction() as tx:
                key_id = key[:12]
                begun = await tx.uploads.begin(key_id, "k1", "other", "F", now=time.time() + 24 * 3600.0 + 1)
                assert (begun.fingerprint, begun.status) == ("other", None)
                # the bytes are kept no longer than until a document has its verdict
                await tx.uploads.clear(now=0.0)
                for title in (first, *both):
                    document = await tx.documents.get(title.json["id"])
                    assert document
                    assert await tx.uploads.get(document.file_id) is None


async def test_a_key_opens_what_it_was_made_for_as_long_and_as_often_as_it_may(tmp_path: Path) -> None:
    async with (
        Playground.serve() as slack,
        bot_in(slack, tmp_path, api_requests_per_minute=5) as bot,
        clients(
            bot,
            await make_key(bot, "s"),
            await make_key(bot, "s", rights=[Right.READ]),
            await make_key(bot, "s", expires_in_s=-1.0),
            await make_key(bot, "s", rights=[]),
        ) as (api, reader, expired, powerless),
    ):
        assert (await reader.upload("s", "a.txt", b"words")).json["code"] == "right_missing"
        assert (await reader.ask("DELETE", f"/knowledge/documents/{'0' * 32}")).status == 403
        assert (await reader.titles()) == []
        assert (await powerless.get("/knowledge/stats")).status == 403
        refused = await expired.get("/knowledge/stats")
        assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
        good = api.key
        for wrong in (
            good[:-1] + ("A" if good[-1] != "A" else "B"),
            good[:12],
            "",
            "fmk_00000000_" + "A" * 43,
        ):
            api.key = wrong
            assert (await api.get("/knowledge/stats")).status == 401
        api.key = good

        left = [(await api.get("/knowledge/stats")).headers["RateLimit"].split(";")[1] for _ in range(5)]
        assert left == ["r=4", "r=3", "r=2", "r=1", "r=0"]
        limited = await api.get("/knowledge/stats")
        assert (limited.status, limited.json["code"]) == (429, "too_many_requests")
        assert 1 <= int(limited.headers["Retry-After"]) <= 60
        assert limited.headers["RateLimit-Policy"] == '"requests";q=5;w=60'

        async with bot.core.database.transaction() as tx:
            [key] = [key for key in await tx.api_keys.all() if key.id == reader.key[:12]]
            assert key.last_used_at is not None
            assert await tx.api_keys.revoke({key.id}, now=bot.core.ingest.clock()) == [key.id]
        assert (await reader.get("/knowledge/stats")).status == 401
