"""Installing the bot: begun in a browser, confirmed at Slack, finished in the same browser, once."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable

from bot.documents.installations import Begun
from bot.documents.repository import Transaction
from bot.errors import InstallRefused
from bot.providers.slack.installed import Installations
from bot.providers.slack.oauth import AGAIN, Grant, SlackOAuth

STATE_S = 600.0
"""How long whoever begins has at Slack's page."""
REFUSED = {
    Begun.UNKNOWN: "This installation was not begun in this browser",
    Begun.USED: "This installation was finished or given up before",
    Begun.EXPIRED: "This installation took longer than ten minutes",
}


class Installer:
    """`browser` is a secret that only the browser in which an installation began can show."""

    def __init__(
        self,
        transaction: Transaction,
        oauth: SlackOAuth,
        installations: Installations,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._transaction = transaction
        self._oauth = oauth
        self._installations = installations
        self._clock = clock

    async def begin(self, browser: str, redirect_uri: str) -> str:
        """Where to send the browser. Raises InstallRefused, RetryLater."""
        state, now = secrets.token_urlsafe(32), self._clock()
        async with self._transaction() as tx:
            new = await tx.installations.begin(
                _digest(state), _digest(browser), now=now, expires_at=now + STATE_S
            )
        if not new:
            raise InstallRefused("too_many", "Too many installations are under way", "Try again in an hour.")
        return self._oauth.authorize_url(state, redirect_uri)

    async def give_up(self, browser: str, state: str) -> None:
        """Whoever began it said no at Slack. Raises InstallRefused for what wasn't begun there."""
        async with self._transaction() as tx:
            begun = await tx.installations.finish(_digest(state), _digest(browser), now=self._clock())
        if begun is not Begun.GOOD:
            raise InstallRefused(begun, REFUSED[begun], AGAIN)

    async def finish(self, browser: str, state: str, code: str, redirect_uri: str) -> Grant:
        """Install. Any replica can. Raises InstallRefused, OperatorError, RetryLater; then begin anew."""
        await self.give_up(browser, state)  # whatever comes of it, this state is used up
        grant = await self._oauth.exchange(code, redirect_uri)
        await self._installations.keep(grant)
        return grant


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
