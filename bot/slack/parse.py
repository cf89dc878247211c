"""Parse: the text behind `/fm` → a command. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

from bot.domain import Query
from bot.errors import QueryRejected
from bot.search.parse import parse_query

MAX_NAME_CHARS = 300
LINK = re.compile(
    r"(?P<operator>(?<![^\s\"])(?:in|from):)?<(?P<target>[^<>|]*)(?:\|(?P<label>[^<>]*))?>", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Search:
    """`/fm search QUERY`; `typed` is what the query was read from."""

    query: Query
    typed: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class ShowStatus:
    """`/fm status`."""


@dataclass(frozen=True, slots=True)
class Retry:
    """`/fm retry FILE`: by title, name or id."""

    file: str


@dataclass(frozen=True, slots=True)
class Help:
    """`/fm help`, and whatever we don't know: `unknown` is its first word."""

    unknown: str | None = None


Command = Search | ShowStatus | Retry | Help


def parse_command(text: str) -> Command:
    """The command a person typed. Raises QueryRejected for a search without words."""
    word, _, rest = text.strip().partition(" ")
    match word.lower():
        case "search" | "find":
            if not rest.strip():
                raise QueryRejected("There is nothing to search for", "Type `/fm search` and a few words.")
            typed = plain_text(rest)
            return Search(parse_query(typed), typed)
        case "status":
            return ShowStatus()
        case "retry":
            if not rest.strip():
                raise QueryRejected("Which file?", "Type `/fm retry` and its name, as `/fm status` shows it.")
            return Retry(plain_text(rest).strip().strip('"')[:MAX_NAME_CHARS])
        case "" | "help":
            return Help()
        case _:
            return Help(unknown=word[:40])


def plain_text(text: str) -> str:
    """Slack's wire form as a person typed it: `<#C1|ops>` → `#ops`, `&lt;` → `<`.

    With `should_escape`, a private channel comes without its name and is left out. Behind an operator a
    channel or a person stays as it is, for its id: `in:<#C1|ops>`.
    """

    def shown(match: re.Match[str]) -> str:
        target, label, operator = match["target"], match["label"], match["operator"] or ""
        if target.startswith(("#", "@")):
            if operator:
                return match[0]
            return f"{target[0]}{label}" if label else ""
        if target.startswith("!"):
            return operator + (label or "")
        return operator + (label or target)

    return unescape(LINK.sub(shown, text))
