"""Download: refuse what we can't or may not read before a byte moves, then stream to the spool."""

from __future__ import annotations

from pathlib import Path

from bot.domain import FileInfo, SpooledFile, WorkspaceId
from bot.errors import FileRejected
from bot.ports import FileSource

MIB = 1024 * 1024
READABLE_MODES = frozenset({"hosted", "snippet", "canvas", "post", "email", "transcript"})
REFUSED_MODES = {
    "external": (
        "external",
        "it is a link to a file that is stored outside Slack",
        "Upload the file itself to the channel.",
    ),
    "tombstone": ("deleted", "the file was deleted", "Share it again if it is still needed."),
    "hidden_by_limit": (
        "hidden_by_limit",
        "Slack hides it because of the workspace's plan limits",
        "Share it again, or raise the plan's limit.",
    ),
    "untranscribed": (
        "no_transcript",
        "it is a recording, and Slack has no transcript of it",
        "Share the transcript, or what was said as text.",
    ),
    "transcribing": (
        "no_transcript",
        "Slack's transcript of this recording is not ready yet",
        "I read it as soon as Slack tells me that it is; `/fm retry` has me look again.",
    ),
    "file_access": (
        "access_denied",
        "Slack does not let me read it: it belongs to another workspace",
        "Upload a copy to the channel.",
    ),
}
UNSUPPORTED_MODE = (
    "unsupported",
    "this kind of Slack document can't be read yet",
    "Export it as PDF or text and share that.",
)


def refuse_unreadable(info: FileInfo, max_bytes: int) -> None:
    """Raise FileRejected for what would be in vain to download. `max_bytes` is inclusive."""
    if info.mode not in READABLE_MODES:
        raise FileRejected(*REFUSED_MODES.get(info.mode, UNSUPPORTED_MODE))
    if info.size > max_bytes:
        size = f"{info.size / MIB:,.0f} MB"
        raise FileRejected(
            "too_large",
            f"it is {size} and the limit is {max_bytes // MIB} MB",
            "Split it, or ask whoever runs me to raise FM_MAX_FILE_MB.",
        )
    if info.download_url is None and info.text is None:
        raise FileRejected("no_download", "Slack offers no download for it", "Upload a copy to the channel.")


async def download(
    source: FileSource, workspace: WorkspaceId, info: FileInfo, spool: Path, max_bytes: int
) -> SpooledFile:
    """Stream an acceptable file into the folder `spool`. Raises FileRejected, RetryLater. Repeatable."""
    refuse_unreadable(info, max_bytes)
    return await source.download(workspace, info, spool)
