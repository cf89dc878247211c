"""Cohere's chat keeps the contract, on a double of its API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from support.chat_model import Behaviour
from support.cohere_server import CohereServer

from bot.domain import ChatCitation
from bot.errors import ProviderUnavailable
from bot.providers.cohere.chat import CohereChat
from bot.providers.cohere.client import CohereClient
from bot.providers.streams import Patience
from contracts.chat_provider import BRIEF, ChatProviderContract, Open, heard, saying

THOUGHT = '{"start": 0, "end": 3, "type": "THINKING_CONTENT", "sources": []}'


class TestCohereChat(ChatProviderContract):
    path = "/v2/chat"

    @pytest.fixture
    async def server(self) -> AsyncIterator[CohereServer]:
        async with CohereServer() as server:
            yield server

    @pytest.fixture
    def open_chat(self, server: CohereServer) -> Open:
        @asynccontextmanager
        async def opened(patience: Patience) -> AsyncIterator[CohereChat]:
            async with CohereClient("co-test-key", server.url) as client:
                yield CohereChat(client, patience=patience)

        return opened

    @pytest.mark.parametrize("late", [False, True])
    async def test_citations_are_spans_of_the_text_with_our_numbers(
        self, server: CohereServer, open_chat: Open, late: bool
    ) -> None:
        server.behaviour = Behaviour(saying("Kept 35 days. [1][2]\nThe soup is good. [2]"), late=late)
        async with open_chat(BRIEF) as chat:
            text, citations = await heard(chat)

        assert text == "Kept 35 days.\nThe soup is good."
        assert citations == [ChatCitation(0, 13, (1, 2)), ChatCitation(14, len(text), (2,))]

    @pytest.mark.parametrize("finish", ["ERROR", "TIMEOUT", "TOOL_CALL", "WHATEVER"])
    async def test_an_end_that_cohere_did_not_want_is_a_failure(
        self, server: CohereServer, open_chat: Open, finish: str
    ) -> None:
        server.behaviour = Behaviour(saying("One two."), finish=finish)
        async with open_chat(BRIEF) as chat:
            with pytest.raises(ProviderUnavailable):
                await heard(chat)

    async def test_events_that_mean_nothing_are_passed_over(
        self, server: CohereServer, open_chat: Open
    ) -> None:
        odd = (
            'data: {"type": "content-delta", "delta": {"message": {"content": {"thinking": "hm"}}}}',
            'data: {"type": "content-delta", "delta": null}',
            'data: {"type": "citation-start", "delta": {"message": {"citations": {"start": "x"}}}}',
            f'data: {{"type": "citation-start", "delta": {{"message": {{"citations": {THOUGHT}}}}}}}',
            'data: {"type": "something-new", "delta": {"message": 7}}',
            "event: ping",
        )
        server.behaviour = Behaviour(saying("Kept 35 days. [1]"), raw=odd)
        async with open_chat(BRIEF) as chat:
            text, citations = await heard(chat)

        assert text == "Kept 35 days."
        assert [one.numbers for one in citations] == [(1,)]
