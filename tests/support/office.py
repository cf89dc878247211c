"""Office files made on the spot: the parts that readers look at, and no more."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"


def make_zip(members: Mapping[str, str | bytes]) -> bytes:
    """A zip archive of these members, packed; the same bytes whenever it is made."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def relations(targets: Mapping[str, str], *, base: str = RELATIONS) -> str:
    """A relations part: `id` to `kind target`."""
    entries = ""
    for key, kind_and_target in targets.items():
        kind, target = kind_and_target.split(" ")
        entries += f'<Relationship Id="{key}" Type="{base}/{kind}" Target="{target}"/>'
    return f"<Relationships>{entries}</Relationships>"


def package(main: str, parts: Mapping[str, str | bytes], *, base: str = RELATIONS) -> bytes:
    """An Office file whose document is the part `main`."""
    return make_zip(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": relations({"r1": f"officeDocument {main}"}, base=base),
            **parts,
        }
    )


def paragraph(text: str, properties: str = "") -> str:
    """A Word paragraph of one run."""
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def word_part(root: str, inner: str, *, before: str = "") -> str:
    """A part in Word's language."""
    return f'<?xml version="1.0"?>{before}<w:{root} xmlns:w="{W}" xmlns:mc="mc">{inner}</w:{root}>'


def make_docx(body: str, extra: Mapping[str, str | bytes] | None = None, **kinds: str) -> bytes:
    """A Word document; `extra` are further parts, `kinds` says what they are: `footnotes="notes.xml"`."""
    return package(
        "word/document.xml",
        {
            "word/document.xml": word_part("document", f"<w:body>{body}</w:body>"),
            "word/_rels/document.xml.rels": relations(
                {kind: f"{kind} {target}" for kind, target in kinds.items()}
            ),
            **(extra or {}),
        },
    )


def shape(text: str, role: str = "") -> str:
    """A shape of a slide; `role` is its placeholder's type."""
    placeholder = f'<p:nvSpPr><p:nvPr><p:ph type="{role}"/></p:nvPr></p:nvSpPr>' if role else ""
    return f"<p:sp>{placeholder}<p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"


def slide(inner: str) -> str:
    """A slide of these shapes."""
    return f'<p:sld xmlns:p="{P}" xmlns:a="{A}">{inner}</p:sld>'


def make_pptx(slides: Mapping[str, str], extra: Mapping[str, str] | None = None) -> bytes:
    """A presentation that shows these slides in this order; the keys are their part names."""
    entries = "".join(f'<p:sldId id="{256 + n}" r:id="{name}"/>' for n, name in enumerate(slides))
    return package(
        "ppt/presentation.xml",
        {
            "ppt/presentation.xml": f'<p:presentation xmlns:p="{P}" xmlns:r="{RELATIONS}">'
            f"<p:sldIdLst>{entries}</p:sldIdLst></p:presentation>",
            "ppt/_rels/presentation.xml.rels": relations(
                {name: f"slide slides/{name}.xml" for name in slides}
            ),
            **{f"ppt/slides/{name}.xml": inner for name, inner in slides.items()},
            **(extra or {}),
        },
    )


def make_xlsx(sheets: Mapping[str, str], extra: Mapping[str, str] | None = None, book: str = "") -> bytes:
    """A workbook of these sheets, by name: `rows` as XML; `book` stands before the list of sheets."""
    entries = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, 1))
    targets = {f"r{n}": f"worksheet worksheets/sheet{n}.xml" for n in range(1, len(sheets) + 1)}
    beside = {"strings": "sharedStrings sharedStrings.xml", "styles": "styles styles.xml"}
    return package(
        "xl/workbook.xml",
        {
            "xl/workbook.xml": f'<workbook xmlns:r="{RELATIONS}">{book}<sheets>{entries}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": relations({**targets, **beside}),
            **{
                f"xl/worksheets/sheet{n}.xml": f"<worksheet><sheetData>{rows}</sheetData></worksheet>"
                for n, rows in enumerate(sheets.values(), 1)
            },
            **(extra or {}),
        },
    )


def make_opendocument(kind: str, inner: str, extra: Mapping[str, str] | None = None) -> bytes:
    """A text, spreadsheet or presentation."""
    names = 'xmlns:office="o" xmlns:text="t" xmlns:table="b" xmlns:draw="d" xmlns:presentation="p"'
    body = f"<office:body><office:{kind}>{inner}</office:{kind}></office:body>"
    return make_zip(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f"<office:document-content {names}>{body}</office:document-content>",
            "META-INF/manifest.xml": "<manifest/>",
            **(extra or {}),
        }
    )
