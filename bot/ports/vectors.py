"""Vectors and chunks: what embeds, and what keeps and finds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from bot.domain import (
    Candidate,
    Chunk,
    DocumentId,
    EmbeddingSpace,
    Held,
    IndexedDocument,
    Query,
    Scope,
    Stored,
    WorkspaceId,
)

Vectors = npt.NDArray[np.float32]
Also = Mapping[EmbeddingSpace, Vectors]
"""Vectors of the same texts in other spaces."""
NOTHING_ELSE: Also = {}
Current = Callable[[], Awaitable[IndexedDocument | None]]
"""What is to be shown of a document, as the database has it when asked; None: nothing, by who asks now."""


class EmbeddingProvider(Protocol):
    """Text to vectors of one space; vectors have unit length."""

    @property
    def space(self) -> EmbeddingSpace:
        """The space of every vector this provider makes."""
        ...

    async def embed_documents(self, texts: Sequence[str], group: str = "") -> Vectors:
        """Embed at most 96 texts. Returns shape (len(texts), dimension). Repeatable.

        Those of one `group` (a workspace) never make those of another one wait for all of theirs.
        """
        ...

    async def embed_query(self, text: str) -> Vectors:
        """Embed one question. Returns shape (dimension,). Repeatable."""
        ...


class VectorIndex(Protocol):
    """Chunks with their text and vectors, searchable by word and by meaning within a scope.

    Writes are repeatable: ids are `<document>:<generation>:<ordinal>`. A generation is visible to
    searches only after `publish`; the former one stays visible until then. It gives way to a newer one
    alone: whoever comes late with an older one changes nothing. Vectors are of the index's own space
    (`write`), where no other one is named.
    """

    async def write(
        self, document: IndexedDocument, chunks: Sequence[Chunk], vectors: Vectors, also: Also = NOTHING_ELSE
    ) -> None:
        """Store chunks with their vectors, shape (len(chunks), dimension). Not yet visible.

        `also` are vectors of the same chunks in the space that the workspace is still searched in.
        """
        ...

    async def publish(self, document: IndexedDocument, current: Current | None = None) -> None:
        """Make this generation visible, in these channels, and drop every older one.

        With `current` where that says, and not at all if it says nothing: it is asked when nobody else can
        change the document here any more (elsewhere than in a database: just before).
        """
        ...

    async def describe(self, document: IndexedDocument, current: Current | None = None) -> None:
        """Replace the title and the channels of a visible document, whatever its generation.

        Nothing happens when it isn't there. `current` as for `publish`.
        """
        ...

    async def copy(self, source: DocumentId, document: IndexedDocument) -> int:
        """Store another document's visible chunks as this one's, not yet visible; how many there are.

        Both are of the same workspace. 0 when the source isn't there. Nothing is embedded again.
        """
        ...

    async def inventory(self, workspace: WorkspaceId) -> dict[DocumentId, Held]:
        """What a workspace has in the index, to compare with the database."""
        ...

    async def delete(
        self, workspace: WorkspaceId, document_id: DocumentId, before: int | None = None
    ) -> None:
        """Remove every generation of a document, or those `before` one. Nothing happens if it isn't there."""
        ...

    async def keyword(self, scope: Scope, query: Query, limit: int) -> list[Candidate]:
        """The best chunks by words (BM25), best first, only from documents in the scope."""
        ...

    async def dense(
        self, scope: Scope, vector: Vectors, limit: int, space: EmbeddingSpace | None = None
    ) -> list[Candidate]:
        """The nearest chunks by cosine, best first, only from documents in the scope.

        `vector` is of `space`, and so are the vectors that it is compared with.
        """
        ...

    async def read(
        self, scope: Scope, document_id: DocumentId, generation: int, ordinals: range
    ) -> list[Chunk]:
        """Those chunks of one document, in reading order; none unless the scope sees that generation."""
        ...

    async def spaces(self, workspace: WorkspaceId) -> frozenset[str]:
        """The labels of the spaces that a workspace has vectors in."""
        ...

    async def behind(self, workspace: WorkspaceId) -> list[DocumentId]:
        """The visible documents that are not wholly in the index's own space, always in the same order."""
        ...

    async def stored(self, workspace: WorkspaceId, document_id: DocumentId) -> Stored | None:
        """What of a visible document is to be embedded into the index's own space; None if nothing is."""
        ...

    async def enter(self, document: IndexedDocument, chunks: Sequence[Chunk], vectors: Vectors) -> None:
        """Give chunks of a visible generation their vectors in the index's own space. Repeatable.

        What is visible of it stays as it is; nothing happens once it isn't visible any more.
        """
        ...

    async def entered(self, document: IndexedDocument) -> None:
        """All chunks of that generation have their vectors: from now on it isn't behind. Repeatable."""
        ...

    async def leave(self, workspace: WorkspaceId, space: str) -> None:
        """Remove all vectors that a workspace has in the space of that label. Repeatable.

        Never the one that it is searched in: then neither its words nor its meaning would be found.
        """
        ...

    async def ping(self) -> None:
        """Raise when the index can't be used now."""
        ...
