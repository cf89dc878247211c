"""Signing in with Slack: begun in a browser, confirmed at Slack, finished in the same browser, once.

What was begun is kept where installations keep it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Awaitable, Callable

from bot.documents.repository import Transaction
from bot.domain import Visitor, WorkspaceId
from bot.errors import SignInRefused
from bot.providers.slack.openid import AGAIN, SlackOpenId
from bot.providers.slack.states import States

PREFIX = "sign-in: "
Home = Callable[[], Awaitable[WorkspaceId | None]]


async def any_workspace() -> None:
    """Slack asks which workspace."""


class SignIn:
    """`browser` is a secret of the browser that began; `home` is the workspace, if there is but one."""

    def __init__(
        self,
        transaction: Transaction,
        openid: SlackOpenId,
        *,
        home: Home = any_workspace,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._states = States(transaction, "sign-in", SignInRefused, AGAIN, prefix=PREFIX, clock=clock)
        self._openid = openid
        self._home = home

    async def begin(self, browser: str, redirect_uri: str) -> str:
        """Where to send the browser. Raises SignInRefused, OperatorError, RetryLater."""
        team = await self._home()
        state = await self._states.begin(browser)
        return self._openid.authorize_url(state, _nonce(browser, state), redirect_uri, team)

    async def give_up(self, browser: str, state: str) -> None:
        """Whoever began it said no at Slack. Raises SignInRefused for what wasn't begun there."""
        await self._states.use_up(browser, state)

    async def finish(self, browser: str, state: str, code: str, redirect_uri: str) -> Visitor:
        """Who it is; any replica can say. Raises as `begin`; then begin anew."""
        await self._states.use_up(browser, state)
        return await self._openid.identify(code, _nonce(browser, state), redirect_uri)


def _nonce(browser: str, state: str) -> str:
    """Comes back in the id_token, so that a code of another browser's sign-in is of no use in this one."""
    return hashlib.sha256(f"sign-in nonce: {browser} {state}".encode()).hexdigest()
