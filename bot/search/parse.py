"""Parse: what a person typed → Query. Bounded, whatever is pasted."""

from __future__ import annotations

import re

from bot.domain import Query
from bot.errors import QueryRejected

MAX_QUERY_CHARS = 1_000
MAX_PHRASES = 8
PHRASE = re.compile(r'"([^"]{1,200})"')
CURLY_QUOTES = str.maketrans("“”„«»", '"""""')


def parse_query(text: str) -> Query:
    """Split exact "phrases" from the rest. Raises QueryRejected when there is nothing to search for."""
    if len(text) > MAX_QUERY_CHARS:
        raise QueryRejected(
            f"That question has {len(text):,} characters; I read at most {MAX_QUERY_CHARS:,}",
            "Ask with the few words that matter.",
        )
    straight = text.translate(CURLY_QUOTES)
    phrases = tuple(" ".join(phrase.split()) for phrase in PHRASE.findall(straight))[:MAX_PHRASES]
    words = " ".join(straight.replace('"', " ").split())
    if not any(character.isalnum() for character in words):
        raise QueryRejected("There is nothing to search for", "Type a few words after `/fm search`.")
    return Query(text=words, phrases=tuple(phrase for phrase in phrases if phrase))
