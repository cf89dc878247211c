"""Pictures: the text that tesseract finds in them; its Leptonica decodes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from ctypes import CDLL, c_int, c_void_p

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.ocr import Ocr, Recognizer
from bot.ingest.extract.reading import DAMAGED, Reading, Source

NO_TESSERACT = (
    "no_text",
    "no text found: it is an image",
    "Share the text itself; or whoever runs me installs tesseract, with which I read images.",
)
NOTHING_SEEN = ("no_text", "no text found in this image", "If there is some, share the text itself.")
UNKNOWN = ("unsupported", "this kind of image isn't read", "Save it as PNG or JPEG and share that.")
MEGA = 1_000_000
TIFF_MARKS = (b"II*\x00", b"MM\x00*")
MARK_BYTES = 12
UNKNOWN_FORMAT = 0
SMALL_PIXELS = 2_500_000
ENLARGED = 2.0
"""Screenshots show letters 9 pixels high; tesseract wants twenty."""


def read(source: Source) -> Reading:
    """A page for each picture in the file. Raises FileRejected where none can be read."""
    ocr = Ocr(source.limits, source.ocr_time)
    if ocr.recognizer is None:
        raise FileRejected(*NO_TESSERACT)
    pictures = _Pictures(source.read(), ocr.recognizer.tesseract)
    return Reading(0 if pictures.many else 1, _pages(pictures, source.limits, ocr, ocr.recognizer))


def _pages(pictures: _Pictures, limits: Limits, ocr: Ocr, recognizer: Recognizer) -> Iterator[Page]:
    seen = False
    number = 0
    while pixels := pictures.pixels_of(number):
        if pixels > limits.image_pixels:
            raise _too_large(pixels, limits.image_pixels)
        if ocr.exhausted:
            raise LimitReached(f"only its first {number:,} pictures were read: recognising text takes long")
        with pictures.opened(number, limits.ocr_pixels) as picture:
            recognizer.set_picture(picture)
        text = ocr.text()
        number += 1
        seen = seen or bool(text)
        yield Page(number, text)
    if not seen:
        raise FileRejected(*(NOTHING_SEEN if number else DAMAGED if pictures.known else UNKNOWN))


class _Pictures:
    """The pictures in a file, counted from 0; TIFF alone has `many`."""

    def __init__(self, data: bytes, leptonica: CDLL) -> None:
        self._data = data
        self._leptonica = leptonica
        self.many = data.startswith(TIFF_MARKS)

    @property
    def known(self) -> bool:
        """Whether it is a format that can be decoded."""
        found = c_int()
        failed = self._leptonica.findFileFormatBuffer(self._data.ljust(MARK_BYTES, b"\0"), found)
        return not failed and found.value != UNKNOWN_FORMAT

    def pixels_of(self, number: int) -> int:
        """By its header, before anything is decoded; 0 where there is none."""
        width, height, *others = (c_int() for _ in range(7))
        data, size = self._data, len(self._data)
        if self.many:
            failed = self._leptonica.readHeaderMemTiff(data, size, number, width, height, *others)
        else:
            kind, *rest = others[:4]
            failed = number or self._leptonica.pixReadHeaderMem(data, size, kind, width, height, *rest)
        return 0 if failed else width.value * height.value

    @contextmanager
    def opened(self, number: int, most: int) -> Iterator[c_void_p]:
        """In shades of grey, at a size at which letters are well read. Raises FileRejected."""
        leptonica = self._leptonica
        data, size = self._data, len(self._data)
        read = leptonica.pixReadMemTiff(data, size, number) if self.many else leptonica.pixReadMem(data, size)
        with ExitStack() as made:

            def keep(picture: int | None) -> int:
                if picture is None:
                    raise FileRejected(*DAMAGED)
                made.callback(leptonica.pixDestroy, c_void_p(picture))
                return picture

            grey = keep(leptonica.pixConvertTo8(keep(leptonica.pixRemoveAlpha(keep(read))), 0))
            pixels = leptonica.pixGetWidth(grey) * leptonica.pixGetHeight(grey)
            scale = ENLARGED if pixels <= SMALL_PIXELS else min(1.0, (most / pixels) ** 0.5)
            yield c_void_p(grey if scale == 1 else keep(leptonica.pixScale(grey, scale, scale)))


def _too_large(pixels: int, most: int) -> FileRejected:
    return FileRejected(
        "too_large",
        f"the image has {pixels / MEGA:,.0f} million pixels and the limit is {most / MEGA:,.0f} million",
        "Make it smaller, or share the text itself.",
    )
