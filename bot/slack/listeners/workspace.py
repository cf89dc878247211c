"""The app is uninstalled or its token revoked: work for that workspace stops, purging is upkeep's."""

from __future__ import annotations

from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from bot.slack.services import Services, workspace_of

log = structlog.get_logger(__name__)


def register(app: AsyncApp, services: Services) -> None:
    """Attach both events; Slack sends them in any order."""

    @app.event("app_uninstalled")
    async def app_uninstalled(context: AsyncBoltContext) -> None:
        await _stop(services, context)

    @app.event("tokens_revoked")
    async def tokens_revoked(event: dict[str, Any], context: AsyncBoltContext) -> None:
        if (event.get("tokens") or {}).get("bot"):
            await _stop(services, context)


async def _stop(services: Services, context: AsyncBoltContext) -> None:
    workspace = workspace_of(context)
    log.warning("workspace_uninstalled", workspace=workspace)
    await services.ingest.uninstall(workspace)
    services.members.forget(workspace)
