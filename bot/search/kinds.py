"""Kinds: what people call types of files → endings of names and mimetypes. A new word is a word here."""

from __future__ import annotations

from collections.abc import Iterable

_CODE = (
    "py pyi js mjs cjs jsx ts tsx java kt kts scala groovy gradle c h cc cpp cxx hpp hh cs go rs rb php pl "
    "pm r jl lua swift m mm sh bash zsh fish ps1 bat cmd sql css scss less vue svelte dart ex exs erl hs clj "
    "elm ml fs vb asm s proto thrift graphql tf hcl toml ini cfg conf env properties xml xsd xsl dockerfile "
    "makefile cmake nix vim el"
)
_WORD = "docx docm dotx dotm doc dot"
_SLIDES = "pptx pptm ppsx potx ppt pps"
_SHEETS = "xlsx xlsm xltx xltm xlsb xls xlt"
_ENDINGS = {
    "pdf": "pdf",
    "word": _WORD,
    "excel": _SHEETS,
    "powerpoint": _SLIDES,
    "document": f"{_WORD} odt ott rtf pages pdf epub",
    "spreadsheet": f"{_SHEETS} ods ots csv tsv tab numbers",
    "presentation": f"{_SLIDES} odp otp key",
    "opendocument": "odt ott odp otp ods ots",
    "text": "txt text asc rst adoc tex diff patch srt vtt",
    "markdown": "md markdown mdown mkd mdx",
    "log": "log out err trace",
    "csv": "csv tsv tab",
    "json": "json jsonl ndjson geojson",
    "yaml": "yaml yml",
    "code": _CODE,
    "html": "html htm xhtml",
    "canvas": "canvas quip",
    "email": "eml mht mhtml msg",
    "notebook": "ipynb",
    "epub": "epub",
    "rtf": "rtf",
    "image": "png jpg jpeg gif bmp tif tiff webp heic avif ico psd svg",
    "media": "mp3 m4a wav ogg flac mp4 mov avi mkv webm",
    "archive": "zip whl gz tgz bz2 xz 7z rar tar zst",
}
_OFFICE, _OPEN = "application/vnd.openxmlformats-officedocument", "application/vnd.oasis.opendocument"
_IN_WORD = f"{_OFFICE}.wordprocessingml.document application/msword"
_IN_EXCEL = f"{_OFFICE}.spreadsheetml.sheet application/vnd.ms-excel"
_IN_POWERPOINT = f"{_OFFICE}.presentationml.presentation application/vnd.ms-powerpoint"
_MIMETYPES = {
    "pdf": "application/pdf",
    "word": _IN_WORD,
    "excel": _IN_EXCEL,
    "powerpoint": _IN_POWERPOINT,
    "document": f"{_IN_WORD} {_OPEN}.text text/rtf application/rtf application/pdf application/epub+zip",
    "spreadsheet": f"{_IN_EXCEL} {_OPEN}.spreadsheet text/csv text/tab-separated-values",
    "presentation": f"{_IN_POWERPOINT} {_OPEN}.presentation",
    "opendocument": f"{_OPEN}.text {_OPEN}.presentation {_OPEN}.spreadsheet",
    "text": "text/plain",
    "markdown": "text/markdown",
    "csv": "text/csv text/tab-separated-values",
    "json": "application/json",
    "yaml": "application/x-yaml text/yaml",
    "html": "text/html application/xhtml+xml",
    "canvas": "application/vnd.slack-docs",
    "email": "message/rfc822 multipart/related",
    "epub": "application/epub+zip",
    "rtf": "text/rtf application/rtf",
    "image": "image/png image/jpeg image/gif image/webp image/tiff image/svg+xml",
    "archive": "application/zip application/gzip",
}
_CALLED = {
    "word": "doc",
    "excel": "workbook",
    "document": "docs documents",
    "spreadsheet": "spreadsheets sheet sheets",
    "presentation": "presentations slide slides deck",
    "powerpoint": "ppt",
    "opendocument": "openoffice libreoffice",
    "text": "plain",
    "log": "logs",
    "code": "source sourcecode script snippet snippets",
    "html": "web webpage",
    "canvas": "canvases post posts",
    "email": "emails e-mail mail mails outlook",
    "notebook": "notebooks jupyter",
    "epub": "book books ebook",
    "image": "images picture pictures photo photos",
    "media": "audio video videos",
    "archive": "archives",
}
TYPES = {name: frozenset(endings.split()) for name, endings in _ENDINGS.items()}
_NAMES = {word: name for name, words in _CALLED.items() for word in words.split()}
_KNOWN_ENDINGS = frozenset().union(*TYPES.values())


def type_of(word: str) -> str | None:
    """The type that somebody means by a word: one of `TYPES`, an ending such as `py`, or None."""
    plain = word.strip().lower().lstrip(".")
    plain = _NAMES.get(plain, plain)
    return plain if plain in TYPES or plain in _KNOWN_ENDINGS else None


def endings_of(types: Iterable[str]) -> frozenset[str]:
    """The endings of names that files of any of these types have."""
    return frozenset().union(*(TYPES.get(one, {one}) for one in types))


def mimetypes_of(types: Iterable[str]) -> frozenset[str]:
    """The mimetypes by which files of any of these types are known, whatever they are called."""
    return frozenset(mimetype for one in types for mimetype in _MIMETYPES.get(one, "").split())
