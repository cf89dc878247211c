"""Signing in with Slack: begun in a browser, confirmed at Slack, finished in the same browser, once.

What was begun is kept where installations keep it; the digests of one are never those of the other.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Awaitable, Callable

from bot.documents.installations import Begun
from bot.documents.repository import Transaction
from bot.domain import Visitor, WorkspaceId
from bot.errors import SignInRefused
from bot.providers.slack.openid import AGAIN, SlackOpenId

STATE_S = 600.0
"""How long whoever begins has at Slack's page."""
REFUSED = {
    Begun.UNKNOWN: "This sign-in was not begun in this browser",
    Begun.USED: "This sign-in was finished or given up before",
    Begun.EXPIRED: "This sign-in took longer than ten minutes",
}
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
        self._transaction = transaction
        self._openid = openid
        self._home = home
        self._clock = clock

    async def begin(self, browser: str, redirect_uri: str) -> str:
        """Where to send the browser. Raises SignInRefused, OperatorError, RetryLater."""
        state, now = secrets.token_urlsafe(32), self._clock()
        team = await self._home()
        async with self._transaction() as tx:
            new = await tx.installations.begin(
                _digest("state", state), _digest("browser", browser), now=now, expires_at=now + STATE_S
            )
        if not new:
            raise SignInRefused("too_many", "Too many sign-ins are under way", "Try again in an hour.")
        return self._openid.authorize_url(state, _nonce(browser, state), redirect_uri, team)

    async def give_up(self, browser: str, state: str) -> None:
        """Whoever began it said no at Slack. Raises SignInRefused for what wasn't begun there."""
        async with self._transaction() as tx:
            begun = await tx.installations.finish(
                _digest("state", state), _digest("browser", browser), now=self._clock()
            )
        if begun is not Begun.GOOD:
            raise SignInRefused(begun, REFUSED[begun], AGAIN)

    async def finish(self, browser: str, state: str, code: str, redirect_uri: str) -> Visitor:
        """Who it is; any replica can say. Raises as `begin`; then begin anew."""
        await self.give_up(browser, state)  # whatever comes of it, this state is used up
        return await self._openid.identify(code, _nonce(browser, state), redirect_uri)


def _nonce(browser: str, state: str) -> str:
    """Comes back in the id_token, so that a code of another browser's sign-in is of no use in this one."""
    return _digest("nonce", f"{browser} {state}")


def _digest(purpose: str, secret: str) -> str:
    return hashlib.sha256(f"sign-in {purpose}: {secret}".encode()).hexdigest()
