"""The Bolt app: our inbox before authorize, our listeners behind it, errors back to the inbox."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp, AsyncBoltContext, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import WorkspaceId
from bot.jobs.causes import causes
from bot.slack.error_replies import error_reply
from bot.slack.inbox import REPLAY, Inbox
from bot.slack.listeners import (
    actions,
    agent,
    commands,
    files,
    home,
    membership,
    messages,
    removals,
    rights,
    settings,
    shortcuts,
    workspace,
)
from bot.slack.services import Services

log = structlog.get_logger(__name__)

LISTENERS = (
    commands, messages, agent, files, removals, membership, workspace, actions, home, settings, shortcuts,
    rights,
)  # fmt: skip  # a list
Authorize = Callable[[WorkspaceId], Awaitable[AuthorizeResult | None]]
"""Who we are in a workspace, None where we are not installed."""
BOLTS = ("SLACK_BOT_TOKEN", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_VERIFICATION_TOKEN")
"""Variables that Bolt takes by itself, for a token and an OAuth flow besides ours."""


def build(
    *, client: AsyncWebClient, signing_secret: str, authorize: Authorize, inbox: Inbox, services: Services
) -> AsyncApp:
    """Wire the app. `authorize` says who we are and raises while Slack hasn't told us."""

    async def authorize_request(team_id: str | None, **_: Any) -> AuthorizeResult | None:  # noqa: ANN401  # Bolt's signature
        return await authorize(WorkspaceId(team_id or ""))

    async def take_in(
        req: AsyncBoltRequest,
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002  # Bolt injects by name
    ) -> BoltResponse | None:
        return await inbox(req, next)

    with _environment_hidden():
        app = AsyncApp(
            name="faultmaven",  # else Bolt reads the source of all its callers to find one: 30 ms
            logger=logging.getLogger("slack_bolt"),  # whose level is set; its own names would follow the root
            client=client,
            signing_secret=signing_secret,
            authorize=authorize_request,  # type: ignore[arg-type]  # None is one of Bolt's own answers
            before_authorize=take_in,
            process_before_response=True,
            request_verification_enabled=bool(signing_secret),
        )

    for listeners in LISTENERS:
        listeners.register(app, services)
    _answer_failures(app)

    @app.event(re.compile(".*"))  # the last, since only the first match runs; unhandled means 404
    async def anything_else(event: dict[str, Any]) -> None:
        log.debug("event_ignored", type=event.get("type"), subtype=event.get("subtype"))

    return app


@contextmanager
def _environment_hidden() -> Iterator[None]:
    """Let Bolt know what it is given, and nothing else."""
    hidden = {name: os.environ.pop(name) for name in BOLTS if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)


def _answer_failures(app: AsyncApp) -> None:
    """Failures of a replay go back to the inbox; whoever typed a command gets a reason."""

    @app.error
    async def failed(error: Exception, body: dict[str, Any], context: AsyncBoltContext) -> BoltResponse:
        if context.get(REPLAY):
            raise error  # the inbox keeps the event for a later try
        log.error("request_failed", type=body.get("type"), causes=causes(error))
        if "command" in body:
            return BoltResponse(status=200, body={"response_type": "ephemeral", "text": error_reply(error)})
        return BoltResponse(status=500, body="")
