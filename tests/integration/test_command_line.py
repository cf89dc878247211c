from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from support.command_line import Run
from support.pdf import make_pdf

from bot.app.core import open_database
from bot.documents.lock import FolderLock
from bot.domain import LOCAL_WORKSPACE
from bot.playground.demo import SAMPLES
from bot.settings import Settings

REPOSITORY = Path(__file__).parents[2]
RUNBOOK = ["Database failover runbook", "Stop the writers first", "Then promote the standby: pg_promote"]


@pytest.fixture
def runbook(tmp_path: Path) -> Path:
    path = tmp_path / "files" / "runbook.pdf"
    path.parent.mkdir()
    path.write_bytes(make_pdf(RUNBOOK))
    return path


def test_what_was_indexed_is_found_with_page_and_path(fm: Run, runbook: Path) -> None:
    indexed = fm("index", runbook, "--json")
    [document] = indexed.json["documents"]
    assert indexed.code == 0
    assert document == {
        "path": str(runbook),
        "document_id": document["document_id"],
        "status": "indexed",
        "pages": 3,
        "chunks": 3,
        "reason": None,
    }

    found = fm("search", "promote the standby", "--limit", 2, "--json")
    best = found.json["passages"][0]
    assert found.code == 0
    assert found.json["query"] == "promote the standby"
    assert fm("search", "promote", "the", "standby", "--limit", 2, "--json").json == found.json
    assert len(found.json["passages"]) <= 2
    assert (best["title"], best["page"], best["document_id"]) == ("runbook.pdf", 3, document["document_id"])
    assert "pg_promote" in best["text"]
    assert 0 < best["score"] <= 1
    assert best["permalink"] == runbook.as_uri()

    said = fm("search", "promote the standby")
    assert "[1] runbook.pdf, p. 3\n    Then promote the standby: pg_promote\n" in said.out
    assert str(runbook) in said.out
    assert "\x1b" not in said.out  # no colours where no terminal shows them


def test_the_same_bytes_again_change_nothing(fm: Run, runbook: Path) -> None:
    first = fm("index", runbook, "--json").json
    before = fm("status", "--json").json
    assert fm("index", runbook, runbook, "--json").json == first
    assert fm("status", "--json").json == before


def test_changed_bytes_are_read_anew_under_the_same_id(fm: Run, runbook: Path) -> None:
    first = fm("index", runbook, "--json").json["documents"][0]
    runbook.write_bytes(make_pdf(["Nothing but herons"]))
    second = fm("index", runbook, "--json").json["documents"][0]
    assert (second["document_id"], second["pages"]) == (first["document_id"], 1)
    assert fm("search", "herons", "--json").json["passages"][0]["page"] == 1
    assert "pg_promote" not in fm("search", "promote standby").out


def test_a_file_that_gives_no_text_fails_alone_and_with_its_reason(fm: Run, runbook: Path) -> None:
    scan = runbook.parent / "scan.pdf"
    scan.write_bytes(make_pdf([""]))
    indexed = fm("index", runbook.parent, "--json")
    good, bad = indexed.json["documents"]
    assert indexed.code == 1
    assert (good["status"], bad["status"]) == ("indexed", "failed")
    assert "no text" in bad["reason"]
    said = fm("status").out
    assert "1 indexed, 1 failed" in said
    assert 'Could not index "scan.pdf": no text' in said


def test_a_folder_is_indexed_with_its_folders_and_without_hidden_files(fm: Run, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    for name in ("b.md", "a/c.txt", ".hidden.md", ".git/config", "a/.env"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"the text of {name}", encoding="utf-8")
    paths = [document["path"] for document in fm("index", folder, "--json").json["documents"]]
    assert paths == [str(folder / "b.md"), str(folder / "a/c.txt")]


def test_a_name_moves_no_cursor(fm: Run, tmp_path: Path) -> None:
    path = tmp_path / "report\x1b[2J\u202e.md"
    path.write_text("quarterly\x1b]0;figures\x07", encoding="utf-8")
    said = fm("index", path).out + fm("search", "quarterly").out + fm("status").out
    assert "report" in said
    assert not {"\x1b", "\x07", "\u202e"} & set(said)


def test_commands_that_only_look_work_beside_a_running_bot(fm: Run, runbook: Path, tmp_path: Path) -> None:
    fm("index", runbook)
    running = FolderLock(tmp_path / "data")
    running.acquire()
    try:
        refused = fm("index", runbook)
        assert refused.code == 1
        assert refused.err.startswith("fm: Another FaultMaven process")
        assert refused.err.count("\n") == 1
        assert fm("search", "promote").code == 0
        assert fm("retry", "runbook.pdf").code == 0
        assert fm("status", "--json").json["counts"]["pending"] == 1
    finally:
        running.release()
    assert fm("index", runbook, "--json").json["documents"][0]["status"] == "indexed"


@pytest.mark.parametrize("by", ["name", "path", "id"])
def test_a_file_is_read_anew_when_asked_by_name_path_or_id(fm: Run, runbook: Path, by: str) -> None:
    document = fm("index", runbook, "--json").json["documents"][0]
    word = {"name": runbook.name, "path": str(runbook), "id": document["document_id"]}[by]
    retried = fm("retry", word)
    assert (retried.code, retried.out) == (0, 'Will be read anew: "runbook.pdf"\n')
    assert fm("status", "--json").json["counts"] == {"pending": 1, "processing": 0, "indexed": 0, "failed": 0}


def test_a_file_nobody_knows_is_not_read_anew(fm: Run, runbook: Path) -> None:
    fm("index", runbook)
    unknown = fm("retry", "else.pdf")
    assert (unknown.code, unknown.out) == (1, "")
    assert "no document of that name" in unknown.err


@pytest.mark.parametrize("words", [["search", "anything"], ["status"], ["retry", "file"]])
def test_before_anything_is_indexed_one_line_says_so(fm: Run, words: list[str]) -> None:
    ran = fm(*words)
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "There is no database" in ran.err


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["nonsense"], "nonsense"),
        (["search"], "query"),
        (["search", "words", "--limit", "0"], "--limit"),
        (["index", "no/such/file"], "no/such/file"),
        (["index"], "paths"),
        (["demo", "--port", "70000"], "--port"),
        (["status", "--jsno"], "--jsno"),
    ],
)
def test_wrong_use_is_one_line_that_names_it(fm: Run, words: list[str], named: str) -> None:
    ran = fm(*words)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert named in ran.err


