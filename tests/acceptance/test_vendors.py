"""The unmodified bot with Cohere's and Pinecone's keys set, against strict servers of both."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.bot import bot_in
from support.cohere_server import CohereServer
from support.pinecone_server import PineconeServer
from support.slack import ask, shown, verdict
from support.vendor_server import Fault

from bot.errors import SettingError
from bot.playground.server import Playground
from bot.settings import Settings

NOTES = b"the disk is full because old logs are kept for ever\n"


async def test_with_both_keys_a_shared_file_is_kept_at_pinecone_and_found_by_cohere(tmp_path: Path) -> None:
    async with Playground.serve() as slack, CohereServer() as cohere, PineconeServer() as pinecone:
        alice, bob = slack.add_user("alice"), slack.add_user("bob")
        ops = slack.add_channel("ops", members=[alice])
        lobby = slack.add_channel("lobby", members=[bob])
        keys = {
            "co_api_key": cohere.key, "co_api_url": cohere.url,
            "pinecone_api_key": pinecone.key, "pinecone_controller_host": pinecone.url,
        }  # fmt: skip
        async with bot_in(slack, tmp_path, **keys):
            shared = await slack.share(alice, ops, "notes.txt", NOTES)
            assert (await verdict(slack, shared.ts)).text == 'Indexed "notes.txt": 1 page, 1 passage'
            assert "old logs" in shown(await ask(slack, alice, ops, "/fm search why is the disk full"))
            assert "notes.txt" not in shown(await ask(slack, bob, lobby, "/fm search disk full"))
            cohere.fault("/v2/embed", *[Fault(503, "busy")] * 20)
            cohere.fault("/v2/rerank", *[Fault(503, "busy")] * 20)
            answer = shown(await ask(slack, alice, ops, "/fm search disk full"))
        assert "old logs" in answer
        assert "by words only" in answer


async def test_a_key_that_cohere_rejects_is_told_to_whoever_shared_a_file(tmp_path: Path) -> None:
    async with Playground.serve() as slack, CohereServer() as cohere:
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", members=[alice])
        async with bot_in(slack, tmp_path, co_api_key="wrong", co_api_url=cohere.url):
            shared = await slack.share(alice, ops, "notes.txt", NOTES)
            told = await slack.wait_for(lambda m: m.thread_ts == shared.ts and "again soon" in m.text)
    assert "CO_API_KEY" in told.text


def test_a_vendors_address_without_encryption_is_a_wrong_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CO_API_URL", "http://cohere.example.com")
    with pytest.raises(SettingError, match="CO_API_URL"):
        Settings.from_environment()
