"""The life of a file: what is visible of it, what waits for what, backfill, parked events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEPT = """
    id, workspace_id, file_id, title, name, mimetype, size, content_hash, uploader, status, stage,
    progress_done, progress_total, pages, chunks, partial, generation, token, attempts, not_before,
    error_code, error_detail, error_advice, created_at, changed_at, started_at, indexed_at, tombstoned_at
"""
VISIBLE = "status = 'indexed' AND tombstoned_at IS NULL AND content_hash IS NOT NULL"
PARKED_FOR_S = 1e12
"""An event was parked by putting it off for so long."""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _widen_document()
    else:
        _remake_document()
    _index_document()
    _inbox_event()
    _backfill()


def _widen_document() -> None:
    """PostgreSQL drops no table that others refer to, and takes columns that a default fills once."""
    op.add_column("document", sa.Column("indexed_generation", sa.Integer(), nullable=True))
    op.add_column("document", sa.Column("indexed_hash", sa.String(), nullable=True))
    op.add_column("document", sa.Column("changing_since", sa.Float(), nullable=True))
    op.add_column("document", sa.Column("priority", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("document", sa.Column("waits", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("document", sa.Column("checked_at", sa.Float(), nullable=False, server_default="0"))
    for name in ("priority", "waits", "checked_at"):
        op.alter_column("document", name, server_default=None)
    op.add_column("document", sa.Column("queued_at", sa.Float(), nullable=True))
    op.execute(
        "UPDATE document SET queued_at = created_at,"  # noqa: S608  # constants
        f" indexed_generation = CASE WHEN {VISIBLE} THEN generation END,"
        f" indexed_hash = CASE WHEN {VISIBLE} THEN content_hash END"
    )
    op.alter_column("document", "queued_at", nullable=False)
    for index in ("document_content", "document_queue", "document_served"):
        op.drop_index(index, "document")


def _remake_document() -> None:
    """SQLite adds no column without a default, so the table is made anew."""
    op.create_table(
        "new_document",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("file_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("mimetype", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=True),
        sa.Column("uploader", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("progress_done", sa.Integer(), nullable=False),
        sa.Column("progress_total", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("chunks", sa.Integer(), nullable=False),
        sa.Column("partial", sa.String(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("indexed_generation", sa.Integer(), nullable=True),
        sa.Column("indexed_hash", sa.String(), nullable=True),
        sa.Column("token", sa.String(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("waits", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.Float(), nullable=False),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("error_detail", sa.Text(), nullable=True),
        sa.Column("error_advice", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.Column("queued_at", sa.Float(), nullable=False),
        sa.Column("changing_since", sa.Float(), nullable=True),
        sa.Column("started_at", sa.Float(), nullable=True),
        sa.Column("indexed_at", sa.Float(), nullable=True),
        sa.Column("checked_at", sa.Float(), nullable=False),
        sa.Column("tombstoned_at", sa.Float(), nullable=True),
        sa.CheckConstraint("(token IS NOT NULL) = (status = 'processing')", name="document_token"),
        sa.CheckConstraint(
            "tombstoned_at IS NULL OR status IN ('indexed', 'failed')", name="document_tombstone"
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace_id", "file_id", name="document_file"),
    )
    op.execute(
        f"INSERT INTO new_document ({KEPT}, indexed_generation, indexed_hash, priority, waits, queued_at,"  # noqa: S608  # constants
        f" checked_at) SELECT {KEPT}, CASE WHEN {VISIBLE} THEN generation END,"
        f" CASE WHEN {VISIBLE} THEN content_hash END, 0, 0, created_at, 0.0 FROM document"
    )
    op.drop_table("document")
    op.rename_table("new_document", "document")


def _index_document() -> None:
    op.create_index(
        "document_queue", "document", ["status", "workspace_id", "priority", "queued_at", "not_before"]
    )
    op.create_index("document_served", "document", ["workspace_id", "started_at"])
    op.create_index("document_content", "document", ["workspace_id", "indexed_hash"])
    op.create_index("document_sweep", "document", ["checked_at"])


def _inbox_event() -> None:
    op.add_column("inbox_event", sa.Column("parked_at", sa.Float(), nullable=True))
    op.execute(
        f"UPDATE inbox_event SET parked_at = not_before - {PARKED_FOR_S!r}, not_before = 0.0"  # noqa: S608  # constants
        f" WHERE processed_at IS NULL AND not_before >= {PARKED_FOR_S!r}"
    )
    op.drop_index("inbox_event_todo", "inbox_event")
    op.create_index(
        "inbox_event_todo", "inbox_event", ["processed_at", "parked_at", "not_before", "received_at"]
    )


def _backfill() -> None:
    op.create_table(
        "backfill",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=True),
        sa.Column("message_ts", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.Float(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"]),
        sa.PrimaryKeyConstraint("workspace_id", "channel_id"),
    )
    op.create_index("backfill_todo", "backfill", ["state", "not_before"])
