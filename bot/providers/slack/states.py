"""States: what is begun in a browser and confirmed at Slack is finished in the same browser, once.

Kept are digests alone: of the state, which travels through addresses, and of a secret of the browser.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable

from bot.documents.installations import Begun
from bot.documents.repository import Transaction
from bot.errors import ConsentRefused

STATE_S = 600.0
"""How long whoever begins has at Slack's page."""
REFUSED = {
    Begun.UNKNOWN: "This {what} was not begun in this browser",
    Begun.USED: "This {what} was finished or given up before",
    Begun.EXPIRED: "This {what} took longer than ten minutes",
}
TOO_MANY = "Too many {what}s are under way"


class States:
    """Of one kind of things: `what` names it, `refused` says that it came to nothing, `again` how to go on.

    The digests with one `prefix` are never those with another.
    """

    def __init__(
        self,
        transaction: Transaction,
        what: str,
        refused: type[ConsentRefused],
        again: str,
        *,
        prefix: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._transaction = transaction
        self._what = what
        self._refused = refused
        self._again = again
        self._prefix = prefix
        self._clock = clock

    async def begin(self, browser: str) -> str:
        """A new state, for this browser. Raises `refused` when too many are under way."""
        state, now = secrets.token_urlsafe(32), self._clock()
        async with self._transaction() as tx:
            new = await tx.installations.begin(
                self._digest(state), self._digest(browser), now=now, expires_at=now + STATE_S
            )
        if not new:
            raise self._refused("too_many", TOO_MANY.format(what=self._what), "Try again in an hour.")
        return state

    async def use_up(self, browser: str, state: str) -> None:
        """Whatever comes of it. Raises `refused` for a state that this browser can't finish (any more)."""
        async with self._transaction() as tx:
            begun = await tx.installations.finish(
                self._digest(state), self._digest(browser), now=self._clock()
            )
        if begun is not Begun.GOOD:
            raise self._refused(begun, REFUSED[begun].format(what=self._what), self._again)

    def _digest(self, secret: str) -> str:
        return hashlib.sha256(f"{self._prefix}{secret}".encode()).hexdigest()
