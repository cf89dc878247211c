"""Requests of a key: how many of its minute's requests the replicas took for themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("minute", "taken"):
        op.add_column("api_key", sa.Column(column, sa.Integer(), nullable=False, server_default="0"))
