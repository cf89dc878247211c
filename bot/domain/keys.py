"""Keys of the HTTP API: what a program may do, and in which spaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.ids import ChannelId


class Right(StrEnum):
    """What a key may be good for; none includes another."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is kept: its `id` is what it begins with, the rest is known to its holder alone.

    `spaces` are those that it reads, with their names. `last_used_at` is to the minute.
    """

    id: str
    name: str
    rights: frozenset[Right]
    created_at: float
    expires_at: float
    spaces: Mapping[ChannelId, str] = field(default_factory=dict)
    revoked_at: float | None = None
    last_used_at: float | None = None

    def is_good(self, now: float) -> bool:
        """Whether it opens anything at that time."""
        return self.revoked_at is None and now < self.expires_at

    def space(self, name: str) -> ChannelId | None:
        """The space of that name, if the key reads it."""
        return next((space for space, called in self.spaces.items() if called == name), None)
