"""What an answer showed and what people said of it, for buttons and evaluation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("search_log", sa.Column("shown", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("search_log", sa.Column("comment", sa.Text(), nullable=True))
    op.add_column("search_log", sa.Column("channel_id", sa.String(), nullable=True))
    op.create_index("search_log_latest", "search_log", ["workspace_id", "created_at"])
