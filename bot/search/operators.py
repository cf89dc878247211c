"""Operators: `in:`, `from:`, `type:`, `before:` and the like → the condition that one of them makes. Pure."""

from __future__ import annotations

import re
from datetime import date

from bot.domain import Conditions, Mention
from bot.errors import QueryRejected
from bot.search.dates import EARLIEST, LATEST, days_of
from bot.search.kinds import type_of

OPERATORS = ("in", "from", "type", "before", "after", "on", "during")
MENTION = re.compile(r"<(?P<sign>[#@])(?P<id>[A-Z0-9]{1,30})(?:\|(?P<name>[^<>|]{0,100}))?>")
CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{8,30}")
MAX_NAME_CHARS = 80
CHANNEL_NAME = re.compile(r"[\w.-]{1,100}")
USER_ID = re.compile(r"[UW][A-Z0-9]{8,30}")
ME = "me"
AROUND_NAMES = "@ ,;.?!"
MAX_SHOWN_CHARS = 40
LITERALLY = "In quotes it is searched for as it stands."


def condition_of(operator: str, value: str, today: date) -> Conditions | None:
    """The condition that `operator:value` makes; None when the value is only punctuation.

    Raises QueryRejected for a value that the operator doesn't take.
    """
    name = operator.lower()
    plain = " ".join(value.strip('"').split()).rstrip(",;.?!")
    if not any(character.isalnum() for character in plain):
        return None
    match name:
        case "in":
            return Conditions(channels=frozenset({_channel(plain)}))
        case "from":
            return Conditions(people=frozenset({_person(plain)}))
        case "type":
            return Conditions(types=frozenset({_type(plain)}))
    first, after = _days(name, plain, today)
    since = {"after": after, "on": first, "during": first}.get(name)
    before = {"before": first, "on": after, "during": after}.get(name)
    return Conditions(
        since=since if since and since > EARLIEST else None,
        before=before if before and before < LATEST else None,
    )


def _channel(value: str) -> Mention:
    found = MENTION.fullmatch(value)
    if found and found["sign"] == "#":
        return Mention(found["id"], (found["name"] or "").lower())
    if CHANNEL_ID.fullmatch(value):
        return Mention(value)
    name = value.removeprefix("#").lower()
    if found or not CHANNEL_NAME.fullmatch(name):
        raise _rejected("in", value, "takes a channel, as in `in:#general`")
    return Mention(name=name)


def _person(value: str) -> Mention:
    found = MENTION.fullmatch(value)
    if found and found["sign"] == "@":
        return Mention(found["id"], (found["name"] or "").lower())
    if USER_ID.fullmatch(value):
        return Mention(value)
    name = value.lower().strip(AROUND_NAMES)
    if not name or len(name) > MAX_NAME_CHARS or set("<>|") & set(name):
        raise _rejected("from", value, "takes a person, as in `from:@alice` or `from:me`")
    return Mention(name=name)


def _type(value: str) -> str:
    found = type_of(value)
    if found is None:
        raise _rejected("type", value, "takes a type of files, as in `type:pdf`, `type:word`, `type:slides`")
    return found


def _days(operator: str, value: str, today: date) -> tuple[date, date]:
    found = days_of(value, today)
    if found is None:
        examples = ("march", "2026-03") if operator == "during" else ("2026-03-31", "yesterday")
        shown = " or ".join(f"`{operator}:{example}`" for example in examples)
        raise _rejected(operator, value, f"takes days, as in {shown}")
    return found


def _rejected(operator: str, value: str, takes: str) -> QueryRejected:
    shown = value if len(value) <= MAX_SHOWN_CHARS else value[:MAX_SHOWN_CHARS] + "…"
    return QueryRejected(f"`{operator}:` {takes}; “{shown}” is none", LITERALLY)
