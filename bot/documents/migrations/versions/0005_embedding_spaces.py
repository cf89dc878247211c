"""Embedding spaces: which one a workspace is searched in, and its way into another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reembedding",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("space", sa.String(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("leftover", sa.JSON(), nullable=False),
        sa.Column("not_before", sa.Float(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("started_at", sa.Float(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"]),
        sa.PrimaryKeyConstraint("workspace_id"),
    )
    # So far an embedded index had one space for all; from now on each workspace has its own.
    connection = op.get_bind()
    if "index_meta" in sa.inspect(connection).get_table_names():
        op.execute(
            "UPDATE workspace SET embedding_space = (SELECT value FROM index_meta WHERE key = 'space')"
            " WHERE embedding_space IS NULL"
        )
