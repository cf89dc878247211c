"""Files as their source describes them, and what reading one gives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.domain.ids import ChannelId, FileId, Message, UserId


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A file as its source describes it before a byte is downloaded.

    `mode` is Slack's (`hosted`, `snippet`, `external`, `tombstone`, `hidden_by_limit`, …), or what a source
    makes of it (`transcript`, `untranscribed`, …).
    `size` is in bytes. `messages` lists the shares that the source knows of,
    `messages_complete` says whether it named all of them.
    `channels` are those it is shared in, also where no message is known. `created` is to the second.
    `read_as` names the downloaded bytes where `name` doesn't: a recording's are its transcript. `text` is
    what there is to read instead of a download.
    """

    file_id: FileId
    name: str
    title: str
    mimetype: str
    size: int
    mode: str
    uploader: UserId | None
    download_url: str | None
    permalink: str | None
    messages: tuple[Message, ...] = ()
    messages_complete: bool = True
    channels: frozenset[ChannelId] = frozenset()
    created: float | None = None
    read_as: str = ""
    text: str | None = None


@dataclass(frozen=True, slots=True)
class FilePage:
    """One page of a listing of files; `pages` is how many there are now, `total` how many files."""

    files: tuple[FileInfo, ...]
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class SpooledFile:
    """A downloaded file on this machine's disk; whoever asked for it deletes it."""

    path: Path
    size: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page, slide or sheet of a document: `number` counts from 1, `label` is the printed one.

    It begins under `heading`; `headings` are further ones on it, each with the place in `text` where what
    stands under it begins, ascending. `kind` is what it is a page of, where that isn't the document itself
    but a file within it.
    """

    number: int
    text: str
    label: str | None = None
    heading: str = ""
    kind: str = ""
    headings: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of one page: `text == page.text[start:end]`, in code points."""

    ordinal: int
    page: int
    start: int
    end: int
    text: str
    label: str | None = None
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that a file gave: its page count and its chunks in reading order.

    `partial` says in words why some of the file is missing (a limit was reached), or is None.
    """

    pages: int
    chunks: tuple[Chunk, ...]
    partial: str | None = None
