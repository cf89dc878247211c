"""Answers that a chat model writes, from the question in Slack to the message that grew in its thread."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from support.bot import bot_in, caught_up
from support.chat_model import Behaviour, Excerpt
from support.cohere_server import CohereServer
from support.dialogue import mention, reply_to
from support.openai_server import OpenAIServer
from support.slack import shown, verdict

from bot.playground import events
from bot.playground.model import Event
from bot.playground.server import Playground
from bot.slack.stopping import STOPPED_WORDS

LINES = [f"Step {n}: the standby of shard {n} is promoted with pg_promote, then checked." for n in range(8)]
RUNBOOK = "\n\n".join(LINES).encode()
QUESTION = "how is the standby promoted?"


def thorough(_question: str, excerpts: Sequence[Excerpt]) -> str:
    """A model that repeats everything."""
    return " ".join(f"{line.rstrip('.')}. [1]" for line in excerpts[0].text.splitlines() if line)


@pytest.fixture
async def slack() -> AsyncIterator[Playground]:
    async with Playground.serve() as playground:
        yield playground


async def asked(slack: Playground, data_dir: Path, **settings: object) -> str:
    """What stands in the thread in the end."""
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, data_dir, **settings):
        shared = await slack.share(alice, ops, "shards.txt", RUNBOOK)
        await verdict(slack, shared.ts)
        ts = await mention(slack, alice, ops, QUESTION)
        answer = await reply_to(slack, ops, ts)
        await slack.until(lambda: "shards.txt, p. 1" in shown(answer))
        assert len([m for m in slack.messages(ops, ts) if m.user == slack.bot_user]) == 1
    return shown(answer)


def called(slack: Playground, method: str) -> int:
    return sum(call.method == method for call in slack.calls)


async def test_an_answer_by_cohere_grows_in_the_thread_and_ends_with_its_sources(
    slack: Playground, tmp_path: Path
) -> None:
    async with CohereServer() as cohere:
        cohere.behaviour = Behaviour(thorough)
        answer = await asked(slack, tmp_path, co_api_key=cohere.key, co_api_url=cohere.url)
    assert "standby of shard 3 is promoted with pg_promote" in answer
    assert "[1]" in answer
    assert called(slack, "chat.startStream") == 1
    assert called(slack, "chat.appendStream") >= 1
    assert called(slack, "chat.stopStream") == 1


async def test_an_answer_by_any_server_that_speaks_openais_protocol_is_cited_alike(
    slack: Playground, tmp_path: Path
) -> None:
    async with OpenAIServer() as server:
        server.behaviour = Behaviour(thorough)
        answer = await asked(
            slack, tmp_path, chat_url=f"{server.url}/v1", chat_model=server.model, chat_api_key=server.key
        )
    assert "standby of shard 3 is promoted with pg_promote" in answer
    assert "[1]" in answer


async def test_when_the_model_breaks_off_whoever_asked_has_the_passages(
    slack: Playground, tmp_path: Path
) -> None:
    async with CohereServer() as cohere:
        cohere.behaviour = Behaviour(thorough, cut_after=2)
        answer = await asked(slack, tmp_path, co_api_key=cohere.key, co_api_url=cohere.url)
    assert "pg_promote" in answer


async def test_a_limited_stream_loses_no_words(slack: Playground, tmp_path: Path) -> None:
    slack.faults.add("chat.appendStream", error="ratelimited", retry_after=30, times=2)
    async with CohereServer() as cohere:
        cohere.behaviour = Behaviour(thorough)
        answer = await asked(slack, tmp_path, co_api_key=cohere.key, co_api_url=cohere.url)
    assert all(f"shard {n} is promoted" in answer for n in range(8))


async def test_whoever_asked_stops_an_answer_and_what_was_written_stays(
    slack: Playground, tmp_path: Path
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with (
        CohereServer() as cohere,
        bot_in(slack, tmp_path, co_api_key=cohere.key, co_api_url=cohere.url) as bot,
    ):
        cohere.behaviour = Behaviour(thorough, hang_after=90)
        shared = await slack.share(alice, ops, "shards.txt", RUNBOOK)
        await verdict(slack, shared.ts)
        ts = await mention(slack, alice, ops, QUESTION)
        answer = await slack.wait_for(lambda m: m.thread_ts == ts and m.streaming and "shard 2" in m.text)
        await slack.stop_answer(alice, ops, ts)
        await slack.until(lambda: STOPPED_WORDS in shown(answer))
        assert not answer.streaming
        assert "standby of shard 2 is promoted" in shown(answer)
        await slack.until(lambda: slack.workspace.sessions[ops, ts] == "active")
        assert called(slack, "chat.postMessage") == 1  # the file's receipt
        async with bot.core.database.transaction() as tx:
            assert await tx.conversations.open_count() == 0

        before = len(slack.messages(ops, ts))
        slack.deliver(events.envelope(slack.workspace, stop_event(slack, alice, ops, ts)))
        await caught_up(slack, bot)  # nothing of hers is open any more
        assert len(slack.messages(ops, ts)) == before

        cohere.behaviour = Behaviour(thorough, hang_after=0)  # two think, a third waits for its turn
        asked = [await mention(slack, alice, ops, f"{QUESTION} {n}", ts) for n in range(3)]
        await caught_up(slack, bot)
        await slack.until(lambda: slack.workspace.sessions[ops, ts] == "processing")
        await slack.stop_answer(alice, ops, ts)
        await slack.until(lambda: len(slack.messages(ops, ts)) == before + 2 * len(asked))
        said = [shown(m) for m in slack.messages(ops, ts)[before:] if m.user == slack.bot_user]
        assert [words.count(STOPPED_WORDS) for words in said] == [1, 1, 1]


def stop_event(slack: Playground, user: str, channel: str, ts: str) -> Event:
    workspace = slack.workspace
    return events.agent_session_stopped(workspace, workspace.user(user), workspace.channel(channel), ts, [])
