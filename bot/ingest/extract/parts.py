"""Files within a file: what is attached to a mail, the members of an archive. Each becomes further pages.

One that can't be read costs itself alone and is named. A child that dies of one costs an attempt: the next
child gets the part's number, and tries the part's next reader or leaves it out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.clean import HEADING_CHARS, one_line
from bot.ingest.extract.contents import kind_of
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.readers import readers_of
from bot.ingest.extract.reading import DAMAGED, ENCRYPTED, Source, Unreadable, no_text

MAX_PARTS = 200
MAX_MAIL_DEPTH = 1
"""Mails in an archive, or attached to a mail as files, have attachments that are read; deeper ones don't."""
NAME_CHARS = 120
SENTENCE_CHARS, LIST_CHARS = 420, 260
"""What is missing goes to its reader in one sentence (see `messages`), of which names are a part."""
FATAL = ("crash", "its reader failed on it", "Open it, save it again and share that.")


@dataclass(frozen=True, slots=True)
class Part:
    """A file within a file. `load` gives its bytes and raises FileRejected.

    A part that is only `decoration`, such as the logo in a signature, is not missed when it can't be read.
    """

    name: str
    mimetype: str
    load: Callable[[], bytes]
    decoration: bool = False


class Parts:
    """Reads the parts of `source`, which together may cost what it may, after its own `pages_before`."""

    def __init__(self, source: Source, what: str, pages_before: Sequence[Page] = ()) -> None:
        """`what` they are called: `members`, `attachments`."""
        self._source = source
        self._what = what
        self._started = self._spent()
        self._number = len(pages_before)
        self._characters = sum(len(page.text) for page in pages_before)
        self._missing: list[str] = []
        self._cut: list[str] = []
        self._verdicts: list[FileRejected] = []

    def pages(self, parts: Sequence[Part]) -> Iterator[Page]:
        """Raises LimitReached with what is missing; FileRejected for a password of all."""
        for number, part in enumerate(parts[:MAX_PARTS]):
            limits = self._limits_left()
            if limits is None:
                self._cut.append(f"only {number:,} of {len(parts):,} {self._what} were read")
                break
            self._source.part_begins(number)
            try:
                yield from self._pages_of(part, number, limits)
            except LimitReached as limit:
                self._cut.append(f"{_short(part.name)}: {limit}")
            except FileRejected as rejected:
                if not part.decoration:
                    self._missing.append(f"{_short(part.name)} ({rejected.public_message})")
                    self._verdicts.append(rejected)
        else:
            if len(parts) > MAX_PARTS:
                self._cut.append(f"only {MAX_PARTS:,} of {len(parts):,} {self._what} were read")
        self._conclude(len(parts))

    def _pages_of(self, part: Part, number: int, limits: Limits) -> Iterator[Page]:
        content = part.load()
        kind = kind_of(content, part.name, part.mimetype, limits)
        verdict = FileRejected(*FATAL)
        for reader in readers_of(kind)[self._source.deaths.count(number) :]:
            source = Source(content, kind, limits, self._source.depth + 1, ocr_time=self._source.ocr_time)
            try:
                yield from self._named(reader(source).pages, part, kind)
            except Unreadable as unreadable:
                verdict = unreadable if verdict.code in {"crash", "damaged"} else verdict
            else:
                return
        raise verdict

    def _named(self, pages: Iterator[Page], part: Part, kind: str) -> Iterator[Page]:
        """Pages under their numbers here; label and heading name the part."""
        before, name = self._number, _short(part.name)
        text = False
        for page in pages:
            self._number = before + page.number
            self._characters += len(page.text)
            text = text or bool(page.text.strip())
            label = page.label or (f"p. {page.number}" if page.number > 1 else "")
            yield Page(
                self._number,
                page.text,
                one_line(f"{name}, {label}" if label else name),
                one_line(f"{name}: {page.heading}" if page.heading else name),
                page.kind or kind,
                tuple((place, one_line(f"{name}: {title}")) for place, title in page.headings),
            )
        if not text:
            raise no_text(kind)

    def _limits_left(self) -> Limits | None:
        """What the next part may cost, or None when there is nothing left to spend."""
        limits = self._source.limits
        allowed = min(limits.document_cpu_s + self._number * limits.extra_page_cpu_s, limits.total_cpu_s)
        seconds = allowed - (time.process_time() - self._started - self._source.ocr_time.seconds)
        characters = limits.characters - self._characters
        if seconds <= 0 or characters <= 0 or self._number >= limits.pages:
            return None
        seconds = min(seconds, limits.document_cpu_s)
        return replace(limits, characters=characters, document_cpu_s=seconds)

    def _spent(self) -> float:
        """CPU seconds without those for text in pictures, which has a limit of its own."""
        return time.process_time() - self._source.ocr_time.seconds

    def _conclude(self, total: int) -> None:
        """Say what is missing."""
        sentences = list(self._cut)
        if self._missing:
            head = f"{len(self._missing):,} of {total:,} {self._what} could not be read"
            sentences.insert(0, f"{head}: {_listed(self._missing, LIST_CHARS)}")
            if not self._number and {verdict.code for verdict in self._verdicts} == {ENCRYPTED[0]}:
                raise self._verdicts[0]
        if sentences:
            raise LimitReached(_listed(sentences, SENTENCE_CHARS, "; "))


def attached_pages(parts: Sequence[Part], source: Source, before: Sequence[Page]) -> Iterator[Page]:
    """The pages of what is attached to a mail, after its own. Raises LimitReached with what is missing."""
    if parts and source.depth > MAX_MAIL_DEPTH:
        raise LimitReached("what is attached to it was not read")
    yield from Parts(source, "attachments", before).pages(parts)


def damaged() -> FileRejected:
    """The verdict on a part whose bytes don't come out whole."""
    return FileRejected(DAMAGED[0], "it is damaged", DAMAGED[2])


def _short(name: str) -> str:
    """A name in one line; of a long one its end, which tells its kind."""
    name = one_line(name[-HEADING_CHARS:]) or "a file without a name"
    return name if len(name) <= NAME_CHARS else f"…{name[-NAME_CHARS:]}"


def _listed(items: list[str], most: int, between: str = ", ") -> str:
    """As many items as that many characters hold, and how many more there are."""
    text = ""
    for count, item in enumerate(items):
        longer = f"{text}{between}{item}" if text else item[:most]
        if len(longer) > most:
            return f"{text}{between}and {len(items) - count:,} more"
        text = longer
    return text
