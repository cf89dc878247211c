"""Installing the bot: begun in a browser, confirmed at Slack, finished in the same browser, once."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.documents.repository import Transaction
from bot.errors import InstallRefused
from bot.providers.slack.installed import Installations
from bot.providers.slack.oauth import AGAIN, Grant, SlackOAuth
from bot.providers.slack.states import States


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
        self._states = States(transaction, "installation", InstallRefused, AGAIN, clock=clock)
        self._oauth = oauth
        self._installations = installations

    async def begin(self, browser: str, redirect_uri: str) -> str:
        """Where to send the browser. Raises InstallRefused, RetryLater."""
        return self._oauth.authorize_url(await self._states.begin(browser), redirect_uri)

    async def give_up(self, browser: str, state: str) -> None:
        """Whoever began it said no at Slack. Raises InstallRefused for what wasn't begun there."""
        await self._states.use_up(browser, state)

    async def finish(self, browser: str, state: str, code: str, redirect_uri: str) -> Grant:
        """Install. Any replica can. Raises InstallRefused, OperatorError, RetryLater; then begin anew."""
        await self._states.use_up(browser, state)
        grant = await self._oauth.exchange(code, redirect_uri)
        await self._installations.keep(grant)
        return grant
