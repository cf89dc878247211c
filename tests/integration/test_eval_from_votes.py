from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from support.command_line import Run

from bot.database import Database
from bot.documents.searches import Shown
from bot.domain import LOCAL_WORKSPACE

ANIMALS = [
    "heron",
    "otter",
    "badger",
    "weasel",
    "falcon",
    "beaver",
    "marten",
    "lynx",
    "osprey",
    "stoat",
    "vole",
]
PRIVATE = "private"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was indexed once, for a copy each test."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def indexed(fm: Run, tmp_path: Path, kept: Path) -> dict[str, str]:
    """A file about each animal; document ids by animal."""
    data, ids = kept / "data", kept / "ids.json"
    if ids.exists():
        shutil.copytree(data, tmp_path / "data")
    else:
        ids.write_text(json.dumps(_indexed(fm, kept / "files")), encoding="utf-8")
        shutil.copytree(tmp_path / "data", data)
    return dict(json.loads(ids.read_text(encoding="utf-8")))


def _indexed(fm: Run, folder: Path) -> dict[str, str]:
    folder.mkdir()
    for animal in ANIMALS:
        (folder / f"{animal}.md").write_text(
            f"The {PRIVATE} {animal} lives by the water.\n", encoding="utf-8"
        )
    documents = fm("index", folder, "--json").json["documents"]
    return {Path(document["path"]).stem: document["document_id"] for document in documents}


def voted(tmp_path: Path, votes: list[tuple[str, str, int]]) -> None:
    """Note searches: what was asked, the document that was shown, the vote."""

    async def note() -> None:
        database = await Database.open(
            f"sqlite+aiosqlite:///{tmp_path / 'data' / 'faultmaven.db'}", lock_dir=None
        )
        async with database.transaction() as tx:
            for number, (query, document, vote) in enumerate(votes):
                name = f"s{number}"
                await tx.searches.add(
                    id=name,
                    workspace=LOCAL_WORKSPACE,
                    asker="U1",
                    query=query,
                    surface="command",
                    results=1,
                    elapsed_ms=1.0,
                    now=float(number),
                )
                await tx.searches.showed(name, [Shown(document, 1)], None)
                await tx.searches.vote(name, asker="U1", vote=vote)
        await database.close()

    asyncio.run(note())


def test_what_people_found_helpful_is_asked_again(fm: Run, indexed: dict[str, str], tmp_path: Path) -> None:
    helped = [(f"where does the {animal} live", document, 1) for animal, document in indexed.items()]
    again = [(f"  WHERE does the {ANIMALS[0]} live", indexed[ANIMALS[0]], 1)]
    missed = [("who lives by the water", indexed["otter"], -1)]
    voted(tmp_path, helped + again + missed)
    ran = fm("eval", "--from-votes", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["questions"] == len(ANIMALS)
    assert ran.json["hybrid"]["ndcg@10"] == 1
    assert ran.json["chunks"] is None
    assert ran.json["notes"][:2] == [
        f"{len(ANIMALS) + 1} votes for an answer and 1 against, on {len(ANIMALS) + 1} questions",
        "1 of these questions have no answer that helped and is still there",
    ]


def test_questions_of_people_are_shown_only_when_asked_for(
    fm: Run, indexed: dict[str, str], tmp_path: Path
) -> None:
    voted(tmp_path, [(f"where does the {animal} live", document, 1) for animal, document in indexed.items()])
    ran = fm("eval", "--from-votes")
    assert ran.out.startswith("votes: 11 questions\n")
    assert "otter" not in ran.out
    assert "hybrid 1.00  where does the otter live" in fm("eval", "--from-votes", "--verbose").out


@pytest.mark.parametrize(("kind", "askable"), [("md", 11), ("pdf", 0)])
def test_a_question_keeps_the_conditions_it_was_asked_with(
    fm: Run, indexed: dict[str, str], tmp_path: Path, kind: str, askable: int
) -> None:
    voted(tmp_path, [(f"type:{kind} the {animal}", document, 1) for animal, document in indexed.items()])
    ran = fm("eval", "--from-votes", "--json")
    assert ran.code == (0 if askable else 1)
    assert ran.json["hybrid"]["ndcg@10"] == 1 if askable else "and 0 of these questions" in ran.err


@pytest.mark.parametrize("votes", [0, 9])
def test_too_few_votes_make_no_figure(fm: Run, indexed: dict[str, str], tmp_path: Path, votes: int) -> None:
    voted(tmp_path, [(f"the {animal}", indexed[animal], 1) for animal in ANIMALS[:votes]])
    ran = fm("eval", "--from-votes")
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert f"There are {votes} votes for an answer" in ran.err
    assert "buttons" in ran.err


def test_votes_are_saved_as_a_collection_that_can_be_measured(
    fm: Run, indexed: dict[str, str], tmp_path: Path
) -> None:
    voted(tmp_path, [(f"where does the {animal} live", document, 1) for animal, document in indexed.items()])
    saved = tmp_path / "saved"
    ran = fm("eval", "--from-votes", "--save", saved, "--json")
    assert ran.json["notes"][1] == f"11 documents were written to {saved}"
    assert saved.stat().st_mode & 0o077 == 0
    rows = [json.loads(line) for line in (saved / "corpus.jsonl").read_text(encoding="utf-8").splitlines()]
    texts = {row["_id"]: (row["title"], row["text"]) for row in rows}
    assert texts[indexed["otter"]] == ("otter.md", "The private otter lives by the water.")
    measured = fm("eval", saved, "--json").json
    assert (measured["questions"], measured["documents"], measured["hybrid"]["ndcg@10"]) == (11, 11, 1)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--from-votes", "some/folder"], "FOLDER"),
        (["some/folder", "--save", "other/folder"], "--save"),
        (["--from-votes", "--local"], "--local"),
        (["--from-votes", "--limit-queries", 3], "--limit-queries"),
        (["--from-votes", "--save", "."], "--save"),
    ],
)
def test_options_that_do_not_go_together_are_wrong_use(
    fm: Run, indexed: dict[str, str], words: list[str], named: str
) -> None:
    del indexed
    ran = fm("eval", *words)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert named in ran.err
