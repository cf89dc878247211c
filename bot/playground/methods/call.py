"""What a method is given, and what several methods do."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.playground.faults import Faults
from bot.playground.manifest import Manifest
from bot.playground.model import Channel, Json
from bot.playground.refusal import Refusal
from bot.playground.requirements import Method
from bot.playground.workspace import Workspace

T = TypeVar("T")
DEFAULT_PAGE = 100
MAX_PAGE = 999


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its checked arguments and what it works on. `token` is `bot`, `app` or `config`."""

    workspace: Workspace
    manifest: Manifest
    granted: frozenset[str]
    faults: Faults
    method: Method
    arguments: Json
    token: str
    open_socket: Callable[[], str]

    def text(self, name: str) -> str:
        """A text argument, "" when it is absent."""
        return str(self.arguments.get(name, ""))

    def demand(self, scope: str) -> None:
        """Raise Refusal `missing_scope` unless the app was granted this scope."""
        if scope not in self.granted:
            raise Refusal("missing_scope", needed=scope, provided=",".join(sorted(self.granted)))

    def channel(self, name: str = "channel") -> Channel:
        """The channel named by an argument, if the bot may know of it.

        Raises Refusal `channel_not_found`, or `missing_scope` for channels of this kind.
        """
        found = self.workspace.channels.get(self.text(name))
        if found is None or (found.kind != "channel" and self.workspace.bot.id not in found.members):
            raise Refusal("channel_not_found")
        if self.method.by_channel:
            self.demand(self.method.by_channel[found.kind])
        return found

    def own_channel(self, name: str = "channel") -> Channel:
        """The same, if the bot is a member. Raises Refusal `not_in_channel`."""
        found = self.channel(name)
        if self.workspace.bot.id not in found.members:
            raise Refusal("not_in_channel")
        return found

    def page(self, items: Sequence[T], *, default: int = DEFAULT_PAGE) -> tuple[list[T], Json]:
        """One page of a list by `limit` and `cursor`, and the `response_metadata` that leads on.

        Raises Refusal `invalid_limit` or `invalid_cursor`.
        """
        limit = int(self.arguments.get("limit", default))
        if not 1 <= limit <= max(MAX_PAGE, default):
            raise Refusal("invalid_limit")
        start = _offset(self.text("cursor"))
        more = start + limit < len(items)
        cursor = base64.b64encode(f"offset:{start + limit}".encode()).decode() if more else ""
        return list(items[start : start + limit]), {"response_metadata": {"next_cursor": cursor}}


Handler = Callable[[Call], Json]


def _offset(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, number = base64.b64decode(cursor, validate=True).decode("ascii").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Refusal("invalid_cursor") from None
    if word != "offset" or not number.isdecimal():
        raise Refusal("invalid_cursor")
    return int(number)
