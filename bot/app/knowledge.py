"""The HTTP API, wired to the pipelines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from aiohttp import web

from bot import __version__
from bot.app.core import Core
from bot.domain import DocumentId
from bot.ports import StatusListener
from bot.providers.spool import SpoolWriter
from bot.settings import Settings
from bot.web.api import Changes, Services, knowledge_api
from bot.web.api.limits import Limits, Take


@dataclass(frozen=True, slots=True)
class Told:
    """`ports.StatusListener` that tells several."""

    listeners: tuple[StatusListener, ...]

    def document_changed(self, document_id: DocumentId) -> None:
        """Tell each."""
        for listener in self.listeners:
            listener.document_changed(document_id)


def knowledge(settings: Settings, core: Core, changes: Changes) -> web.Application:
    """The API over the opened parts."""
    return knowledge_api(
        Services(
            transaction=core.database.transaction,
            ingest=core.ingest,
            search=core.search,
            open_spool=partial(SpoolWriter, core.ingest.spool, settings.max_file_bytes),
            changes=changes,
            limits=Limits(settings.api_requests_per_minute, take=_take(settings, core)),
            max_file_bytes=settings.max_file_bytes,
            version=__version__,
        )
    )


def _take(settings: Settings, core: Core) -> Take | None:
    """Replicas share what a key may ask a minute, through its row; who is alone needn't."""
    if settings.database_url is None:
        return None

    async def take(key_id: str, minute: int, wanted: int) -> tuple[int, int]:
        async with core.database.transaction() as tx:
            most = settings.api_requests_per_minute
            return await tx.api_keys.take(key_id, minute=minute, wanted=wanted, most=most)

    return take
