"""PDF files made on the spot: plain pages of text, as small as the format allows."""

from __future__ import annotations

from collections.abc import Sequence

from bot.playground.demo_pdf import escaped, file_of

LINE_CHARS = 90


def make_pdf(pages: Sequence[str]) -> bytes:
    """A PDF with one page per text, in Helvetica; an empty text gives a page without text, as in a scan."""
    objects: list[bytes] = []
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects.append(b"<< /Type /Catalog /Pages 2 0 R >>")
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode())
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    for number, text in enumerate(pages):
        stream = _content(text)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            + f"/Contents {5 + 2 * number} 0 R >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    return file_of(objects)


def _content(text: str) -> bytes:
    if not text:
        return b""
    lines = [
        line[i : i + LINE_CHARS] for line in text.split("\n") for i in range(0, len(line) or 1, LINE_CHARS)
    ]
    shown = b"".join(b"(%s) Tj T*\n" % escaped(line) for line in lines)
    return b"BT /F1 11 Tf 14 TL 50 800 Td\n" + shown + b"ET"
