"""Web pages, and HTML wherever it comes in: as mail, as a book's chapter, as a canvas.

Python's own parser: lxml and selectolax hang on hostile pages, and BeautifulSoup takes five times as long
for two percent more words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.encoding import NotText, decode
from bot.ingest.extract.flow import Flow, Kind
from bot.ingest.extract.limits import LimitReached
from bot.ingest.extract.reading import Reading, Source

BYTES_PER_CHARACTER = 8
"""Tags take most of a page: so many bytes are read for each character that is kept."""
PIECE_CHARS = 64 * 1024
CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{2,40})", re.IGNORECASE)
CHARSET_WITHIN = 4096
HIDDEN = ("script", "style", "template", "noscript", "iframe", "object")
UNSEEN = re.compile(rf"<!--|<(?P<name>{'|'.join(HIDDEN)})(?=[\s/>])", re.IGNORECASE)
BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption"
        " figure footer form header hr legend li main nav ol option p pre section summary table tbody tfoot"
        " thead title tr ul h1 h2 h3 h4 h5 h6",
    )
)
HEADING = re.compile(r"h([1-6])")
CELLS = frozenset({"td", "th"})
SPACE = re.compile(r"[ \t\n\r\f\xa0]+")
EMPTY_LINES = re.compile(r"\n{3,}")
LINE_END = "\x0b"
"""A `br`, until spaces are joined."""


def read(source: Source) -> Reading:
    """One page. Raises FileRejected for binary content."""
    with source.open() as file:
        data = file.read(source.limits.characters * BYTES_PER_CHARACTER)
        more = bool(file.read(1))
    try:
        text = decoded(data, whole=not more)
    except NotText:
        raise FileRejected(
            "binary", "it is named as a web page but holds binary data", "Save it as PDF and share that."
        ) from None
    return Reading(1, _pages(text, more, source))


def _pages(text: str, more: bool, source: Source) -> Iterator[Page]:
    flow = Flow(source.limits)
    add_html(text, flow)
    missing = flow.cut or ("only its beginning was read" if more else None)
    yield from flow.end()
    if missing:
        raise LimitReached(missing)


def decoded(data: bytes, charset: str = "", *, whole: bool = True) -> str:
    """HTML as text: what is valid UTF-8 is that, then `charset` or what the page itself says counts.

    Raises NotText for binary content.
    """
    found = CHARSET.search(data, 0, CHARSET_WITHIN)
    charset = charset or (found[1].decode("ascii") if found else "")
    escapes = b"\x1b" in data[:PIECE_CHARS]  # seven-bit Japanese looks like ASCII
    if charset and b"\0" not in data[:CHARSET_WITHIN] and (escapes or not _is_utf8(data)):
        try:
            return data.decode(charset, "replace")
        except (LookupError, UnicodeError):
            pass
    return decode(data, whole=whole)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start > len(data) - 4
    return True


def add_html(text: str, flow: Flow) -> None:
    """Write the blocks of a page, or of a piece of one, into a flow, up to what is kept of a document."""
    parser = _Blocks(flow)
    text = _seen(text)
    place, end = 0, text.rfind(">") + 1
    while place < end and not flow.cut:
        after = text.find(">", place + PIECE_CHARS) + 1 or end  # half a tag would be read again each time
        parser.feed(text[place:after])
        place = after
    if not flow.cut:
        parser.feed(text[end:].replace("<", "< "))  # no tag ends here, and the parser would look for each end
    parser.close()


def _seen(text: str) -> str:
    """Without comments, scripts and styles: one pass, where Python's parser looks for each end again."""
    parts = []
    place = 0
    while found := UNSEEN.search(text, place):
        parts.append(text[place : found.start()])
        name = found["name"]
        end = re.compile(rf"</{name}[^>]{{0,99}}>" if name else "-->", re.IGNORECASE).search(
            text, found.end()
        )
        if end is None:
            return "".join(parts)
        place = end.end()
    return "".join([*parts, text[place:]])


class _Blocks(HTMLParser):
    """Blocks by their tags alone, without a tree: nesting of any depth costs nothing."""

    def __init__(self, flow: Flow) -> None:
        super().__init__()
        self._flow = flow
        self._parts: list[str] = []
        self._cells: list[str] | None = None
        self._kind: Kind = "paragraph"
        self._level = 0
        self._title = ""
        self._in_title = self._verbatim = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag begins a block, a cell, a line, or nothing."""
        if tag in CELLS:
            self._cell()
        elif tag == "br":
            self._parts.append(LINE_END)
        elif tag == "img":
            self._parts += [f" {value} " for name, value in attrs if name == "alt" and value]
        elif tag in BLOCKS:
            self._block(tag)
            heading = HEADING.fullmatch(tag)
            self._level = int(heading[1]) if heading else int(tag == "title")
            self._kind = "item" if tag in {"li", "dt", "dd", "option"} else "paragraph"
            self._verbatim = tag == "pre"
            self._in_title = tag == "title"

    def handle_endtag(self, tag: str) -> None:
        """A tag ends a block."""
        if tag in BLOCKS:
            self._block(tag)
            self._level, self._kind = 0, "paragraph"
            self._in_title = self._verbatim = False

    def handle_data(self, data: str) -> None:
        """Text."""
        if not self._flow.full:
            self._flow.count(data)
            self._parts.append(data)

    def close(self) -> None:
        """Write what is still open."""
        super().close()
        self._block("table")

    def _block(self, tag: str) -> None:
        """End the present block. Within a cell only rows, tables and headings are the end of it."""
        if self._cells is None or tag in {"tr", "table"} or HEADING.fullmatch(tag):
            self._row()
            self._add(self._taken())
        else:
            self._parts.append(LINE_END * 2)
        if tag in {"tr", "table"}:
            self._cells = None

    def _cell(self) -> None:
        text = self._taken()
        if self._cells is None:
            self._add(text)
            self._cells = []
        elif text or self._cells:
            self._cells.append(text)

    def _row(self) -> None:
        if self._cells is not None:
            cells = [*self._cells, self._taken()]
            self._cells = None
            if sum(1 for cell in cells if cell) > 1:
                self._flow.row(cells)
            else:
                self._flow.add("".join(cells))

    def _add(self, text: str) -> None:
        if self._verbatim and text:
            self._flow.add(f"```\n{text}\n```")
        elif not (self._level == 1 and text == self._title):  # many pages repeat their title
            self._flow.add(text, self._kind, self._level)
        if self._in_title:
            self._title = text

    def _taken(self) -> str:
        """The text since the last block, its spaces joined unless they count."""
        text = "".join(self._parts)
        self._parts = []
        if self._verbatim:
            return text.replace(LINE_END, "\n").strip("\n")
        lines = (line.strip() for line in SPACE.sub(" ", text).split(LINE_END))
        return EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()
