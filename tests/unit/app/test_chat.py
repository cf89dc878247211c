"""Which chat model writes answers, by the settings."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

import pytest
from support.openai_server import OpenAIServer

from bot.app.chat import open_chat
from bot.app.providers import probe_vendors
from bot.errors import SettingError
from bot.providers.cohere.chat import CohereChat
from bot.providers.openai.chat import OpenAIChat
from bot.settings import Settings

SERVER = {"chat_url": "http://localhost:11434/v1", "chat_model": "llama"}
COHERE = {"co_api_key": "co-key"}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({}, type(None)),
        (COHERE, CohereChat),
        (COHERE | {"co_chat_model": "command-a-03-2025"}, CohereChat),
        (COHERE | {"co_chat_model": "off"}, type(None)),
        (SERVER, OpenAIChat),
        (COHERE | SERVER, OpenAIChat),
    ],
)
async def test_the_server_that_is_set_writes_else_cohere_with_its_key(
    values: dict[str, Any], kind: type
) -> None:
    async with AsyncExitStack() as stack:
        assert type(open_chat(Settings(**values), stack)) is kind


async def test_a_server_without_a_model_is_a_setting_to_correct() -> None:
    async with AsyncExitStack() as stack:
        with pytest.raises(SettingError) as wrong:
            open_chat(Settings(chat_url=SERVER["chat_url"]), stack)

    assert wrong.value.name == "FM_CHAT_MODEL"


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://chat.example/v1", True),
        ("http://127.0.0.1:8000/v1", True),
        ("http://ollama:11434/v1", True),
        ("http://host.docker.internal:11434/v1", True),
        ("http://10.0.0.7/v1", True),
        ("http://chat.example/v1", False),
        ("http://8.8.8.8/v1", False),
        ("ftp://localhost/v1", False),
    ],
)
def test_texts_go_without_encryption_through_ones_own_network_alone(
    monkeypatch: pytest.MonkeyPatch, url: str, allowed: bool
) -> None:
    monkeypatch.setenv("FM_CHAT_URL", url)
    if allowed:
        assert Settings.from_environment().chat_url == url
        return
    with pytest.raises(SettingError) as wrong:
        Settings.from_environment()
    assert wrong.value.name == "FM_CHAT_URL"
    assert url not in str(wrong.value)


async def test_the_doctor_hears_whether_it_answers() -> None:
    async with OpenAIServer(key=None) as server:
        found = [
            await probe_vendors(Settings(chat_url=f"{server.url}/v1", chat_model=model))
            for model in (server.model, "gone")
        ]

    assert found[0] == {"chat model": None}
    assert "FM_CHAT_MODEL" in str(found[1]["chat model"])
