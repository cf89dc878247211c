"""Again: what was found before, looked at once more with the access of whoever looks now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.documents.searches import MORE, Shown
from bot.documents.tables import SearchLog
from bot.domain import Candidate, ChannelId, DocumentId, Passage, Query, Readable, Scope, SearchResult
from bot.errors import QueryRejected
from bot.search.access import Access
from bot.search.context import Context, Surroundings, ordinals_around, surroundings
from bot.search.parse import read_query
from bot.search.pipeline import SearchPipeline
from bot.search.show import passage_of
from bot.search.snippet import snippet

GONE = ("I don't keep that search any more", "Ask again.")
NOT_READABLE = "That file is not among those you can see now"
CHANGED = ("That file has changed since", "Search again to see what it says now.")


@dataclass(frozen=True, slots=True)
class Again:
    """A passage of a former search: as it is shown among results, and in its context."""

    passage: Passage
    context: Context


async def more(
    pipeline: SearchPipeline,
    access: Access,
    search_id: str,
    seen: int,
    *,
    asker: str,
    channel: ChannelId | None,
) -> SearchResult:
    """What comes behind the first `seen` results of a search, as of now. Repeatable.

    It is searched anew, so that a file that came, changed or went meanwhile counts as it is; what was
    seen is known by its chunk. Raises as a search, and QueryRejected when that search is not kept any more.
    """
    former, query = await _former(pipeline, access.scope, search_id)
    shown = [Shown(**one) for one in former.shown[:seen]]
    return await pipeline.search(access, query, asker=asker, surface=MORE, channel=channel, seen=shown)


async def passage_again(pipeline: SearchPipeline, access: Access, search_id: str, rank: int) -> Again:
    """The passage that stood at a rank, from 1, of a search. Repeatable.

    Raises QueryRejected when the search is not kept any more, this access doesn't cover the file, or what
    was shown of it is not what it says now; RetryLater when the index can't be read.
    """
    former, query = await _former(pipeline, access.scope, search_id)
    if not 1 <= rank <= len(former.shown):
        raise QueryRejected(*GONE)
    shown = Shown(**former.shown[rank - 1])
    document_id = DocumentId(shown.document)
    async with pipeline.transaction(reading=True) as tx:
        readable = await tx.documents.readable(access.scope, {document_id})
    if document_id not in readable:
        raise QueryRejected(access.note or NOT_READABLE)
    around = ordinals_around(shown.ordinal)
    chunks = await pipeline.index.read(access.scope, document_id, shown.generation, around)
    found = surroundings(chunks, shown.ordinal)
    if found is None:
        raise QueryRejected(*CHANGED)
    return _again(found, shown, readable[document_id], query)


async def _former(pipeline: SearchPipeline, scope: Scope, search_id: str) -> tuple[SearchLog, Query]:
    async with pipeline.transaction(reading=True) as tx:
        former = await tx.searches.get(scope.workspace, search_id)
    if former is None:
        raise QueryRejected(*GONE)
    return former, read_query(former.query, datetime.now(UTC).date())


def _again(found: Surroundings, shown: Shown, document: Readable, query: Query) -> Again:
    chunk = found.chunk
    candidate = Candidate(
        document.document_id,
        shown.generation,
        chunk.ordinal,
        chunk.page,
        chunk.text,
        score=1.0,
        label=chunk.label,
        heading=chunk.heading,
    )
    passage = passage_of(candidate, document, query)
    text, highlights = snippet(chunk.text, query, max_chars=len(chunk.text))
    whole = replace(passage, text=text, highlights=highlights)
    return Again(passage, Context(whole, found.before, found.after))
