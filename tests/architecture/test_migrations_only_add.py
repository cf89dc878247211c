"""While replicas are replaced one by one, old ones work on the new schema: a migration only adds."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from architecture.rules import REPOSITORY

VERSIONS = REPOSITORY / "bot/documents/migrations/versions"
FIRST_OF_REPLICAS = "0006"
"""Before it there was one process a database, which was stopped for an upgrade."""
ADDING = {"create_table", "add_column", "create_index"}
LATER = sorted(path for path in VERSIONS.glob("*.py") if path.name[:4] >= FIRST_OF_REPLICAS)


def faults(text: str) -> Iterator[str]:
    """What an old version would stumble over."""
    for call in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)):
        name = ast.unparse(call.func)
        said = {word.arg: ast.unparse(word.value) for word in call.keywords}
        if name.startswith("op.") and name.removeprefix("op.") not in ADDING:
            yield f"line {call.lineno}: {name} changes what is there"
        if name == "op.create_index" and said.get("unique", "False") != "False":
            yield f"line {call.lineno}: old rows may not be unique"
        if name == "op.add_column":
            column = call.args[1]
            if not isinstance(column, ast.Call):
                yield f"line {call.lineno}: the column is not said here"
                continue
            words = {word.arg: ast.unparse(word.value) for word in column.keywords}
            if words.get("nullable") != "True" and "server_default" not in words:
                yield f"line {call.lineno}: an old version writes rows without that column"


@pytest.mark.parametrize("path", LATER, ids=lambda path: path.stem)
def test_a_migration_only_adds(path: Path) -> None:
    assert list(faults(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "text",
    [
        "op.drop_column('document', 'title')",
        "op.drop_table('share')",
        "op.rename_table('share', 'shares')",
        "op.execute('DELETE FROM share')",
        "op.alter_column('share', 'ts', nullable=False)",
        "with op.batch_alter_table('share') as batch:\n    batch.drop_column('ts')",
        "op.add_column('share', sa.Column('n', sa.Integer(), nullable=False))",
        "op.add_column('share', sa.Column('n', sa.Integer()))",
        "op.create_index('i', 'share', ['n'], unique=True)",
        "op.create_unique_constraint('u', 'share', ['n'])",
    ],
)
def test_one_that_changes_what_is_there_is_found(text: str) -> None:
    assert list(faults(text))
