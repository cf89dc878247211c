"""What a workspace chose for itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from bot.domain.ids import ChannelId

LOG_DAYS = 90
MAX_DAYS = 3650


@dataclass(frozen=True, slots=True)
class WorkspaceSettings:
    """Made by its admins with `/fm settings`. The defaults are the narrow ones.

    `public`: files in public channels may be read by every full member. What was last shared more than
    `retention_days` ago is forgotten (None: never), what was asked more than `log_days` ago, too.
    Files in `ignored` channels are neither indexed nor found.
    """

    public: bool = False
    retention_days: int | None = None
    log_days: int = LOG_DAYS
    ignored: frozenset[ChannelId] = frozenset()

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """From the row's JSON. What is missing or makes no sense is as if it had not been chosen."""
        ignored = stored.get("ignored")
        return cls(
            public=stored.get("public") is True,
            retention_days=_days(stored.get("retention_days")),
            log_days=_days(stored.get("log_days")) or LOG_DAYS,
            ignored=frozenset(map(ChannelId, ignored)) if isinstance(ignored, list) else frozenset(),
        )

    def as_json(self) -> dict[str, Any]:
        """For the row."""
        return {
            "public": self.public,
            "retention_days": self.retention_days,
            "log_days": self.log_days,
            "ignored": sorted(self.ignored),
        }


def _days(value: object) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 1 <= value <= MAX_DAYS else None
