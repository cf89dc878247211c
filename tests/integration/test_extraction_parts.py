"""Real and hostile documents as members and attachments. Needs the shared data next to the repository."""

from __future__ import annotations

import json
import tempfile
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from support.office import make_zip

from bot.domain import Extraction
from bot.errors import FileRejected
from bot.ingest.extract.pool import ChildPool

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared test documents are not here")
HOSTILE = DATA / "hostile"
KINDS = frozenset({"docx", "eml", "epub", "html", "msg", "odt", "pdf", "pptx", "rtf", "txt", "xlsx"})
MOST_BYTES = 300_000


async def ignore(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


@pytest.fixture
async def pool() -> AsyncIterator[ChildPool]:
    async with ChildPool(1) as children:
        yield children


async def read(pool: ChildPool, path: Path, data: bytes) -> Extraction:
    path.write_bytes(data)
    return await pool.extract(path, path.name, "", ignore)


def one_of_each() -> dict[str, list[str]]:
    """A real file of each kind, with the words that it must give."""
    found: dict[str, tuple[str, list[str]]] = {}
    for entry in json.loads((DATA / "files" / "manifest.json").read_text()):
        if entry["expect"] == "text" and entry["words"] and entry["bytes"] < MOST_BYTES:
            found.setdefault(entry["type"], (entry["file"], entry["words"]))
    assert found.keys() >= KINDS
    return dict(found.values())


def words_missing(extraction: Extraction, expected: dict[str, list[str]]) -> dict[str, list[str]]:
    """The words of each part that are on none of its pages."""
    texts = {
        name: " ".join(chunk.text for chunk in extraction.chunks if (chunk.label or "").startswith(name))
        for name in expected
    }
    missing = {name: [word for word in words if word not in texts[name]] for name, words in expected.items()}
    return {name: words for name, words in missing.items() if words}


async def test_real_files_of_every_kind_are_read_within_an_archive(pool: ChildPool, tmp_path: Path) -> None:
    expected = one_of_each()
    archive = make_zip({name: (DATA / "files" / name).read_bytes() for name in expected})
    extraction = await read(pool, tmp_path / "all.zip", archive)
    assert words_missing(extraction, expected) == {}
    assert extraction.partial is None


async def test_real_files_of_every_kind_are_read_as_attachments(pool: ChildPool, tmp_path: Path) -> None:
    expected = one_of_each()
    message = EmailMessage()
    message["Subject"] = "Files"
    message.set_content("See below.")
    for name in expected:
        message.add_attachment(
            (DATA / "files" / name).read_bytes(), "application", "octet-stream", filename=name
        )
    extraction = await read(pool, tmp_path / "all.eml", message.as_bytes())
    assert words_missing(extraction, expected) == {}
    assert extraction.chunks[0].text.startswith("Subject: Files")


async def test_members_that_crash_their_reader_cost_themselves_alone(pool: ChildPool, tmp_path: Path) -> None:
    """Three kill PDFium; pypdf reads the second of them and refuses the others."""
    hostile = ("flate_bomb_1gb.pdf", "form_xobject_10e11.pdf", "ops_bomb_60mb.pdf", "bomb_1gb.docx")
    members = {"a.txt": b"Before.", **{name: (HOSTILE / name).read_bytes() for name in hostile}}
    extraction = await read(pool, tmp_path / "all.zip", make_zip({**members, "z.txt": b"After."}))
    texts = {chunk.label: chunk.text for chunk in extraction.chunks}
    assert (texts["a.txt"], texts["z.txt"]) == ("Before.", "After.")
    assert "ZEBRA-QUARTZ-7731" in texts["form_xobject_10e11.pdf"]
    assert (extraction.partial or "").startswith("3 of 6 members could not be read: flate_bomb_1gb.pdf (")


async def test_hostile_archives_end_in_a_verdict_that_names_what_is_missing(
    pool: ChildPool, tmp_path: Path
) -> None:
    with pytest.raises(
        FileRejected, match=r"no text found, and 10 of 10 members could not be read: 5_0.zip \("
    ):
        await read(pool, tmp_path / "n.zip", (HOSTILE / "zip_nested_10e7.zip").read_bytes())
    climbing = await read(pool, tmp_path / "a.zip", (HOSTILE / "zip_traversal.zip").read_bytes())
    assert [chunk.label for chunk in climbing.chunks] == ["tmp/fm_pwned.txt", "abs/etc/x.txt", "ok.txt"]
    assert not Path(tempfile.gettempdir(), "fm_pwned.txt").exists()
