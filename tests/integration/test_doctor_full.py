"""`fm doctor --full`: each fault with its fix, against strict servers of Slack, Cohere and Pinecone."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from support.bot import bot_in
from support.cohere_server import CohereServer
from support.pinecone_server import PineconeServer

from bot.app.core import open_database
from bot.app.providers import probe_vendors
from bot.doctor import Finding, Verdict
from bot.doctor.clock import clock
from bot.doctor.database import soundness
from bot.doctor.delivery import delivery
from bot.playground.server import Playground
from bot.settings import Settings


@pytest.fixture(autouse=True)
def _logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def settings_of(slack: Playground, folder: Path, **more: object) -> Settings:
    tokens = {"slack_bot_token": slack.bot_token, "slack_api_url": slack.api_url, "data_dir": folder}
    return Settings(**(tokens | more))


async def test_events_over_socket_mode_are_tried_by_a_connection_that_slack_greets(tmp_path: Path) -> None:
    async with Playground.serve() as slack:
        settings = settings_of(slack, tmp_path, slack_app_token=slack.app_token)
        found = await delivery(settings)
        assert (found.verdict, found.found) == (Verdict.FINE, "Slack says hello over Socket Mode")
        async with bot_in(slack, tmp_path):
            assert (await delivery(settings)).found.endswith("1 other connection of this app")
        slack.faults.reject_tickets(1)
        assert_problem(await delivery(settings), "no hello", "Socket Mode")
        slack.faults.add("apps.connections.open", error="ratelimited", retry_after=1)
        assert (await delivery(settings)).verdict is Verdict.PROBLEM


async def test_events_over_http_are_tried_by_signed_requests(tmp_path: Path) -> None:
    async with Playground.serve(delivery="http") as slack:
        settings = settings_of(slack, tmp_path, slack_signing_secret=slack.signing_secret)
        async with bot_in(slack, tmp_path) as bot:
            ours = settings.model_copy(update={"port": bot.port})
            assert (await delivery(ours)).verdict is Verdict.FINE
            other = settings_of(slack, tmp_path, slack_signing_secret="another", port=bot.port)
            assert_problem(await delivery(other), "another signing secret", "signing secret")
        stopped = await delivery(ours)
        assert (stopped.verdict, "nobody answers" in stopped.found) == (Verdict.NOTE, True)
        assert stopped.fix


@pytest.mark.parametrize(
    ("off_s", "verdict"), [(1, Verdict.FINE), (90, Verdict.WARNING), (400, Verdict.PROBLEM)]
)
def test_a_clock_that_is_off_is_told_before_slack_refuses_requests(off_s: float, verdict: Verdict) -> None:
    found = clock(off_s)
    assert found.verdict is verdict
    assert bool(found.fix) is (verdict is not Verdict.FINE)


async def test_a_damaged_database_is_noticed_with_what_to_do(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert (await soundness(settings)).verdict is Verdict.NOTE
    async with open_database(settings):
        pass
    assert (await soundness(settings)).found.startswith("sound, schema ")
    database = tmp_path / "faultmaven.db"
    whole = database.read_bytes()
    database.write_bytes(whole[: len(whole) // 2] + b"\xff" * (len(whole) - len(whole) // 2))
    found = await soundness(settings)
    assert found.verdict is Verdict.PROBLEM
    assert found.fix


async def test_what_vendors_refuse_is_shown_with_its_fix(tmp_path: Path) -> None:
    async with CohereServer() as cohere, PineconeServer() as pinecone:
        keys = {
            "data_dir": tmp_path,
            "co_api_key": cohere.key,
            "co_api_url": cohere.url,
            "pinecone_api_key": pinecone.key,
            "pinecone_controller_host": pinecone.url,
        }
        assert set((await probe_vendors(Settings(**keys))).values()) == {None}
        wrong = {"co_api_key": "wrong", "pinecone_api_key": "wrong"}
        for vendor, fault in (await probe_vendors(Settings(**(keys | wrong)))).items():
            assert fault
            variable = "PINECONE_API_KEY" if vendor == "pinecone" else "CO_API_KEY"
            assert variable in fault.public_message + fault.advice
        pinecone.add_index("faultmaven")  # a classic one, without our fields
        other = (await probe_vendors(Settings(**keys)))["pinecone"]
        assert other
        assert other.advice


def assert_problem(finding: Finding, found: str, fix: str) -> None:
    assert finding.verdict is Verdict.PROBLEM
    assert found in finding.found
    assert fix in finding.fix
