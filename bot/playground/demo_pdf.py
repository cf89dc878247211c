"""Writes the demo's PDF from text: A4 pages in Helvetica, as little of the format as that takes.

The structure is that of PDF 1.4 (ISO 32000-1, 7.5): objects, a table of their offsets, a trailer.
"""

from __future__ import annotations

from collections.abc import Sequence

PAGE_BREAK = "\f"
_TOP, _LEFT = 780, 64
_LINE = 15
_FONTS = {"F1": "Helvetica", "F2": "Helvetica-Bold"}
_STYLES = {"# ": (b"F2", 20), "## ": (b"F2", 13), "": (b"F1", 11)}
"""Font and size by how a line begins; the first that fits."""


def pdf_of(text: str) -> bytes:
    """A PDF of lines that fit their page. `# ` begins a title, `## ` a heading; form feeds part pages."""
    pages = text.strip().split(PAGE_BREAK)
    fonts = " ".join(f"/{name} {3 + number} 0 R" for number, name in enumerate(_FONTS))
    first = 3 + len(_FONTS)
    kids = " ".join(f"{first + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        *(_font(face) for face in _FONTS.values()),
    ]
    for number, page in enumerate(pages):
        content = _content(page.strip())
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << {fonts} >> >> "
            f"/Contents {first + 2 * number + 1} 0 R >>".encode(),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        ]
    return file_of(objects)


def _font(face: str) -> bytes:
    return f"<< /Type /Font /Subtype /Type1 /BaseFont /{face} /Encoding /WinAnsiEncoding >>".encode()


def _content(page: str) -> bytes:
    drawn, height = [], _TOP
    for line in page.splitlines():
        sign = next(sign for sign in _STYLES if line.startswith(sign))
        font, size = _STYLES[sign]
        words = escaped(line.removeprefix(sign))
        drawn.append(b"BT /%s %d Tf %d %d Td (%s) Tj ET" % (font, size, _LEFT, height, words))
        height -= _LINE
    return b"\n".join(drawn)


def escaped(words: str) -> bytes:
    """The words inside a string of a page's content; what WinAnsi doesn't have is a question mark."""
    data = words.encode("cp1252", "replace")
    return data.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def file_of(objects: Sequence[bytes]) -> bytes:
    """A PDF of these objects; the first is the catalogue."""
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)
