"""Sessions of the console: of whoever knows the token, or signed in with Slack. Nothing is stored.

A session is a signed note of when it ends and of who it is, so that every replica knows it, and all end
with the token.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bot.domain import UserId, Visitor, WorkspaceId

LASTS_S = 12 * 3600
MAX_NOTE_CHARS = 200
WINDOW_S = 60.0
FAILURES_OF_ONE, FAILURES = 5, 60
"""Wrong tokens a minute from one address, and from all: behind a proxy they may share one."""
MAX_ADDRESSES = 1_000


@dataclass(frozen=True, slots=True)
class Session:
    """`nonce` tells sessions apart; `ends` is in seconds since the epoch. No visitor: it knew the token."""

    nonce: str
    ends: int
    visitor: Visitor | None = None


class Sessions:
    """Makes sessions for the token and knows them again."""

    def __init__(self, token: str, clock: Callable[[], float] = time.time) -> None:
        self._digest = hashlib.sha256(token.encode()).digest()
        self._key = hmac.digest(token.encode(), b"faultmaven console", "sha256")
        self._clock = clock

    def opens(self, token: str) -> bool:
        """Whether this is the token; it takes as long whatever is given."""
        return hmac.compare_digest(hashlib.sha256(token.encode("utf-8", "replace")).digest(), self._digest)

    def begin(self, visitor: Visitor | None = None) -> str:
        """A new session's note, for a cookie."""
        who = (visitor.workspace, visitor.user) if visitor else ()
        note = ".".join([str(int(self._clock()) + LASTS_S), secrets.token_urlsafe(16), *who])
        return f"{note}.{self._sign('session', note)}"

    def read(self, given: str) -> Session | None:
        """The session of a note that we made and that is not over; None for anything else."""
        note, _, signature = given[:MAX_NOTE_CHARS].rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._sign("session", note).encode()):
            return None
        ends, nonce, *who = note.split(".")
        if int(ends) <= self._clock():
            return None
        if not who:
            return Session(nonce, int(ends))
        workspace, user = who
        return Session(nonce, int(ends), Visitor(WorkspaceId(workspace), UserId(user)))

    def proof(self, session: Session) -> str:
        """What a page of ours sends with each change; a page of another site can't read it."""
        return self._sign("change", session.nonce)

    def proves(self, session: Session, given: str) -> bool:
        """Whether a change comes from a page of ours."""
        return hmac.compare_digest(given.encode("utf-8", "replace"), self.proof(session).encode())

    def _sign(self, purpose: str, text: str) -> str:
        return hmac.new(self._key, f"{purpose}:{text}".encode("utf-8", "replace"), "sha256").hexdigest()


class Failures:
    """Wrong tokens of the last minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._all: deque[tuple[float, str]] = deque(maxlen=MAX_ADDRESSES)

    def note(self, address: str) -> None:
        """Somebody gave a wrong one."""
        self._all.append((self._clock(), address))

    def wait_s(self, address: str) -> float:
        """Seconds until another try is looked at from there; 0 when it is now."""
        now = self._clock()
        while self._all and now - self._all[0][0] >= WINDOW_S:
            self._all.popleft()
        theirs = [at for at, where in self._all if where == address]
        if len(theirs) >= FAILURES_OF_ONE:
            return theirs[0] + WINDOW_S - now
        return self._all[0][0] + WINDOW_S - now if len(self._all) >= FAILURES else 0.0
