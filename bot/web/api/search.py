"""Search and figures by the API, in the spaces that the key reads."""

from __future__ import annotations

from aiohttp import web

from bot.search.parse import parse_query
from bot.web.api.calls import Call, answer
from bot.web.api.models import SearchQuery, SearchRequest
from bot.web.api.views import search_answer, stats_of

SURFACE = "api"


async def search_by_body(call: Call) -> web.Response:
    """What was sent as JSON."""
    return await _search(call, await call.body_as(SearchRequest))


async def search_by_address(call: Call) -> web.Response:
    """What stands in the address."""
    return await _search(call, call.query_as(SearchQuery))


async def get_stats(call: Call) -> web.Response:
    """How much there is."""
    async with call.services.transaction(reading=True) as tx:
        return answer(stats_of(call.key, await tx.documents.totals(call.access.scope)))


async def _search(call: Call, asked: SearchRequest) -> web.Response:
    query = parse_query(asked.query, call.access.today())
    result = await call.services.search.search(
        call.access, query, asker=call.key.id, surface=SURFACE, limit=asked.limit
    )
    return answer(search_answer(result, asked.query, call.key.spaces))
