"""Bytes to text: byte order mark, UTF-16/32 by its zeros, UTF-8 with damage, detection, Windows-1252."""

from __future__ import annotations

import codecs
import re

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: it begins with that one's mark
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
WESTERN = "cp1252"
SAMPLE_BYTES = 64 * 1024
DETECT_BYTES = 16 * 1024
"""What charset-normalizer sees: it reads about a megabyte a second."""
SAMPLE_CHARS = 16 * 1024
BREAK = re.compile(r"[ \t\r\n\u3000]")
TEXT_CONTROLS = b"\t\n\x0b\x0c\r\x08\x1b"
CONTROLS = bytes(set(range(32)) - set(TEXT_CONTROLS)) + b"\x7f"
NOT_CONTROLS = bytes(set(range(256)) - set(CONTROLS))
CANDIDATES = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r", "iso8859_2"),
    *("cp932", "euc_jp", "iso2022_jp", "gb18030", "cp950", "cp949"),
]
"""Encodings that files really come in. Of all that charset-normalizer knows, DOS, Mac and Baltic pages win
too often on a few accented words."""
MAX_ASCII = 0x7F
MAX_CONTROLS = 0.02
MAX_CONTROLS_IN_UTF8 = 0.3
UTF8_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
FOREIGN = re.compile(rb"[\x80-\xff][^\n]{0,200}")
CONTEXT_BYTES = 80


class NotText(Exception):
    """The bytes are no text in any encoding we know."""


def decode(data: bytes, *, whole: bool = True) -> str:
    """Decode a text file; raises NotText for binary content, never UnicodeError.

    With `whole` false the data may end inside a character, which is then left out.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    wide = _wide(data[:SAMPLE_BYTES])
    if wide:
        return data.decode(wide, "replace")
    try:
        text, _ = codecs.utf_8_decode(data, "strict", whole)
    except UnicodeDecodeError:
        return _foreign(data) if _is_text(data, MAX_CONTROLS) else _wide_foreign(data)
    return text if _is_text(data, MAX_CONTROLS_IN_UTF8) else _wide_foreign(data)


def _wide(sample: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: nearly every other byte of Western text is zero there."""
    quarters = [sample[offset::4] for offset in range(4)]
    if not quarters[3]:
        return None
    zeros = [quarter.count(0) / len(quarter) for quarter in quarters]
    few, many = 0.1, 0.7
    if zeros[0] < few and min(zeros[1:]) > many:
        return "utf-32-le"
    if zeros[3] < few and min(zeros[:3]) > many:
        return "utf-32-be"
    if max(zeros[0], zeros[2]) < few and min(zeros[1], zeros[3]) > many:
        return "utf-16-le"
    if max(zeros[1], zeros[3]) < few and min(zeros[0], zeros[2]) > many:
        return "utf-16-be"
    return None


def _wide_foreign(data: bytes) -> str:
    """UTF-16 of other alphabets, without a mark: all of a sample is printable. Raises NotText."""
    for encoding in ("utf-16-le", "utf-16-be"):
        text, _ = codecs.getdecoder(encoding)(data[: len(data) // 2 * 2], "replace")
        sample = text[:SAMPLE_CHARS]
        if BREAK.search(sample) and BREAK.sub("", sample).isprintable() and "\ufffd" not in sample:
            return text
    raise NotText


def _is_text(data: bytes, most: float) -> bool:
    """Whether a sample holds so few control characters."""
    sample = data[:SAMPLE_BYTES]
    return len(sample.translate(None, NOT_CONTROLS)) <= most * len(sample)


def _foreign(data: bytes) -> str:
    """UTF-8 with damage, as in logs that several programs write to, or one other encoding throughout."""
    sample = _sample(data)
    damage, characters = UTF8_CHARACTER.subn(b"", sample)
    if characters > sum(byte > MAX_ASCII for byte in damage):
        return data.decode("utf-8", "as-western")
    return data.decode(_detect(sample), "replace")


def _as_western(error: UnicodeError) -> tuple[str, int]:
    """Read each byte that isn't UTF-8 as Windows-1252: a codec error handler."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode(WESTERN, "replace"), error.end


codecs.register_error("as-western", _as_western)


def _sample(data: bytes) -> bytes:
    """The parts of the file that aren't ASCII, each with a little of its line around it."""
    sample = bytearray()
    end = 0
    for found in FOREIGN.finditer(data):
        line = data.rfind(b"\n", max(end, found.start() - CONTEXT_BYTES), found.start()) + 1
        sample += data[max(end, line, found.start() - CONTEXT_BYTES) : found.end()] + b"\n"
        end = found.end()
        if len(sample) >= DETECT_BYTES:
            break
    return bytes(sample)


def _detect(sample: bytes) -> str:
    """The likeliest encoding; Windows-1252 wherever that is as likely as the winner."""
    from charset_normalizer import from_bytes  # noqa: PLC0415 - 20 ms that most children never need

    matches = from_bytes(sample, cp_isolation=CANDIDATES)
    best = matches.best()
    if best is None:
        return WESTERN
    rivals = [match for match in matches if WESTERN in match.could_be_from_charset]
    return WESTERN if any(rival.coherence >= best.coherence for rival in rivals) else best.encoding
