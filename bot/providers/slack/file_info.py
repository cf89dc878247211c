"""Slack's file object as ours, and where the text of Slack's own kinds of files is.

A recording's is its transcript, an e-mail's comes with the object, a canvas is downloaded as HTML.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from bot.domain import ChannelId, FileId, FileInfo, Message, UserId

CANVAS = "application/vnd.slack-docs"
RECORDINGS = ("audio/", "video/")
SNIPPETS = {
    "c": "c",
    "cpp": "cpp",
    "csharp": "cs",
    "css": "css",
    "csv": "csv",
    "diff": "diff",
    "dockerfile": "dockerfile",
    "go": "go",
    "java": "java",
    "javascript": "js",
    "json": "json",
    "kotlin": "kt",
    "markdown": "md",
    "perl": "pl",
    "php": "php",
    "powershell": "ps1",
    "python": "py",
    "ruby": "rb",
    "rust": "rs",
    "scala": "scala",
    "shell": "sh",
    "sql": "sql",
    "swift": "swift",
    "text": "txt",
    "tsv": "tsv",
    "typescript": "ts",
    "xml": "xml",
    "yaml": "yaml",
}
"""Names of files by Slack's types of snippets."""
HEADERS = ("from", "to", "cc")
MAX_TEXT_CHARS = 5_000_000


@dataclass(frozen=True, slots=True)
class _Content:
    """Where the text of a file is: `FileInfo`'s fields of the same names."""

    mode: str
    size: int
    download_url: str | None
    read_as: str = ""
    text: str | None = None


def file_info(file_id: FileId, file: dict[str, Any]) -> FileInfo:
    """Slack's file object as ours; tolerant, since its fields differ by kind of file."""
    content = _content(file)
    name = str(file.get("name") or file.get("title") or file_id)
    return FileInfo(
        file_id=file_id,
        name=name,
        title=str(file.get("title") or name),
        mimetype=str(file.get("mimetype") or ""),
        size=content.size,
        mode=content.mode,
        uploader=UserId(str(file["user"])) if file.get("user") else None,
        download_url=content.download_url,
        permalink=file.get("permalink"),
        messages=tuple(_messages(file.get("shares") or {})),
        messages_complete=not file.get("has_more_shares"),
        channels=frozenset(map(ChannelId, [*file.get("channels", ()), *file.get("groups", ())])),
        created=float(file["created"]) if file.get("created") else None,
        read_as=content.read_as,
        text=content.text,
    )


def _content(file: dict[str, Any]) -> _Content:
    mode = str(file.get("mode") or "hosted")
    if file.get("is_external"):
        mode = "external"
    if file.get("file_access") in {"access_denied", "file_not_found"}:
        mode = "file_access"
    url = file.get("url_private_download") or file.get("url_private")
    size = int(file.get("size") or 0)
    if mode == "hosted" and str(file.get("mimetype") or "").startswith(RECORDINGS):
        return _recording(file)
    if mode in {"quip", "canvas"} or (mode == "hosted" and file.get("mimetype") == CANVAS):
        return _Content("canvas", 0, url, "canvas.html")  # its size is not that of its HTML
    if mode == "email":
        return _Content("email", 0, url, "email.html", _email(file))
    if mode in {"post", "space"}:
        return _Content("post", 0, url, "post.post")
    if mode == "snippet" and (suffix := SNIPPETS.get(str(file.get("filetype")))):
        return _Content(mode, size, url, f"snippet.{suffix}")
    return _Content(mode, size, url)


def _recording(file: dict[str, Any]) -> _Content:
    """A recording is read by Slack's transcript of it, whose size isn't told."""
    transcription: dict[str, Any] = file.get("transcription") or {}
    preview: dict[str, Any] = transcription.get("preview") or {}
    if file.get("vtt"):
        return _Content("transcript", 0, str(file["vtt"]), "transcript.vtt")
    if preview.get("content") and not preview.get("has_more"):
        return _Content("transcript", 0, None, "transcript.txt", str(preview["content"])[:MAX_TEXT_CHARS])
    coming = transcription.get("status") == "processing"
    return _Content("transcribing" if coming else "untranscribed", 0, None)


def _email(file: dict[str, Any]) -> str | None:
    """A mail that was sent to a channel, as HTML; None where Slack doesn't tell what it says."""
    body = file.get("simplified_html") or (
        f"<pre>{escape(text)}</pre>" if (text := file.get("plain_text")) else ""
    )
    if not body:
        return None
    lines = [f"<h1>{escape(str(file.get('subject') or ''))}</h1>"]
    for name in HEADERS:
        people = [str(one.get("original") or one.get("address") or "") for one in file.get(name) or ()]
        if people:
            lines.append(f"<p>{name.title()}: {escape(', '.join(people))}</p>")
    return "\n".join([*lines, str(body)])[:MAX_TEXT_CHARS]


def _messages(shares: dict[str, Any]) -> list[Message]:
    """One message a channel: the earliest, since that is the one its file_shared event was about."""
    found = []
    for visibility in ("public", "private"):
        for channel, appearances in (shares.get(visibility) or {}).items():
            first = min(appearances, key=lambda appearance: float(appearance["ts"]), default=None)
            if first is not None:
                user = first.get("share_user_id")
                found.append(
                    Message(
                        channel=ChannelId(channel),
                        ts=first["ts"],
                        thread_ts=first.get("thread_ts"),
                        shared_by=UserId(user) if user else None,
                    )
                )
    return found
