"""Parse: what a person typed → Query. Bounded, whatever is pasted. Pure, but for what day it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from bot.domain import NO_CONDITIONS, Conditions, Mention, Query
from bot.errors import QueryRejected
from bot.search.operators import MENTION, OPERATORS, condition_of
from bot.search.words import normal

MAX_QUERY_CHARS = 1_000
MAX_PHRASES = 8
MAX_OPERATORS = 32
TOKEN = re.compile(
    rf"""(?<![^\s"])(?P<name>{"|".join(OPERATORS)}):(?P<value>"[^"]+"|<[^<>"]+>(?![^\s",;.?!])|[^\s"]+)"""
    r"""|"(?P<phrase>[^"]+)\"""",
    re.IGNORECASE,
)
"""An operator with its value, or an exact phrase; whatever is in a phrase is no operator."""
CURLY_QUOTES = str.maketrans("“”„«»", '"""""')
NOTHING = ("There is nothing to search for", "Type a few words after `/fm search`.")


def parse_query(text: str, today: date | None = None) -> Query:
    """Words, exact "phrases", and operators such as `type:pdf`, in any order.

    `today` is the asker's, else UTC's, for days such as `yesterday`. A word with a colon that is no
    operator of ours is a word. Raises QueryRejected when there is nothing to search for, or for an
    operator's wrong value.
    """
    if len(text) > MAX_QUERY_CHARS:
        raise QueryRejected(
            f"That question has {len(text):,} characters; I read at most {MAX_QUERY_CHARS:,}",
            "Ask with the few words that matter.",
        )
    return read_query(text, today or datetime.now(UTC).date())


def read_query(text: str, today: date) -> Query:
    """As `parse_query`, for text that was bounded before."""
    straight = normal(text).translate(CURLY_QUOTES)
    conditions: list[Conditions] = []
    phrases: list[str] = []

    def taken(match: re.Match[str]) -> str:
        if match["phrase"] is not None:
            phrases.append(" ".join(match["phrase"].split()))
            return match[0]
        found = condition_of(match["name"], match["value"], today)
        if found is None:
            return match[0]
        conditions.append(found)
        return " "

    words = " ".join(TOKEN.sub(taken, straight).replace('"', " ").split())
    asked = _joined(conditions)
    if not any(character.isalnum() for character in words):
        if not asked:
            raise QueryRejected(*NOTHING)
        words, phrases = "", []
    exact = tuple(phrase for phrase in phrases if phrase)
    if len(exact) > MAX_PHRASES:
        raise QueryRejected(f"I take at most {MAX_PHRASES} exact phrases", "Leave some of the quotes out.")
    return Query(words, exact, asked)


def typed(query: Query) -> str:
    """A query as somebody could have typed it: `read_query` reads it as the same one."""
    return " ".join([*_operators(query.conditions), *_quoted(query.text.split(), query.phrases)])


def legible(text: str) -> str:
    """A query as `typed` wrote it for people to read: `in:<#C1|ops>` → `in:#ops`, ids where no name is."""
    return MENTION.sub(lambda match: match["sign"] + (match["name"] or match["id"]), text)


def _joined(conditions: Sequence[Conditions]) -> Conditions:
    """All of them together: more channels, people or types admit more files, more days fewer."""
    if len(conditions) > MAX_OPERATORS:
        raise QueryRejected(f"I take at most {MAX_OPERATORS} operators such as `in:`", "Ask with fewer.")
    since = max((one.since for one in conditions if one.since), default=None)
    before = min((one.before for one in conditions if one.before), default=None)
    if since and before and since >= before:
        raise QueryRejected(
            "No day fulfils all these dates", "`after:` and `before:` don't include the day they name."
        )
    return Conditions(
        channels=NO_CONDITIONS.channels.union(*(one.channels for one in conditions)),
        people=NO_CONDITIONS.people.union(*(one.people for one in conditions)),
        types=NO_CONDITIONS.types.union(*(one.types for one in conditions)),
        since=since,
        before=before,
    )


def _operators(conditions: Conditions) -> Iterator[str]:
    for operator, sign, mentions in (("in", "#", conditions.channels), ("from", "@", conditions.people)):
        for mention in sorted(mentions):
            yield f"{operator}:{_mention(sign, mention)}"
    for type_ in sorted(conditions.types):
        yield f"type:{type_}"
    if conditions.since:
        yield f"after:{conditions.since - timedelta(days=1)}"
    if conditions.before:
        yield f"before:{conditions.before}"


def _mention(sign: str, mention: Mention) -> str:
    if not mention.id:
        return f'"{mention.name}"' if " " in mention.name else mention.name
    return f"<{sign}{mention.id}|{mention.name}>" if mention.name else f"<{sign}{mention.id}>"


def _quoted(words: Sequence[str], phrases: Sequence[str]) -> Iterator[str]:
    """The words, with the phrases among them in quotes again, each where it stands first."""
    at = 0
    for phrase in phrases:
        exact = phrase.split()
        while list(words[at : at + len(exact)]) != exact and at < len(words):
            yield words[at]
            at += 1
        yield f'"{phrase}"'
        at += len(exact)
    yield from words[at:]
