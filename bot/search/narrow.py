"""Narrow: conditions → the part of a scope in which they may hold, and what its rows are asked for. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, tzinfo

from bot.domain import (
    ANYTHING,
    API_WORKSPACE,
    ChannelId,
    Conditions,
    Mention,
    Passage,
    Query,
    Readable,
    Scope,
    SearchResult,
    UserId,
    Wanted,
)
from bot.errors import QueryRejected
from bot.search.kinds import endings_of, mimetypes_of
from bot.search.operators import ME


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Where a query is searched: its conditions are part of the scope; `note` says what that left out."""

    scope: Scope
    query: Query
    wanted: Wanted = ANYTHING
    note: str | None = None

    def result(
        self,
        *,
        passages: tuple[Passage, ...] = (),
        documents: tuple[Readable, ...] = (),
        notes: tuple[str, ...] = (),
        first: int,
        more: bool,
    ) -> SearchResult:
        """What was found here."""
        channels = tuple(sorted(self.scope.channels))
        return SearchResult(
            self.query,
            passages,
            len(channels),
            0.0,
            notes,
            documents=documents,
            first=first,
            more=more,
            channels=channels,
        )


def narrow(
    scope: Scope, conditions: Conditions, names: Mapping[ChannelId, str], asker: str
) -> tuple[Scope, Conditions]:
    """The scope's channels that `in:` names, and the conditions with ids for what was named.

    A channel outside of the scope is as good as none: whether it exists is not told. Raises
    QueryRejected for it. `names` are those of channels, `asker` is `from:me`.
    """
    people = frozenset(
        replace(one, id=asker) if one == Mention(name=ME) else one for one in conditions.people
    )
    if not (conditions.channels and scope.channels):
        return scope, replace(conditions, people=people)
    found = frozenset(
        mention for wanted in sorted(conditions.channels) for mention in _channels(scope, wanted, names)
    )
    channels = frozenset(ChannelId(mention.id) for mention in found)
    return replace(scope, channels=channels), replace(conditions, channels=found, people=people)


def wanted(conditions: Conditions, zone: tzinfo = UTC) -> Wanted:
    """What shares and documents have to fulfil, besides being in the scope. Days are those of `zone`."""
    return Wanted(
        people=frozenset(UserId(person.id) for person in conditions.people),
        endings=endings_of(conditions.types),
        mimetypes=mimetypes_of(conditions.types),
        since=_midnight(conditions.since, zone),
        before=_midnight(conditions.before, zone),
    )


def _channels(scope: Scope, mention: Mention, names: Mapping[ChannelId, str]) -> Iterator[Mention]:
    """The channels of the scope that are meant: one by its id, or all of that name."""
    if mention.id:
        meant = [ChannelId(mention.id)] if mention.id in scope.channels else []
    else:
        meant = [channel for channel in scope.channels if names.get(channel, "").lower() == mention.name]
    if not meant and scope.workspace == API_WORKSPACE:
        raise QueryRejected(
            f"This key reads no space {mention.name or mention.id}", "`in:space words` searches one."
        )
    if not meant:
        channel = f"channel #{mention.name}" if mention.name else "such channel"
        raise QueryRejected(
            f"I know no {channel} that you and I are both in", "`/fm search in:#channel words` searches one."
        )
    for channel in meant:
        yield Mention(channel, mention.name)


def _midnight(day: date | None, zone: tzinfo) -> float | None:
    return datetime.combine(day, time(), zone).timestamp() if day else None