def test_operators_narrow_a_search_and_alone_they_list_files(fm: Run, runbook: Path) -> None:
    notes = runbook.with_name("notes.txt")
    notes.write_text("promote the standby by hand")
    fm("index", runbook, notes)
    assert {p["title"] for p in fm("search", "promote", "--json").json["passages"]} == {
        "runbook.pdf",
        "notes.txt",
    }
    assert [p["title"] for p in fm("search", "type:text promote", "--json").json["passages"]] == ["notes.txt"]
    assert fm("search", "promote before:2020-01-01", "--json").json["passages"] == []
    listed = fm("search", "after:yesterday type:pdf", "--json").json
    assert [(d["title"], d["permalink"]) for d in listed["documents"]] == [("runbook.pdf", runbook.as_uri())]
    assert "[1] runbook.pdf" in fm("search", "type:pdf").out
    assert "Files called alike: runbook.pdf" in fm("search", '"runbooks"').out
    wrong = fm("search", "type:banana x")
    assert wrong.code != 0
    assert "`type:` takes" in wrong.err


def test_a_search_without_a_word_is_wrong_use(fm: Run, runbook: Path) -> None:
    fm("index", runbook)
    ran = fm("search", "  ?! ")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("FM_PORT", "eighty"),
        ("FM_MAX_FILE_MB", "0"),
        ("FM_LOG_LEVEL", "loud"),
        ("SLACK_BOT_TOKEN", "my-secret-token"),
        ("SLACK_APP_TOKEN", "xoxb-my-secret-token"),
        ("SLACK_API_URL", "http://user:my-secret-token@slack.example"),
    ],
)
@pytest.mark.parametrize(
    "words", [[], ["serve"], ["demo"], ["index", __file__], ["search", "words"], ["status"]]
)
def test_a_wrong_setting_is_one_line_that_names_it_and_shows_no_value(
    fm: Run, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: list[str]
) -> None:
    monkeypatch.setenv(variable, value)
    ran = fm(*words)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith(f"fm: {variable}: ")
    assert value not in ran.err
    assert "my-secret-token" not in ran.err


def test_serving_without_a_token_names_the_setting_that_is_missing(fm: Run) -> None:
    ran = fm("serve")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith("fm: SLACK_BOT_TOKEN: is not set")


def test_the_manifest_is_printed_as_it_is(fm: Run) -> None:
    assert fm("manifest").out == (REPOSITORY / "manifest.yml").read_text(encoding="utf-8")


def test_the_version_is_printed(fm: Run) -> None:
    assert fm("--version").out.startswith("fm 0.")


def test_nothing_found_is_no_failure(fm: Run) -> None:
    fm("index", SAMPLES / "service-owners.csv")
    ran = fm("search", "xyzzyplugh")
    assert ran.code == 0
    assert ran.out


def test_insights_tell_what_was_asked_in_vain(fm: Run, runbook: Path, tmp_path: Path) -> None:
    fm("index", runbook)
    asyncio.run(asked_in_vain(tmp_path / "data", "zebra crossings", times=2))
    told = fm("insights", "--json")
    assert told.code == 0
    assert told.json["searches"] == 2
    assert told.json["in_vain"] == [{"query": "zebra crossings", "times": 2}]
    said = fm("insights", "--days", 7).out
    assert said.startswith("2 questions in the last 7 days: 2 found nothing")
    assert "2 x zebra crossings" in said


async def asked_in_vain(folder: Path, query: str, times: int) -> None:
    async with open_database(Settings(data_dir=folder)) as database, database.transaction() as tx:
        for number in range(times):
            await tx.searches.add(
                id=str(number),
                workspace=LOCAL_WORKSPACE,
                asker="U1",
                query=query,
                surface="command",
                results=0,
                elapsed_ms=1.0,
                now=time.time(),
            )
