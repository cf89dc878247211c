"""The five things that are asked of a namespace. A namespace begins with its first record."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence

from pinecone import DenseVectorQuery, Document, QueryStringQuery, TextQuery
from pinecone.async_client.documents import AsyncDocuments
from pinecone.errors import NotFoundError
from pinecone.models.batch import BatchResult

from bot.domain import WorkspaceId
from bot.errors import OperatorError
from bot.providers.pinecone.connection import Connection
from bot.providers.pinecone.questions import Filter
from bot.providers.pinecone.records import Record, batch_size

UPSERTS_IN_FLIGHT = 4
"""Of one call; the SDK lowers it for all calls together when Pinecone asks to slow down."""
PROOF_S = 30.0
"""How long an answer proves that Pinecone can be used: a ping within it costs no read unit."""
PING_NAMESPACE = "__ping__"

ScoreBy = Sequence[DenseVectorQuery | TextQuery | QueryStringQuery]


class Store:
    """The namespaces of one index. Raises what `errors.translate` makes of a failure."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._deadlines = connection.deadlines
        self._answered_at = -PROOF_S

    async def search(
        self,
        workspace: WorkspaceId,
        score_by: ScoreBy,
        allowed: Filter,
        top_k: int,
        fields: Sequence[str] = (),
    ) -> list[Document]:
        """The best records of those allowed, best first, with these fields."""

        async def request(documents: AsyncDocuments) -> list[Document]:
            response = await documents.search(
                namespace=workspace,
                score_by=score_by,
                top_k=top_k,
                filter=allowed,
                include_fields=list(fields),
            )
            return response.matches

        found = await self._connection.call("search", request, deadline_s=self._deadlines.search_s)
        self._answered_at = time.monotonic()
        return found

    async def page(
        self,
        workspace: WorkspaceId,
        wanted: Filter,
        fields: Sequence[str],
        limit: int,
        token: str | None = None,
    ) -> tuple[list[Document], str | None]:
        """Up to `limit` records that match, with all fields where `fields` is empty; what to go on with."""

        async def request(documents: AsyncDocuments) -> tuple[list[Document], str | None]:
            response = await documents.fetch(
                namespace=workspace,
                filter=wanted,
                include_fields=list(fields) or None,
                limit=limit,
                pagination_token=token,
            )
            following = response.pagination.next if response.pagination else None
            return list(response.documents.values()), following

        try:
            return await self._connection.call("fetch", request, deadline_s=self._deadlines.read_s)
        except OperatorError as error:
            _only_if_missing(error)
            return [], None

    async def pages(
        self, workspace: WorkspaceId, wanted: Filter, fields: Sequence[str], limit: int
    ) -> AsyncIterator[list[Document]]:
        """All records that match, page by page."""
        token: str | None = None
        while True:
            found, token = await self.page(workspace, wanted, fields, limit, token)
            yield found
            if not token:
                return

    async def upsert(self, workspace: WorkspaceId, made: Sequence[Record]) -> None:
        """Store records in requests that Pinecone takes, several in flight. Repeatable."""
        if not made:
            return

        async def request(documents: AsyncDocuments) -> BatchResult:
            result = await documents.batch_upsert(
                namespace=workspace,
                documents=made,
                batch_size=batch_size(made),
                max_concurrency=UPSERTS_IN_FLIGHT,
                show_progress=False,
            )
            if result.errors:  # the SDK collects them; the first one decides
                raise result.errors[0].error
            return result

        await self._connection.call("upsert", request, deadline_s=self._deadlines.write_s)

    async def update(
        self, workspace: WorkspaceId, wanted: Filter, fields: Record, absent: Sequence[str] = ()
    ) -> int | None:
        """Set fields, and remove the absent ones, of all records that match; how many matched, if told."""

        async def request(documents: AsyncDocuments) -> int | None:
            response = await documents.update(
                namespace=workspace, filter=wanted, set_fields=fields, remove_fields=list(absent) or None
            )
            return response.matched_records

        try:
            return await self._connection.call("update", request, deadline_s=self._deadlines.write_s)
        except OperatorError as error:
            return _only_if_missing(error)

    async def delete(self, workspace: WorkspaceId, wanted: Filter) -> int | None:
        """Remove all records that match; how many matched, if told. Repeatable."""

        async def request(documents: AsyncDocuments) -> int | None:
            return (await documents.delete(namespace=workspace, filter=wanted)).matched_records

        try:
            return await self._connection.call("delete", request, deadline_s=self._deadlines.write_s)
        except OperatorError as error:
            return _only_if_missing(error)

    async def ping(self) -> None:
        """Raise when Pinecone can't be used now."""
        if time.monotonic() - self._answered_at < PROOF_S:
            return

        async def request(documents: AsyncDocuments) -> None:
            async for _ in documents.list(namespace=PING_NAMESPACE, limit=1):
                break

        try:
            await self._connection.call("list", request, deadline_s=self._deadlines.search_s)
        except OperatorError as error:
            _only_if_missing(error)
        self._answered_at = time.monotonic()


def _only_if_missing(error: OperatorError) -> int:
    """0 records where the namespace is not there yet; anything else is raised again."""
    if isinstance(error.__cause__, NotFoundError):
        return 0
    raise error
