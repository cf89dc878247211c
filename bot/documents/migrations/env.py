"""Alembic runs this; the connection, and the transaction around it, are the caller's."""

from __future__ import annotations

from alembic import context

from bot.documents import migrations
from bot.documents.tables import DOCUMENT

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=DOCUMENT.metadata,
    include_name=lambda name, kind, _parents: migrations.ours(name, kind),
    render_as_batch=True,
)
context.run_migrations()
