"""A server that speaks OpenAI's chat completions keeps the contract, on a double of one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from support.chat_model import Behaviour
from support.openai_server import OpenAIServer

from bot.errors import ProviderUnavailable, SettingError
from bot.providers.openai.chat import OpenAIChat
from bot.providers.streams import Patience
from contracts.chat_provider import BRIEF, ChatProviderContract, Open, heard, saying


class TestOpenAIChat(ChatProviderContract):
    path = "/chat/completions"

    @pytest.fixture
    async def server(self) -> AsyncIterator[OpenAIServer]:
        async with OpenAIServer() as server:
            yield server

    @pytest.fixture
    def open_chat(self, server: OpenAIServer) -> Open:
        @asynccontextmanager
        async def opened(patience: Patience) -> AsyncIterator[OpenAIChat]:
            url = f"{server.url}/v1"
            async with OpenAIChat(url, "llama-test", "chat-test-key", patience=patience) as chat:
                yield chat

        return opened

    async def test_a_local_server_needs_no_key(self) -> None:
        async with OpenAIServer(key=None) as server, OpenAIChat(f"{server.url}/v1", "llama-test") as chat:
            assert (await heard(chat))[0]

    async def test_a_model_that_is_not_there_is_a_setting_to_correct(self, server: OpenAIServer) -> None:
        async with OpenAIChat(f"{server.url}/v1", "gone", server.key, patience=BRIEF) as chat:
            with pytest.raises(SettingError) as refused:
                await heard(chat)

        assert refused.value.name == "FM_CHAT_MODEL"

    @pytest.mark.parametrize(
        ("said", "shown"),
        [
            ("<think>They ask for days. 35?</think>\n\nKept 35 days.", "Kept 35 days."),
            ("<thinking>\nlong\n" + "hm " * 200 + "</thinking>Kept.", "Kept."),
            ("<thin line is what it is", "<thin line is what it is"),
            ("<", "<"),
            ("  Kept.", "  Kept."),
        ],
    )
    async def test_what_a_model_thinks_aloud_is_not_part_of_its_reply(
        self, server: OpenAIServer, open_chat: Open, said: str, shown: str
    ) -> None:
        server.behaviour = Behaviour(saying(said))
        async with open_chat(BRIEF) as chat:
            text, _ = await heard(chat)

        assert text.lstrip() == shown.lstrip()

    async def test_a_model_that_only_thinks_says_nothing(self, server: OpenAIServer, open_chat: Open) -> None:
        server.behaviour = Behaviour(saying("<think>hm, hm"))
        async with open_chat(BRIEF) as chat:
            with pytest.raises(ProviderUnavailable):
                await heard(chat)

    async def test_an_error_among_the_events_is_a_failure(
        self, server: OpenAIServer, open_chat: Open
    ) -> None:
        server.behaviour = Behaviour(raw=('data: {"error": {"message": "out of memory"}}',))
        async with open_chat(BRIEF) as chat:
            with pytest.raises(ProviderUnavailable):
                await heard(chat)
