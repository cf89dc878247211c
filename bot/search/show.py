"""Show: a candidate → the passage that people see of it. Pure."""

from __future__ import annotations

from dataclasses import replace

from bot.domain import Candidate, Passage, Query, Readable
from bot.search.snippet import snippet
from bot.search.words import exact_patterns


def passage_of(candidate: Candidate, document: Readable, query: Query) -> Passage:
    """A candidate as it is shown: the stretch that tells best why it was found."""
    text, highlights = _stretch(candidate.text, query)
    return Passage(
        document_id=candidate.document_id,
        title=document.title,
        page=candidate.page,
        text=text,
        highlights=highlights,
        score=candidate.score,
        message=document.message,
        permalink=document.permalink,
        label=candidate.label,
        generation=candidate.generation,
        ordinal=candidate.ordinal,
    )


def _stretch(text: str, query: Query) -> tuple[str, tuple[tuple[int, int], ...]]:
    """A snippet that holds each exact phrase of the text, the whole text where they are far apart."""
    held = [pattern for pattern in exact_patterns(query) if pattern.search(text)]
    for asked in (query, replace(query, text="")):
        shown = snippet(text, asked)
        if all(pattern.search(shown[0]) for pattern in held):
            return shown
    return snippet(text, query, max_chars=len(text))
