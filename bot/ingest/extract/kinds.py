"""The tables behind `sniff`: names, mimetypes and first bytes of kinds. A new kind is a word here."""

from __future__ import annotations

_EXTENSIONS = {
    "pdf": "pdf",
    "text": "txt text asc rst adoc tex",
    "subtitles": "vtt srt",
    "post": "post",
    "markdown": "md markdown mdown mkd mdx",
    "log": "log out err trace",
    "csv": "csv tsv tab",
    "json": "json jsonl ndjson geojson",
    "yaml": "yaml yml",
    "code": (
        "py pyi js mjs cjs jsx ts tsx java kt kts scala groovy gradle c h cc cpp cxx hpp hh cs go rs rb php "
        "pl pm r jl lua swift m mm sh bash zsh fish ps1 bat cmd sql css scss less vue svelte dart ex exs erl "
        "hs clj elm ml fs vb asm s proto thrift graphql tf hcl toml ini cfg conf env properties xml xsd xsl "
        "diff patch dockerfile makefile cmake nix vim el"
    ),
    "docx": "docx docm dotx dotm",
    "pptx": "pptx pptm ppsx potx",
    "xlsx": "xlsx xlsm xltx xltm",
    "xlsb": "xlsb",
    "xls": "xls xlt",
    "odt": "odt ott odp otp",
    "ods": "ods ots",
    "epub": "epub",
    "rtf": "rtf",
    "html": "html htm xhtml canvas quip",
    "eml": "eml mht mhtml",
    "msg": "msg",
    "ipynb": "ipynb",
    "svg": "svg",
    "image": "png jpg jpeg gif bmp tif tiff webp heic avif ico psd",
    "media": "mp3 m4a wav ogg flac mp4 mov avi mkv webm",
    "zip": "zip whl",
    "tar": "tar",
    "gzip": "gz tgz",
    "archive": "bz2 xz 7z rar zst",
    "iwork": "pages numbers",
}
BY_EXTENSION = {
    extension: kind for kind, extensions in _EXTENSIONS.items() for extension in extensions.split()
}
BY_MIMETYPE = {
    "application/pdf": "pdf",
    "text/markdown": "markdown",
    "text/csv": "csv",
    "text/tab-separated-values": "csv",
    "application/json": "json",
    "application/x-yaml": "yaml",
    "text/yaml": "yaml",
    "text/vtt": "subtitles",
    "application/x-subrip": "subtitles",
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/vnd.slack-docs": "html",
    "text/rtf": "rtf",
    "application/rtf": "rtf",
    "message/rfc822": "eml",
    "multipart/related": "eml",
    "application/zip": "zip",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.presentation": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/epub+zip": "epub",
    "image/svg+xml": "svg",
    "image": "image",
    "audio": "media",
    "video": "media",
}
"""Whole types first; a bare first half stands for all of its kind."""
UNSUPPORTED = {
    "svg": "SVG drawings",
    "media": "audio and video files",
    "archive": "archives other than zip, tar and gzip",
    "iwork": "files of Apple Pages, Numbers and Keynote",
}
TEXT_MAGIC = (
    (b"%pdf-", "pdf"),
    (b"{\\rtf", "rtf"),
    (b"<!doctype html", "html"),
    (b"<html", "html"),
    (b"-----begin pgp message", "secret"),
    (b"webvtt", "subtitles"),
)
"""How files of these kinds begin after any spaces, in lower case."""
MAGIC = (
    (0, b"\x89PNG\r\n\x1a\n", "image"),
    (0, b"\xff\xd8\xff", "image"),
    (0, b"GIF87a", "image"),
    (0, b"GIF89a", "image"),
    (0, b"II*\x00", "image"),
    (0, b"MM\x00*", "image"),
    (0, b"8BPS\x00", "image"),
    (0, b"PK\x03\x04", "zip"),
    (0, b"PK\x05\x06", "zip"),
    (0, b"\x1f\x8b", "gzip"),
    (257, b"ustar", "tar"),
    (0, b"BZh91AY", "archive"),
    (0, b"\xfd7zXZ\x00", "archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "archive"),
    (0, b"Rar!\x1a", "archive"),
    (0, b"\x28\xb5\x2f\xfd", "archive"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (0, b"\x7fELF", "binary"),
    (0, b"MZ\x90", "binary"),
    (0, b"\xcf\xfa\xed\xfe", "binary"),
    (0, b"\xca\xfe\xba\xbe", "binary"),
    (0, b"SQLite format 3\x00", "binary"),
    (0, b"OggS\x00", "media"),
    (0, b"ID3\x03", "media"),
    (0, b"ID3\x04", "media"),
    (0, b"fLaC\x00", "media"),
    (0, b"\x1aE\xdf\xa3", "media"),
    (4, b"ftypheic", "image"),
    (4, b"ftypmif1", "image"),
    (4, b"ftypavif", "image"),
    (4, b"ftyp", "media"),
    (8, b"WEBPVP8", "image"),
    (8, b"WAVEfmt", "media"),
    (8, b"AVI LIST", "media"),
)
"""At which offset files of these kinds hold which bytes, whatever they are called."""
WRONG_NAME = {
    "docx": "a Word document",
    "pptx": "a PowerPoint presentation",
    "xlsx": "an Excel workbook",
    "xlsb": "an Excel workbook",
    "odt": "an OpenDocument file",
    "ods": "an OpenDocument sheet",
    "epub": "a book",
    "zip": "a zip archive",
    "msg": "an Outlook message",
}
"""Kinds whose files are containers; text under such a name is something else."""
READ = (
    "PDF, Word, PowerPoint, Excel, OpenDocument, RTF, EPUB, web pages, e-mails (also Outlook's), "
    "archives (zip, tar, gzip), notebooks, plain text, Markdown, logs, source code, CSV, JSON and YAML"
)
ADVICE = f"I read {READ}: save it as one of these and share that."
