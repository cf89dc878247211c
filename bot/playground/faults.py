"""What a test may have go wrong on purpose."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

How = Literal["hang", "cut", "login_page"]


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong the next `times` times.

    `error` refuses with Slack's word (`ratelimited` also answers 429), `status` answers with a bare
    HTTP status, either with Retry-After if `retry_after` (seconds) is given; `redirect` sends a
    download to another address. `how`: `hang` never answers, `cut` does the work and then cuts the
    connection (a download: halfway), `login_page` answers a download with a sign-in page.
    """

    error: str | None = None
    status: int | None = None
    retry_after: int | None = None
    redirect: str | None = None
    how: How | None = None
    times: int = 1


class Faults:
    """Faults by Web API method; downloads go by the name `DOWNLOAD`.

    Any fault of `RESPONSE_URL` makes a command's response address count as used up.
    """

    DOWNLOAD = "download"
    RESPONSE_URL = "response_url"

    def __init__(self) -> None:
        self._by_method: dict[str, list[Fault]] = {}
        self._shares_missing: dict[str, int] = {}
        self._rejected_tickets = 0
        self._released = asyncio.Event()

    def add(
        self,
        method: str,
        *,
        error: str | None = None,
        status: int | None = None,
        retry_after: int | None = None,
        redirect: str | None = None,
        how: How | None = None,
        times: int = 1,
    ) -> None:
        """Let the next `times` calls of a method fail; faults of one method queue up."""
        fault = Fault(error, status, retry_after, redirect, how, times)
        self._by_method.setdefault(method, []).append(fault)

    def shares_not_ready(self, times: int, file_id: str = "") -> None:
        """Let the next files.info (of one file, or of any) answer without shares."""
        self._shares_missing[file_id] = times

    def reject_tickets(self, times: int) -> None:
        """Let the next Socket Mode connections be refused although their ticket is good."""
        self._rejected_tickets = times

    def clear(self) -> None:
        """Nothing goes wrong any more, and what hangs is let go (the connection is cut)."""
        self._by_method.clear()
        self._shares_missing.clear()
        self._rejected_tickets = 0
        self._released.set()
        self._released = asyncio.Event()

    def take(self, method: str) -> Fault | None:
        """The fault of this call, used up by it."""
        waiting = self._by_method.get(method)
        if not waiting:
            return None
        waiting[0].times -= 1
        return waiting.pop(0) if waiting[0].times <= 0 else waiting[0]

    def shares_missing(self, file_id: str) -> bool:
        """Whether this files.info answers without shares."""
        for key in (file_id, ""):
            if self._shares_missing.get(key, 0) > 0:
                self._shares_missing[key] -= 1
                return True
        return False

    def ticket_rejected(self) -> bool:
        """Whether this connection is refused."""
        self._rejected_tickets -= 1
        return self._rejected_tickets >= 0

    async def hang(self) -> None:
        """Wait until `clear`, or until whoever asked gives up."""
        await self._released.wait()
