"""Two replicas on one PostgreSQL: what one took, the other indexes."""

from __future__ import annotations

from pathlib import Path

from support.bot import bot_in
from support.knowledge import clients, make_key

from bot.playground.server import Playground
from bot.web.api.keys import KEY

FILE = b"The quota of ENOSPC is 40 GB." + b"\n" * 1_500_000


async def test_an_upload_is_indexed_by_whichever_replica_has_the_job(
    postgres_url: str, tmp_path: Path
) -> None:
    async with (
        Playground.serve() as slack,
        bot_in(slack, tmp_path / "one", database_url=postgres_url) as one,
        bot_in(slack, tmp_path / "two", database_url=postgres_url) as two,
        clients(one, await make_key(one, "s")) as [here],
        clients(two, here.key) as [there],
    ):
        one.core.runner.stop()
        kept = await here.upload("s", "quota.txt", FILE, again="k")
        assert (kept.status, kept.json["status"], kept.json["size"]) == (201, "indexed", len(FILE))
        again = await there.upload("s", "quota.txt", FILE, again="k")
        assert (again.status, again.json) == (201, kept.json)
        assert await there.titles(type="text", title="QUOTA") == ["quota.txt"]
        assert await there.found("ENOSPC") == ["quota.txt"]
        for odd in ({"title": "a\x00b"}, {"cursor": "7ff0000000000000" + "f" * 32}):
            assert (await here.get("/knowledge/documents", **odd)).status == 200
        assert (await here.ask("DELETE", f"/knowledge/documents/{kept.json['id']}")).status == 204
        assert await there.titles() == []
        key = KEY.fullmatch(here.key)
        assert key
        async with one.core.database.transaction(reading=True) as tx:
            assert await tx.api_keys.take(key["id"], minute=0, wanted=1, most=1) == (0, 0)
