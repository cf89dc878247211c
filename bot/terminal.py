"""What commands show: words for people, JSON for programs. Colours only where a terminal shows them.

What comes from files is data: control characters in it would move the cursor or worse.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.doctor import Finding, Verdict
from bot.documents.tables import Document
from bot.domain import Passage, Readable, SearchResult, Status
from bot.ingest.reconcile import Reconciled
from bot.slack.render import count, display_name, status_line

MARKS = {
    Verdict.FINE: ("✓", "green"),
    Verdict.NOTE: ("·", "dim"),
    Verdict.WARNING: ("!", "yellow"),
    Verdict.PROBLEM: ("✗", "red"),
}
INDENT = 4


def name_of(document: Document) -> str:
    """A document's title, in quotes."""
    return f'"{display_name(document.title or document.name or document.file_id)}"'


def show_indexed(paths: Sequence[Path], documents: Sequence[Document], *, as_json: bool) -> None:
    """What became of each file of `fm index`."""
    if as_json:
        _print_json(
            {"documents": [{"path": str(p)} | _outcome(d) for p, d in zip(paths, documents, strict=True)]}
        )
        return
    for document in documents:
        typer.echo(status_line(document))


def show_passages(query: str, result: SearchResult, paths: Mapping[str, str], *, as_json: bool) -> None:
    """What `fm search` found; `paths` names the file of each document.

    Files instead of passages where only operators were given; they are a key of their own in JSON.
    """
    if as_json:
        passages = [_passage(one, paths) for one in result.passages]
        files = [_file(one, paths) for one in result.documents]
        _print_json({"query": query, "passages": passages} | ({"documents": files} if files else {}))
        return
    console = _console()
    if not (result.passages or result.documents):
        typer.echo("Nothing found. Other words may do; `fm status` shows what is indexed.")
        if result.nearest:
            typer.echo("Files called alike: " + ", ".join(display_name(one.title) for one in result.nearest))
    for number, document in enumerate(result.documents, start=1):
        console.print(Text(f"[{number}] ").append(display_name(document.title), "bold"))
        console.print(_indented(Text(display_name(paths[document.document_id], 1_000), "dim"), console))
    for number, passage in enumerate(result.passages, start=1):
        head = Text(f"[{number}] ").append(display_name(passage.title), "bold").append(f", p. {passage.page}")
        quote = Text(_one_line(passage.text))
        for start, end in passage.highlights:
            quote.stylize("bold", start, end)
        where = Text(display_name(paths[passage.document_id], 1_000), "dim")
        console.print(head)
        console.print(_indented(quote, console))
        console.print(_indented(where, console))
    for note in result.notes:
        typer.echo(note)


def show_status(counts: Mapping[Status, int], documents: Sequence[Document], *, as_json: bool) -> None:
    """How many documents there are of each status, and the latest."""
    if as_json:
        _print_json(
            {
                "counts": counts,
                "documents": [
                    {"title": d.title or d.name, "workspace": d.workspace_id, "stage": d.stage} | _outcome(d)
                    for d in documents
                ],
            }
        )
        return
    typer.echo(", ".join(f"{number:,} {status}" for status, number in counts.items()))
    for document in documents:
        typer.echo(status_line(document))


def show_reconciled(found: Reconciled, events: int, *, repaired: bool, as_json: bool) -> None:
    """What differed between the database and the index, and what was done about it."""
    if as_json:
        _print_json(asdict(found) | {"events": events, "repaired": repaired})
        return
    typer.echo(f"Compared {count(found.checked, 'document')}")
    for number, what, done in (
        (found.missing, "missing in the index", "will be read anew"),
        (found.orphans, "in the index though deleted", "removed"),
        (found.strays, "with chunks of a former generation", "removed"),
        (found.moved, "with other channels in the index", "corrected"),
        (events, "parked events", "will be tried again"),
    ):
        if number:
            typer.echo(f"  {number:,} {what}{f': {done}' if repaired else ''}")
    if found.agree and not events:
        typer.echo("Database and index agree")


def show_findings(findings: Sequence[Finding], *, as_json: bool) -> None:
    """What the doctor found, and the fix below what needs one."""
    problems = [finding for finding in findings if finding.verdict is Verdict.PROBLEM]
    if as_json:
        _print_json({"healthy": not problems, "findings": [asdict(finding) for finding in findings]})
        return
    console = _console()
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        mark, style = MARKS[finding.verdict]
        line = Text(f"{mark} ", style).append(f"{finding.name:{width}}  ", "bold").append(finding.found)
        console.print(line)
        if finding.fix:
            console.print(Text(f"{' ' * (width + 4)}→ {finding.fix}", style))
    typer.echo(f"{count(len(problems), 'problem')} to fix" if problems else "Nothing to fix")


def _outcome(document: Document) -> dict[str, Any]:
    return {
        "document_id": document.id,
        "status": document.status,
        "pages": document.pages,
        "chunks": document.chunks,
        "reason": _reason(document),
    }


def _reason(document: Document) -> str | None:
    if document.status == Status.INDEXED:
        return document.partial
    said = ". ".join(part.rstrip(".") for part in (document.error_detail, document.error_advice) if part)
    return said or None


def _passage(passage: Passage, paths: Mapping[str, str]) -> dict[str, Any]:
    return {
        "title": passage.title,
        "document_id": passage.document_id,
        "page": passage.page,
        "text": passage.text,
        "score": round(passage.score, 4),
        "permalink": _link(passage, paths),
    }


def _file(document: Readable, paths: Mapping[str, str]) -> dict[str, Any]:
    return {
        "title": document.title,
        "document_id": document.document_id,
        "permalink": _link(document, paths),
    }


def _link(found: Passage | Readable, paths: Mapping[str, str]) -> str:
    return found.permalink or Path(paths[found.document_id]).as_uri()


def _console() -> Console:
    console = Console(highlight=False, emoji=False, markup=False)
    console.soft_wrap = not console.is_terminal  # a pipe gets a line whole
    return console


def _indented(text: Text, console: Console) -> Text | Padding:
    return Padding(text, (0, 0, 0, INDENT)) if console.is_terminal else Text(" " * INDENT).append_text(text)


def _one_line(text: str) -> str:
    """As long as the text, so that spans of it still fit."""
    return "".join(character if character.isprintable() else " " for character in text)


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, indent=2))
