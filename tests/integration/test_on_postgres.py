"""The unmodified program with FM_DATABASE_URL: every command, and a bot that is told to stop at work."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from sqlalchemy import make_url
from support.command_line import Run
from support.fleet import fleet
from support.postgres import Server
from support.slack import ask, shown, verdict

from bot.playground.server import Playground


def test_every_command_works_on_postgres_and_shows_no_password(
    fm: Run, tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres_url.replace("postgres@", "postgres:s3cret@")  # which nobody asks for here
    monkeypatch.setenv("FM_DATABASE_URL", url)
    (tmp_path / "runbook.txt").write_text("Promote the standby when the primary fails.\n")

    indexed = fm("index", tmp_path / "runbook.txt")
    assert indexed.code == 0, indexed.err
    found = fm("search", "promote the standby", "--json")
    assert "Promote the standby" in found.out, found.err
    assert "runbook.txt" in fm("status").out
    assert fm("reconcile").code == 0
    assert fm("retry", "runbook.txt").code == 0
    assert fm("insights").code == 0
    told, ran = fm("db", "--json").json, fm("db")
    assert (told["path"], told["tables"]["document"]) == (None, 1)
    assert told["bytes"] > 0
    assert ran.out.startswith("PostgreSQL, ")
    backup = fm("db", "backup", tmp_path / "copy.db")
    assert backup.code == 2
    assert "own tool" in backup.err
    assert not list((tmp_path / "data").glob("*.db*"))
    examined = fm("doctor")
    assert "1 indexed" in examined.out or "1 pending" in examined.out
    said = [examined, backup, ran, indexed, fm("db", "check")]
    assert not [one for one in said if "s3cret" in one.out + one.err]


async def test_a_bot_on_postgres_indexes_and_answers_and_stops_when_told(
    tmp_path: Path, postgres_server: Server, postgres_url: str
) -> None:
    async with Playground.serve(ack_timeout_s=1.0, retry_delays_s=(0.2, 0.5, 1.0, 1.0)) as slack:
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", members=[alice])
        async with fleet(slack, postgres_url, tmp_path, 1) as bots:
            file = await slack.share(alice, ops, "runbook.txt", b"Promote the standby when it fails.")
            assert (await verdict(slack, file.ts)).text.startswith("Indexed ")
            answer = await ask(slack, alice, ops, "/fm search promote the standby")
            assert "runbook.txt" in shown(answer)
            more = [await slack.share(alice, ops, f"{n}.txt", f"late {n}".encode()) for n in range(3)]
            [bot] = bots.replicas
            await bots.end(bot, signal.SIGTERM)
            assert bot.returncode == 0
            statement = "SELECT count(*) FROM document WHERE status = 'processing'"
            left = postgres_server.execute(statement, str(make_url(postgres_url).database))
            assert left == [(0,)], "what was under way was given back"
            await slack.until(lambda: slack.socket.connections == 0, 20)
            await bots.start()
            await slack.until(lambda: slack.socket.connections == 1, 30)
            for late in more:
                assert (await verdict(slack, late.ts)).text.startswith("Indexed ")
        assert [len(slack.messages(ops, late.ts)) for late in more] == [2] * 3
