"""Text in pictures, recognised with tesseract where it is installed, and within a budget of its own."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Iterator
from ctypes import CDLL, c_void_p
from functools import cache

from bot.ingest.extract.clean import clean, joined
from bot.ingest.extract.limits import Limits, OcrTime
from bot.ingest.extract.ocr_library import Cancel, library

MAX_LANGUAGES = 6
"""Each installed language costs a tenth more time, and more memory."""
PREFERRED = ("eng", "deu", "fra", "spa", "ita", "por")
"""Where more are installed, these go first."""
NOT_LANGUAGES = frozenset({"osd", "equ"})
MODE_WITH_ORIENTATION, MODE = 1, 3
"""Page segmentation modes: the first also turns pages that lie on their side or head."""
LEAST_CONFIDENCE = 40
"""Percent. Of real text it loses one word in 800; what photos seem to say is mostly below."""
WORD = "5"
TSV_FIELDS = 12
WALL_SHARE = 0.8
"""Of the time a document may take: what was recognised is then kept by us, not by our death."""


class Recognizer:
    """Tesseract with its languages, for the life of the process."""

    def __init__(self, tesseract: CDLL, found: tuple[str, ...], *, turns: bool) -> None:
        self.tesseract = tesseract
        self._api = tesseract.TessBaseAPICreate()
        tesseract.TessBaseAPIInit3(self._api, None, "+".join(found).encode())
        tesseract.TessBaseAPISetPageSegMode(self._api, MODE_WITH_ORIENTATION if turns else MODE)

    def text(self, dpi: int, until: float) -> str:
        """The text of the picture that was set, recognised until `until` on the clock of CPU time."""
        cancel = Cancel(lambda _this, _words: time.process_time() > until)
        monitor = self.tesseract.TessMonitorCreate()
        self.tesseract.TessMonitorSetCancelFunc(monitor, cancel)
        if dpi:
            self.tesseract.TessBaseAPISetSourceResolution(self._api, dpi)
        self.tesseract.TessBaseAPIRecognize(self._api, monitor)
        self.tesseract.TessMonitorDelete(monitor)
        table = self.tesseract.TessBaseAPIGetTsvText(self._api, 0)
        text = ctypes.string_at(table).decode("utf-8", "replace") if table else ""
        self.tesseract.TessDeleteText(table)
        self.tesseract.TessBaseAPIClear(self._api)
        return joined(clean("".join(_words(text))))

    def set_picture(self, picture: c_void_p) -> None:
        """A picture of Leptonica's."""
        self.tesseract.TessBaseAPISetImage2(self._api, picture)

    def set_grey(self, pixels: c_void_p, width: int, height: int, stride: int) -> None:
        """One byte a pixel; they are copied."""
        self.tesseract.TessBaseAPISetImage(self._api, pixels, width, height, 1, stride)


@cache
def installed() -> tuple[str, ...]:
    """What is installed for tesseract, languages and `osd` (orientation); nothing where it isn't there."""
    tesseract = library()
    if tesseract is None:
        return ()
    api = tesseract.TessBaseAPICreate()
    tesseract.TessBaseAPIInit3(api, None, b"eng")  # wherever it looks for this one, it finds the others
    found = []
    for name in tesseract.TessBaseAPIGetAvailableLanguagesAsVector(api):
        if name is None:
            break
        found.append(name.decode("utf-8", "replace"))
    tesseract.TessBaseAPIDelete(api)
    return tuple(found)


def languages() -> tuple[str, ...]:
    """The languages that are read, at most `MAX_LANGUAGES`; none where tesseract is not installed."""
    found = [name for name in installed() if name not in NOT_LANGUAGES and "/" not in name]
    return tuple(sorted(found, key=lambda name: (name not in PREFERRED, name != "eng", name))[:MAX_LANGUAGES])


@cache
def recognizer() -> Recognizer | None:
    """None where tesseract is not installed, or without any language."""
    tesseract, found = library(), languages()
    return Recognizer(tesseract, found, turns="osd" in installed()) if tesseract and found else None


class Ocr:
    """What recognising text may cost in one document: `time` is spent on it."""

    def __init__(self, limits: Limits, spent: OcrTime) -> None:
        self._limits = limits
        self._spent = spent
        self.recognizer = recognizer()

    @property
    def exhausted(self) -> bool:
        """Whether there is no time left for another page."""
        late = time.monotonic() - self._spent.started > WALL_SHARE * self._limits.wall_s
        return late or self._spent.seconds >= self._limits.ocr_cpu_s

    def text(self, dpi: int = 0) -> str:
        """The text of the picture that was set; resolution 0 is unknown. An endless one is cut short."""
        assert self.recognizer is not None  # noqa: S101 - whoever set a picture had it
        started = time.process_time()
        text = self.recognizer.text(dpi, started + self._limits.ocr_page_cpu_s)
        self._spent.seconds += time.process_time() - started
        return text


def _words(table: str) -> Iterator[str]:
    """The words of tesseract's table, each after what parts it from the one before."""
    before: list[str] = []
    for row in table.split("\n"):
        fields = row.split("\t")
        if len(fields) < TSV_FIELDS or fields[0] != WORD:
            continue
        word = fields[11].strip()
        if not word or float(fields[10]) < LEAST_CONFIDENCE:
            continue
        place = fields[1:5]  # page, block, paragraph, line
        if before:
            yield " " if place == before else "\n" if place[:3] == before[:3] else "\n\n"
        before = place
        yield word
