"""A search of its own for an evaluation: an empty index that is gone afterwards."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.app.core import open_database
from bot.app.providers import open_providers
from bot.domain import ChannelId, Scope, WorkspaceId
from bot.search.pipeline import SearchPipeline
from bot.settings import Settings

CHANNEL = ChannelId("evaluation")


@asynccontextmanager
async def trial(settings: Settings) -> AsyncIterator[tuple[SearchPipeline, Scope]]:
    """The search that these settings make, over an empty index, and the scope to fill.

    With Pinecone that is a namespace of its own, with Postgres a workspace; emptied at the end. The state is
    in a folder that is gone afterwards. Raises OperatorError, RetryLater.
    """
    scope = Scope(WorkspaceId(f"fm-eval-{uuid.uuid4().hex[:12]}"), frozenset({CHANNEL}))
    with TemporaryDirectory(prefix="fm-eval-") as folder:
        apart = settings.apart(Path(folder))
        settings = settings.model_copy(update={"data_dir": apart.data_dir})
        async with open_database(apart) as database, AsyncExitStack() as stack:
            providers = await open_providers(settings, stack)
            pipeline = SearchPipeline(
                database.transaction,
                providers.index,
                providers.embeddings,
                reranker=providers.reranker,
                noted=False,
                speller=providers.speller,
            )
            try:
                yield pipeline, scope
            finally:
                if settings.pinecone_api_key is not None or settings.database_url is not None:
                    for document_id in await providers.index.inventory(scope.workspace):
                        await providers.index.delete(scope.workspace, document_id)
