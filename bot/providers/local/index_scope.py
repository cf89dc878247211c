"""The scope of a search as a table of its own connection, for as long as the search takes.

Several statements answer one search. The scope is part of each of them, looked up once.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from bot.domain import Scope
from bot.providers.local.index_schema import ORDINAL_BITS

DOCUMENTS = """
    SELECT document FROM index_document_channel
    WHERE workspace = :workspace AND channel IN (SELECT value FROM json_each(:channels)) AND {among}
"""
AMONG = """document IN (
    SELECT id FROM index_document
    WHERE workspace = :workspace AND document_id IN (SELECT value FROM json_each(:documents))
)"""
"""What narrows a scope to some of its documents."""
ROW_IN_SCOPE = f"rowid >> {ORDINAL_BITS} IN temp.scope"
"""Of a row of the keyword index, inside `in_scope`."""


def documents_in(scope: Scope) -> str:
    """A statement that gives the rows of the documents that a scope can see; see `bound`."""
    return DOCUMENTS.format(among="TRUE" if scope.documents is None else AMONG)


def bound(scope: Scope) -> dict[str, str | int]:
    """The parameters of `documents_in`."""
    return {
        "workspace": scope.workspace,
        "channels": json.dumps(sorted(scope.channels)),
        "documents": json.dumps(sorted(scope.documents or ())),
    }


@contextmanager
def in_scope(reader: sqlite3.Connection, scope: Scope) -> Iterator[None]:
    """One snapshot of the file, with the documents of the scope in `temp.scope`."""
    reader.execute("BEGIN")
    with reader:
        reader.execute("DELETE FROM temp.scope")
        reader.execute(f"INSERT OR IGNORE INTO temp.scope {documents_in(scope)}", bound(scope))
        yield
