"""Who and where: workspaces, channels, people, files, documents, and what one may read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

WorkspaceId = NewType("WorkspaceId", str)
ChannelId = NewType("ChannelId", str)
UserId = NewType("UserId", str)
FileId = NewType("FileId", str)
DocumentId = NewType("DocumentId", str)

LOCAL_WORKSPACE = WorkspaceId("local")
LOCAL_CHANNEL = ChannelId("local")
API_WORKSPACE = WorkspaceId("api")
"""Of documents that came by the HTTP API; its channels are their spaces."""
NOT_SLACKS = frozenset({LOCAL_WORKSPACE, API_WORKSPACE})
"""Workspaces of which Slack knows nothing: it is never asked for their files, and nobody is told there."""
NO_MESSAGE_TS = "0"
"""Of a share without a message, as theirs are: it counts as shared when its document was made."""


class Status(StrEnum):
    """What became of a document."""

    PENDING = "pending"
    PROCESSING = "processing"
    INDEXED = "indexed"
    FAILED = "failed"


UNDER_WAY = frozenset({Status.PENDING, Status.PROCESSING})
"""A document without its verdict."""


class Stage(StrEnum):
    """The ingest verb that a document is in; chunking happens while extracting."""

    ACCEPT = "accept"
    DOWNLOAD = "download"
    EXTRACT = "extract"
    EMBED = "embed"
    INDEX = "index"


@dataclass(frozen=True, slots=True)
class Scope:
    """What one asker may read: a workspace and some of its channels.

    The first argument of every read. An empty `channels` reads nothing; there is no
    value that means "everything". `documents`, where there are any, narrows it to these: what is
    left of it by conditions that the asker made.
    """

    workspace: WorkspaceId
    channels: frozenset[ChannelId]
    documents: frozenset[DocumentId] | None = None

    def __post_init__(self) -> None:
        """Raises TypeError for what would be no scope, so that no read can be run with it."""
        if not (isinstance(self.workspace, str) and self.workspace and isinstance(self.channels, frozenset)):
            raise TypeError("a scope is of one workspace and of a frozenset of its channels")


def scoped(scope: Scope) -> Scope:
    """The scope itself. Every read begins with it; raises TypeError for anything that isn't one."""
    if not isinstance(scope, Scope):
        raise TypeError(f"a read needs a scope, not {type(scope).__name__}")
    return scope


@dataclass(frozen=True, slots=True)
class Message:
    """Where a file appears: one message of one channel; `ts` is None until Slack tells it."""

    channel: ChannelId
    ts: str | None = None
    thread_ts: str | None = None
    shared_by: UserId | None = None
