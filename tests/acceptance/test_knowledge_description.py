"""The API keeps to its own description, whatever it is sent."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from support.bot import bot_in
from support.knowledge import clients, make_key

from bot.playground.server import Playground
from bot.web.api.operations import OPERATIONS

EXAMPLES = 4
"""Of each operation and kind; more are played by whoever changes the API."""
BEYOND_A_SCHEMA = {"query_rejected", "unknown_type", "not_indexed", "empty"}
"""What may be wrong with what is well-formed."""
BOUNDED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def play(url: str, description: dict[str, Any], key: str) -> set[tuple[str, int]]:
    """Send what fits the description and what doesn't; which operations answered with which status."""
    schema = schemathesis.openapi.from_dict(description)
    schema.config.update(base_url=f"{url}/v1", headers={"Authorization": f"Bearer {key}"})
    schema.config.checks.positive_data_acceptance.expected_statuses += ["422"]
    schema.validate()
    seen: set[tuple[str, int]] = set()
    for found in schema.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]  # the description is well-formed
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            seen |= conform(operation, mode)
    return seen


def conform(operation: APIOperation, mode: GenerationMode) -> set[tuple[str, int]]:
    """Check the answers of one operation; its name and their statuses."""
    seen: set[tuple[str, int]] = set()

    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode))
    def conforms(case: Case) -> None:
        response = case.call_and_validate()
        if mode is GenerationMode.POSITIVE and response.status_code == 422:
            assert response.json()["code"] in BEYOND_A_SCHEMA
        seen.add((operation.definition.raw["operationId"], response.status_code))

    with suppress(Unsatisfiable):  # where nothing can be sent, nothing can be wrong
        conforms()
    return seen


async def test_whatever_is_sent_is_answered_as_described(tmp_path: Path) -> None:
    async with (
        Playground.serve() as slack,
        bot_in(slack, tmp_path, api_requests_per_minute=100_000) as bot,
        clients(bot, await make_key(bot, "s")) as [api],
        aiohttp.ClientSession(bot.url) as nobody,
        nobody.get("/v1/openapi.json") as response,
    ):
        description = await response.json()
        await api.upload("s", "a.txt", b"The quota is 0.")
        seen = await asyncio.to_thread(play, bot.url, description, api.key)
    assert {name for name, _ in seen} == {operation.name for operation in OPERATIONS}
    assert {status for _, status in seen} >= {200, 404, 422}
    assert not [status for _, status in seen if status >= 500]
