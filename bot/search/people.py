"""People: whom `from:alice` means, among those who shared what the asker may read. Pure.

Others are as good as nobody: whether somebody of that name exists is not told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.domain import Conditions, Mention, UserId
from bot.errors import QueryRejected
from bot.search.operators import ME
from bot.search.words import fold, words_of

MAX_SHARERS = 50
"""Each may cost a call to Slack, of 100 a minute."""
MAX_CHOICES = 5
MAX_SHOWN_CHARS = 40
PICK = "Pick the person from Slack's list behind @, or type `from:me`."

Names = Sequence[str]
"""Somebody's names, the one that nobody else has first."""


def unknown_in(conditions: Conditions) -> list[Mention]:
    """The people of whom only a name is known."""
    return sorted(one for one in conditions.people if not one.id and one.name != ME)


def known_in(conditions: Conditions, sharers: Mapping[UserId, Names]) -> Conditions:
    """The conditions with ids for names. Raises QueryRejected for nobody's name, or several people's."""
    known = {one: _meant(one.name, sharers) for one in unknown_in(conditions)}
    people = frozenset(replace(one, id=known.get(one, one.id)) for one in conditions.people)
    return replace(conditions, people=people)


def _meant(name: str, sharers: Mapping[UserId, Names]) -> UserId:
    found = _called(name, sharers)
    if not found:
        all_known = len(sharers) < MAX_SHARERS
        who = "shared a file" if all_known else f"is among the {MAX_SHARERS} who last shared files"
        raise QueryRejected(f"Nobody called “{_shown(name)}” {who} that you can see", PICK)
    if len(found) > 1:
        choices = [_introduced(sharers[user]) for user in found[:MAX_CHOICES]]
        others = [f"{len(found) - MAX_CHOICES} others"] if len(found) > MAX_CHOICES else []
        *first, last = [*choices, *others]
        raise QueryRejected(
            f"“{_shown(name)}” may be {', '.join(first)} or {last}",
            f"Ask with the name behind @, as in `from:@{_shown(sharers[found[0]][0])}`.",
        )
    return found[0]


def _called(name: str, sharers: Mapping[UserId, Names]) -> list[UserId]:
    """Who has that very name for himself; else who has that name, else a name with all of its words."""
    asked = _words(name)
    known = {user: [_words(one) for one in names] for user, names in sharers.items() if names}
    for matches in (
        lambda names: names[0] == asked,
        lambda names: asked in names,
        lambda names: any(set(asked) <= set(one) for one in names),
    ):
        if found := [user for user, names in known.items() if matches(names)]:
            return sorted(found, key=lambda user: (sharers[user][-1], user))
    return []


def _words(name: str) -> tuple[str, ...]:
    return tuple(map(fold, words_of(name)))


def _introduced(names: Names) -> str:
    """`Alice Smith (@asmith)`."""
    return f"{_shown(names[-1])} (@{_shown(names[0])})"


def _shown(name: str) -> str:
    """A name in one line, whatever somebody gave himself for one."""
    line = " ".join(name.replace("`", "'").split())
    return line if len(line) <= MAX_SHOWN_CHARS else line[:MAX_SHOWN_CHARS] + "…"
