"""What isn't a scope reads nothing: it raises, whatever else the call would do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.database import Database
from bot.domain import ANYTHING, ChannelId, DocumentId, EmbeddingSpace, Query, Scope, WorkspaceId, scoped
from bot.providers.local.index import LocalIndex

NO_SCOPES = (None, "T1", WorkspaceId("T1"), frozenset({ChannelId("C1")}), {"workspace": "T1"}, object())
DOCUMENT = DocumentId("d1")
READS = {
    "readable": ([DOCUMENT],),
    "matching": (ANYTHING, 5),
    "sharers": (5,),
    "titles": (5,),
    "counts": (),
    "latest": (5,),
    "find_for": ("a",),
    "queue_place": (DOCUMENT,),
}
CHANNELS = frozenset({ChannelId("C1")})


@pytest.mark.parametrize("read", READS)
async def test_a_read_of_documents_without_a_scope_raises(database: Database, read: str) -> None:
    for no_scope in NO_SCOPES:
        with pytest.raises(TypeError, match="needs a scope"):
            async with database.transaction() as tx:
                await getattr(tx.documents, read)(no_scope, *READS[read])


async def test_a_read_of_the_index_without_a_scope_raises(tmp_path: Path) -> None:
    async with LocalIndex(tmp_path / "index.db", EmbeddingSpace("ones", 4)) as index:
        for no_scope in NO_SCOPES:
            for read in (
                index.keyword(no_scope, Query("words"), 5),
                index.dense(no_scope, np.ones(4, dtype=np.float32), 5),
                index.read(no_scope, DOCUMENT, 1, range(5)),
            ):
                with pytest.raises(TypeError, match="needs a scope"):
                    await read


@pytest.mark.parametrize(
    ("workspace", "channels"),
    [(None, CHANNELS), ("", CHANNELS), ("T1", None), ("T1", ["C1"]), ("T1", {"C1"}), ("T1", "C1")],
)
def test_a_scope_of_anything_but_one_workspace_and_its_channels_can_not_be_made(
    workspace: object, channels: object
) -> None:
    with pytest.raises(TypeError):
        Scope(workspace, channels)


def test_a_scope_is_passed_on_as_it_is() -> None:
    scope = Scope(WorkspaceId("T1"), CHANNELS)
    assert scoped(scope) is scope
