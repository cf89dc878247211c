"""Correlation: what a document, a question or a backfill follows from, for whoever reads the logs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("document", "turn", "backfill"):
        op.add_column(table, sa.Column("correlation_id", sa.String(), nullable=True))
