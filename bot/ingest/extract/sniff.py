"""What kind of file this is: its first bytes decide, then its name, then the type Slack gives it."""

from __future__ import annotations

from pathlib import PurePath

from bot.errors import FileRejected
from bot.ingest.extract.kinds import (
    ADVICE,
    BY_EXTENSION,
    BY_MIMETYPE,
    MAGIC,
    TEXT_MAGIC,
    UNSUPPORTED,
    WRONG_NAME,
)

HEAD_BYTES = 64 * 1024
PDF_WITHIN = 1024
"""The PDF specification's readers accept so many bytes before `%PDF-`."""
CONTAINERS = frozenset({"zip", "ole"})
TEXT_KINDS = frozenset({"text", "markdown", "log", "csv", "json", "yaml", "code", "subtitles", "post"})


def sniff(head: bytes, name: str, mimetype: str) -> str:
    """The kind of a file, a key of `readers.READERS`, or "zip" or "ole" for `contents.kind_of` to tell.

    `head` is its first 64 KiB. Raises FileRejected for what can't be read, with the reason and what to do.
    """
    if not head:
        raise FileRejected("empty", "the file is empty", "Check the original and share it again.")
    claim = _claim(name, mimetype)
    found = _found(head, claim)
    if found == "pdf":
        return "pdf"
    if found == "secret":
        raise FileRejected("encrypted", "it is encrypted", "Decrypt it and share that.")
    if found in CONTAINERS:
        return found
    if claim in WRONG_NAME and found != "image":
        raise _misnamed(WRONG_NAME[claim])
    if claim == "pdf" and found != "image":
        raise _not_pdf(found)
    if found == "html" and claim in TEXT_KINDS | {"eml"}:
        return claim
    if claim == "xls":
        claim = "csv"  # what programs export under that name
    return admitted(found or claim or "text")


def admitted(kind: str) -> str:
    """The kind itself. Raises FileRejected for one that isn't read."""
    if kind == "binary" or kind in UNSUPPORTED:
        raise _rejected(kind)
    return kind


def _claim(name: str, mimetype: str) -> str | None:
    """The kind that name and mimetype promise, or None when they say nothing we know."""
    path = PurePath(name.lower())
    extension = path.suffix.removeprefix(".") or path.name
    mimetype = mimetype.split(";", 1)[0].strip().lower()
    return (
        BY_EXTENSION.get(extension) or BY_MIMETYPE.get(mimetype) or BY_MIMETYPE.get(mimetype.split("/", 1)[0])
    )


def _found(head: bytes, claim: str | None) -> str | None:
    """The kind that the bytes prove, or None."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for magic, kind in TEXT_MAGIC:
        if start[: len(magic)].lower() == magic:
            return kind
    for offset, magic, kind in MAGIC:
        if head.startswith(magic, offset):
            return kind
    return "pdf" if claim == "pdf" and b"%PDF-" in head[:PDF_WITHIN] else None


def _rejected(kind: str | None) -> FileRejected:
    if kind == "binary":
        return FileRejected("binary", "it is a program or a database, not a document", ADVICE)
    return FileRejected("unsupported", f"{UNSUPPORTED[kind or 'archive']} aren't supported yet", ADVICE)


def _misnamed(what: str) -> FileRejected:
    return FileRejected(
        "wrong_name", f"it isn't {what}, although it is named as one", "Download it again and share that."
    )


def _not_pdf(found: str | None) -> FileRejected:
    what = "it is a web page" if found == "html" else "it isn't a PDF"
    return FileRejected(
        "not_pdf", f"{what}, although it is named as a PDF", "Download it again and share that."
    )
