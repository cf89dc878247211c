"""The rows behind everything. Times are seconds since the epoch, UTC; Slack's `ts` stay strings.

Rows are read as these classes and written as the tables at the end: an UPDATE says what it changes
and under which condition, which an object that was read before can't.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel


class Workspace(SQLModel, table=True):
    """One Slack team, or `local` for files indexed from the command line."""

    __tablename__ = "workspace"

    id: str = Field(primary_key=True)
    name: str = ""
    domain: str = ""
    bot_user_id: str | None = None
    bot_id: str | None = None
    installed_at: float
    uninstalled_at: float | None = None
    embedding_space: str | None = None
    settings: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False, default=dict)
    )


class Document(SQLModel, table=True):
    """A file we accepted. `generation` and `token` fence every write of a job.

    `changed_at` grows with every change, whatever the clock does: it is also the row's version.
    `generation` counts the contents that were read; `indexed_generation`, with `indexed_hash`, is the
    one that searches see, until its successor is finished. Smaller `priority` first: 0 for what people
    share, 1 for backfill. `waits` are the tries that somebody else's outage ended; they are no attempts.
    `changing_since` is when a file began to change that waits until it keeps still. `correlation_id` is that
    of whatever had it read last, for the logs; so it is in the other tables that have one.
    """

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("workspace_id", "file_id", name="document_file"),
        CheckConstraint("(token IS NOT NULL) = (status = 'processing')", name="document_token"),
        CheckConstraint(
            "tombstoned_at IS NULL OR status IN ('indexed', 'failed')", name="document_tombstone"
        ),
        Index("document_queue", "status", "workspace_id", "priority", "queued_at", "not_before"),
        Index("document_served", "workspace_id", "started_at"),
        Index("document_content", "workspace_id", "indexed_hash"),
        Index("document_sweep", "checked_at"),
    )

    id: str = Field(primary_key=True)
    workspace_id: str = Field(foreign_key="workspace.id")
    file_id: str
    title: str = ""
    name: str = ""
    mimetype: str = ""
    size: int = Field(default=0, sa_type=BigInteger)
    content_hash: str | None = None
    uploader: str | None = None
    status: str
    stage: str
    progress_done: int = 0
    progress_total: int = 0
    pages: int = 0
    chunks: int = 0
    partial: str | None = None
    generation: int = 1
    indexed_generation: int | None = None
    indexed_hash: str | None = None
    token: str | None = None
    holder: str | None = None
    priority: int = 0
    attempts: int = 0
    waits: int = 0
    not_before: float = 0.0
    error_code: str | None = None
    error_detail: str | None = Field(default=None, sa_column=Column(Text))
    error_advice: str | None = Field(default=None, sa_column=Column(Text))
    created_at: float
    changed_at: float
    queued_at: float
    changing_since: float | None = None
    started_at: float | None = None
    indexed_at: float | None = None
    checked_at: float = 0.0
    tombstoned_at: float | None = None
    correlation_id: str | None = None


class Share(SQLModel, table=True):
    """A file's appearance in one channel. Who may read a document is decided by its shares.

    `message_ts` is unknown until the message event or `files.info` tells it.
    """

    __tablename__ = "share"
    __table_args__ = (Index("share_channel", "channel_id", "document_id"),)

    document_id: str = Field(foreign_key="document.id", ondelete="CASCADE", primary_key=True)
    channel_id: str = Field(primary_key=True)
    message_ts: str | None = None
    thread_ts: str | None = None
    shared_by: str | None = None
    permalink: str | None = None
    is_private: bool | None = None
    is_external: bool = False
    created_at: float


class InboxEvent(SQLModel, table=True):
    """An event Slack delivered, committed before it was acked; parked when no listener would take it."""

    __tablename__ = "inbox_event"
    __table_args__ = (Index("inbox_event_todo", "processed_at", "parked_at", "not_before", "received_at"),)

    event_id: str = Field(primary_key=True)
    workspace_id: str
    type: str
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    received_at: float
    processed_at: float | None = None
    parked_at: float | None = None
    holder: str | None = None
    not_before: float = 0.0
    attempts: int = 0
    error: str | None = Field(default=None, sa_column=Column(Text))


class StatusReply(SQLModel, table=True):
    """Our one reply for a document in a channel. `synced_at` is the `document.changed_at` it shows.

    `behind` says that the two differ; kept on the row so that the few replies to edit are found
    without reading all of them.
    """

    __tablename__ = "status_reply"
    __table_args__ = (Index("status_reply_todo", "behind", "not_before"),)

    document_id: str = Field(foreign_key="document.id", ondelete="CASCADE", primary_key=True)
    channel_id: str = Field(primary_key=True)
    ts: str | None = None
    posting_since: float | None = None
    synced_at: float = 0.0
    behind: bool = True
    not_before: float = 0.0
    attempts: int = 0
    error: str | None = Field(default=None, sa_column=Column(Text))


class Backfill(SQLModel, table=True):
    """What was shared in a channel before we came: offered there, then read page by page.

    `message_ts` is our message with the offer and the progress; `page` is the next one to list.
    """

    __tablename__ = "backfill"
    __table_args__ = (Index("backfill_todo", "state", "not_before"),)

    workspace_id: str = Field(foreign_key="workspace.id", primary_key=True)
    channel_id: str = Field(primary_key=True)
    requested_by: str | None = None
    message_ts: str | None = None
    state: str
    page: int = 1
    found: int = 0
    accepted: int = 0
    skipped: int = 0
    not_before: float = 0.0
    attempts: int = 0
    error: str | None = Field(default=None, sa_column=Column(Text))
    created_at: float
    changed_at: float
    correlation_id: str | None = None


class SearchLog(SQLModel, table=True):
    """One search: who asked what, what it found, how long it took, and the vote.

    `shown` lists the passages as shown, best first: {"document", "generation", "ordinal", "page"}, no text.
    `channel_id` is where it was asked, None on the command line.
    """

    __tablename__ = "search_log"
    __table_args__ = (Index("search_log_latest", "workspace_id", "created_at"),)

    id: str = Field(primary_key=True)
    workspace_id: str = Field(index=True)
    asker: str
    query: str = Field(sa_column=Column(Text, nullable=False))
    surface: str
    results: int
    elapsed_ms: float
    shown: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False, server_default="[]")
    )
    vote: int | None = None
    comment: str | None = Field(default=None, sa_column=Column(Text))
    channel_id: str | None = None
    created_at: float


class Conversation(SQLModel, table=True):
    """A thread in which people ask us; `muted_at` while we keep out of it."""

    __tablename__ = "conversation"

    workspace_id: str = Field(foreign_key="workspace.id", primary_key=True)
    channel_id: str = Field(primary_key=True)
    thread_ts: str = Field(primary_key=True)
    muted_at: float | None = None
    created_at: float


class Turn(SQLModel, table=True):
    """One question in a conversation, and how far its answer has come; the answer's text is Slack's to keep.

    `surface` is where it was asked (mention, direct, thread). `reply_ts` is our message, `posting_since`
    says that it may be there without our knowing.
    """

    __tablename__ = "turn"
    __table_args__ = (
        Index("turn_thread", "workspace_id", "channel_id", "thread_ts", "message_ts"),
        Index("turn_todo", "answered_at", "not_before"),
    )

    workspace_id: str = Field(foreign_key="workspace.id", primary_key=True)
    channel_id: str = Field(primary_key=True)
    message_ts: str = Field(primary_key=True)
    thread_ts: str
    asker: str
    question: str = Field(sa_column=Column(Text, nullable=False))
    surface: str
    reply_ts: str | None = None
    posting_since: float | None = None
    holder: str | None = None
    answered_at: float | None = None
    not_before: float = 0.0
    attempts: int = 0
    error: str | None = Field(default=None, sa_column=Column(Text))
    created_at: float
    correlation_id: str | None = None


class Reembedding(SQLModel, table=True):
    """A workspace's way into another embedding space (`space`), there for as long as it takes.

    Which documents have their vectors there, the index knows; `done` of `total` is what to show of it.
    `leftover` names the spaces whose vectors are to be removed from the index.
    """

    __tablename__ = "reembedding"

    workspace_id: str = Field(foreign_key="workspace.id", primary_key=True)
    space: str
    done: int = 0
    total: int = 0
    leftover: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    not_before: float = 0.0
    attempts: int = 0
    error: str | None = Field(default=None, sa_column=Column(Text))
    started_at: float
    changed_at: float


WORKSPACE = SQLModel.metadata.tables["workspace"]
DOCUMENT = SQLModel.metadata.tables["document"]
SHARE = SQLModel.metadata.tables["share"]
INBOX_EVENT = SQLModel.metadata.tables["inbox_event"]
STATUS_REPLY = SQLModel.metadata.tables["status_reply"]
BACKFILL = SQLModel.metadata.tables["backfill"]
SEARCH_LOG = SQLModel.metadata.tables["search_log"]
CONVERSATION = SQLModel.metadata.tables["conversation"]
TURN = SQLModel.metadata.tables["turn"]
REEMBEDDING = SQLModel.metadata.tables["reembedding"]
