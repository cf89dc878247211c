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
    async def app_uninstalled(body: dict[str, Any], context: AsyncBoltContext) -> None:
        await _stop(services, context, body)

    @app.event("tokens_revoked")
    async def tokens_revoked(event: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext) -> None:
        if (event.get("tokens") or {}).get("bot"):
            await _stop(services, context, body)


async def _stop(services: Services, context: AsyncBoltContext, body: dict[str, Any]) -> None:
    workspace, happened = workspace_of(context), body.get("event_time")
    async with services.ingest.transaction(reading=True) as tx:
        installed = await tx.installations.get(workspace)
    if installed and isinstance(happened, int) and happened < int(installed.installed_at):
        log.info("former_uninstallation_ignored", workspace=workspace)  # it came late, after a new one
        return
    log.warning("workspace_uninstalled", workspace=workspace)
    await services.ingest.uninstall(workspace)
    services.members.forget(workspace)
