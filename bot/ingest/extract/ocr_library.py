"""The library of the tesseract program, called in place.

Rejected: running the program. It would have to be let fork, would outlive a killed child, and would have
memory and CPU time of its own; this way what it costs counts as the child's. Its API in C hasn't changed
since version 3.02, and Leptonica, which it brings along, also decodes images.
"""

from __future__ import annotations

import contextlib
import shutil
from ctypes import CDLL, CFUNCTYPE, POINTER, c_bool, c_char_p, c_float, c_int, c_size_t, c_void_p
from functools import cache
from pathlib import Path

NAMES = (
    *("libtesseract.so.5", "libtesseract.so.4", "libtesseract.so"),
    *("libtesseract.5.dylib", "libtesseract.dylib"),
)
Cancel = CFUNCTYPE(c_bool, c_void_p, c_int)
"""Asked after every few words whether to stop."""

FUNCTIONS = {
    "TessBaseAPICreate": (c_void_p,),
    "TessBaseAPIDelete": (None, c_void_p),
    "TessBaseAPIInit3": (c_int, c_void_p, c_char_p, c_char_p),
    "TessBaseAPIGetAvailableLanguagesAsVector": (POINTER(c_char_p), c_void_p),
    "TessBaseAPISetPageSegMode": (None, c_void_p, c_int),
    "TessBaseAPISetImage": (None, c_void_p, c_void_p, c_int, c_int, c_int, c_int),
    "TessBaseAPISetImage2": (None, c_void_p, c_void_p),
    "TessBaseAPISetSourceResolution": (None, c_void_p, c_int),
    "TessBaseAPIRecognize": (c_int, c_void_p, c_void_p),
    "TessBaseAPIGetTsvText": (c_void_p, c_void_p, c_int),
    "TessBaseAPIClear": (None, c_void_p),
    "TessDeleteText": (None, c_void_p),
    "TessMonitorCreate": (c_void_p,),
    "TessMonitorDelete": (None, c_void_p),
    "TessMonitorSetCancelFunc": (None, c_void_p, Cancel),
    "findFileFormatBuffer": (c_int, c_char_p, POINTER(c_int)),
    "pixReadHeaderMem": (c_int, c_char_p, c_size_t, *[POINTER(c_int)] * 6),
    "readHeaderMemTiff": (c_int, c_char_p, c_size_t, c_int, *[POINTER(c_int)] * 7),
    "pixReadMem": (c_void_p, c_char_p, c_size_t),
    "pixReadMemTiff": (c_void_p, c_char_p, c_size_t, c_int),
    "pixRemoveAlpha": (c_void_p, c_void_p),
    "pixConvertTo8": (c_void_p, c_void_p, c_int),
    "pixGetWidth": (c_int, c_void_p),
    "pixGetHeight": (c_int, c_void_p),
    "pixScale": (c_void_p, c_void_p, c_float, c_float),
    "pixDestroy": (None, POINTER(c_void_p)),
}
"""What each returns and takes."""


@cache
def library() -> CDLL | None:
    """Tesseract and Leptonica, or None where they are not installed."""
    program = shutil.which("tesseract")
    beside = Path(program).resolve().parent.parent / "lib" if program else None
    for name in [*NAMES, *(str(beside / name) for name in NAMES if beside)]:
        with contextlib.suppress(OSError, AttributeError):  # not there; there without what we need
            return _declared(CDLL(name))
    return None


def _declared(found: CDLL) -> CDLL:
    for name, (result, *arguments) in FUNCTIONS.items():
        function = getattr(found, name)
        function.restype, function.argtypes = result, arguments
    return found
