from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import structlog
from support.bot import bot_in
from support.command_line import command_line

from bot import doctor
from bot.doctor import Finding, Verdict
from bot.ingest.extract.ocr import languages
from bot.playground.server import Playground
from bot.settings import Settings, variable_of
from bot.terminal import show_findings


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("FM_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("FM_PORT", "0")
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def point_at(slack: Playground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_API_URL", slack.api_url)
    monkeypatch.setenv("SLACK_BOT_TOKEN", slack.bot_token)
    monkeypatch.setenv("SLACK_APP_TOKEN", slack.app_token)


async def examined(*, full: bool = False) -> dict[str, Finding]:
    """The findings by name; the worst of each."""
    order = list(Verdict)
    found = await doctor.examine(full=full)
    return {f.name: f for f in sorted(found, key=lambda finding: order.index(finding.verdict))}


async def test_every_setting_is_listed_with_its_value_or_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FM_MAX_FILE_MB", "7")
    found = await examined()
    assert {variable_of(field) for field in Settings.model_fields} <= set(found)
    assert found["FM_MAX_FILE_MB"].found == "7"
    assert found["FM_LOG_LEVEL"].found == "info (default)"
    assert found["SLACK_BOT_TOKEN"].found == "not set"


async def test_whether_scans_are_read_is_told() -> None:
    scans = (await examined())["scans"]
    if languages():
        assert (scans.verdict, scans.fix) == (Verdict.FINE, "")
        assert all(name in scans.found for name in languages())
    else:
        assert (scans.verdict, scans.fix[:7]) == (Verdict.NOTE, "Install")


async def test_a_healthy_bot_has_nothing_to_fix_but_an_invitation(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Playground.serve() as slack:
        point_at(slack, monkeypatch)
        found = await examined()
        assert [f for f in found.values() if f.verdict is Verdict.PROBLEM] == []
        assert found["slack"].found.endswith("over Socket Mode")
        assert found["scopes"].verdict is Verdict.FINE
        assert found["socket"].verdict is Verdict.FINE
        assert found["clock"].verdict is Verdict.FINE
        assert (found["channels"].verdict, found["channels"].found) == (Verdict.WARNING, "in none")
        assert "console" not in found
        for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "FM_CONSOLE_TOKEN"):
            monkeypatch.setenv(name, "a token for the operators")
        monkeypatch.setenv("FM_PUBLIC_URL", "https://bot.example.com/")
        slack.add_channel("ops", members=[slack.add_user("alice"), slack.bot_user])
        found = await examined()
        assert found["channels"].verdict is Verdict.FINE
        assert found["console"].found.endswith(": https://bot.example.com/console/login/slack")


async def test_no_secret_is_shown_in_words_or_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Playground.serve() as slack:
        point_at(slack, monkeypatch)
        monkeypatch.setenv("SLACK_SIGNING_SECRET", slack.signing_secret)
        findings = await doctor.examine(full=False)
        show_findings(findings, as_json=False)
        show_findings(findings, as_json=True)
        said = capsys.readouterr().out
        assert said.count("SLACK_SIGNING_SECRET") == 2
        assert not [s for s in (slack.bot_token, slack.app_token, slack.signing_secret) if s in said]


@pytest.mark.parametrize(
    ("scope", "verdict"), [("files:read", Verdict.PROBLEM), ("channels:history", Verdict.WARNING)]
)
async def test_a_scope_that_was_not_granted_is_named_with_its_fix(
    monkeypatch: pytest.MonkeyPatch, scope: str, verdict: Verdict
) -> None:
    async with Playground.serve(withhold=[scope]) as slack:
        point_at(slack, monkeypatch)
        found = (await examined())["scopes"]
        assert found.verdict is verdict
        assert found.found == f"{scope} is missing"
        assert found.fix.startswith(f"Add {scope} under OAuth & Permissions")


@pytest.mark.parametrize("variable", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"])
async def test_a_token_that_slack_rejects_is_named(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    async with Playground.serve() as slack:
        point_at(slack, monkeypatch)
        monkeypatch.setenv(variable, {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}[variable])
        found = [f for f in await doctor.examine(full=False) if f.verdict is Verdict.PROBLEM]
        assert [f.found.partition(":")[0] for f in found] == [variable]
        assert found[0].fix


async def test_slack_out_of_reach_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Playground.serve() as slack:
        point_at(slack, monkeypatch)
    found = await examined()
    assert (found["slack"].verdict, found["slack"].found) == (Verdict.PROBLEM, "Slack could not be reached")


async def test_tokens_that_are_incomplete_name_the_missing_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    found = await examined()
    assert found["slack"].verdict is Verdict.PROBLEM
    assert found["slack"].found.startswith("SLACK_APP_TOKEN: is not set")


async def test_every_wrong_setting_is_reported_not_just_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"FM_MAX_FILE_MB": "many", "FM_LOG_LEVEL": "loud", "SLACK_BOT_TOKEN": "secret-thing"}
    for variable, value in wrong.items():
        monkeypatch.setenv(variable, value)
    found = await doctor.examine(full=False)
    assert {f.name for f in found if f.verdict is Verdict.PROBLEM} == set(wrong)
    assert not [f for f in found if "secret-thing" in f.found + f.fix]


async def test_a_port_in_use_is_a_problem_unless_a_bot_has_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        monkeypatch.setenv("FM_PORT", str(other.getsockname()[1]))
        assert (await examined())["web server"].verdict is Verdict.PROBLEM
    async with Playground.serve() as slack, bot_in(slack, tmp_path / "data") as bot:
        monkeypatch.setenv("FM_PORT", str(bot.port))
        found = await examined()
        assert found["web server"].found.startswith("a running bot answers")
        assert (found["database"].verdict, found["database"].found[:9]) == (Verdict.FINE, "0 pending")


async def test_a_data_folder_that_is_a_file_can_not_be_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("FM_DATA_DIR", str(tmp_path / "file"))
    found = (await examined())["data folder"]
    assert found.verdict is Verdict.PROBLEM
    assert "FM_DATA_DIR" in found.fix


async def test_a_database_that_is_none_is_a_problem_with_a_fix(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "faultmaven.db").write_bytes(b"not a database at all" * 100)
    found = (await examined())["database"]
    assert found.verdict is Verdict.PROBLEM
    assert found.fix


async def test_the_full_check_reads_and_finds_a_file_and_leaves_nothing(tmp_path: Path) -> None:
    found = await examined(full=True)
    assert found["full check"].verdict is Verdict.FINE
    assert not (tmp_path / "data").exists()


def test_doctor_exits_with_one_when_something_is_to_fix(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with command_line(capsys) as fm:
        healthy = fm("doctor", "--json")
        assert (healthy.code, healthy.json["healthy"]) == (0, True)
        monkeypatch.setenv("FM_LOG_FORMAT", "xml")
        ill = fm("doctor")
        assert ill.code == 1
        assert "FM_LOG_FORMAT" in ill.out
        assert ill.out.rstrip().endswith("1 problem to fix")
        assert json.loads(fm("doctor", "--json").out)["healthy"] is False
