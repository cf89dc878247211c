"""Questions in mentions, threads and direct messages: answered once, with sources, to whom may read them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio
from support.bot import bot_in, caught_up
from support.dialogue import mention, reply_to, said, whisper_to
from support.slack import shown, verdict

from bot.app import Running
from bot.playground.server import Playground
from bot.slack.answering import NOT_HERE, PRIVATELY
from bot.slack.conversations import MUTED

pytestmark = pytest.mark.asyncio(loop_scope="module")

FAILOVER = b"""Database failover

The standby is promoted with pg_promote, after the primary was fenced off.
Promotion takes about forty seconds.
"""
SALARIES = b"The salary band for level seven begins at ninety thousand.\n"


class Office:
    """Alice is in #ops and in the private #people; Bob is in #ops. Each channel has a file."""

    def __init__(self, slack: Playground) -> None:
        self.slack = slack  # the way events come makes no difference here
        self.alice, self.bob = slack.add_user("alice"), slack.add_user("bob")
        self.ops = slack.add_channel("ops", members=[self.alice, self.bob])
        self.people = slack.add_channel("people", members=[self.alice], is_private=True)

    async def fill(self) -> None:
        for channel, name, data in (
            (self.ops, "failover.md", FAILOVER),
            (self.people, "bands.txt", SALARIES),
        ):
            shared = await self.slack.share(self.alice, channel, name, data)
            await verdict(self.slack, shared.ts)

    async def answered_question(self) -> str:
        """Alice asks in #ops how the standby is promoted, and has her answer; the question's ts."""
        asked = await mention(self.slack, self.alice, self.ops, "how is the standby promoted?")
        await reply_to(self.slack, self.ops, asked)
        return asked


class Open(NamedTuple):
    """An office with its files and the bot in it, for all tests that disturb nothing but their threads."""

    slack: Playground
    office: Office
    bot: Running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Open]:
    async with Playground.serve() as slack, bot_in(slack, tmp_path_factory.mktemp("data")) as bot:
        office = Office(slack)
        await office.fill()
        yield Open(slack, office, bot)


@pytest_asyncio.fixture(loop_scope="module")
async def slack() -> AsyncIterator[Playground]:
    """For tests whose bot or Slack fails."""
    async with Playground.serve() as playground:
        yield playground


async def answered(slack: Playground, bot: Running) -> None:
    """Wait until every question has its answer."""
    await caught_up(slack, bot)
    async with asyncio.timeout(15):
        while True:
            async with bot.core.database.transaction() as tx:
                if await tx.conversations.open_count() == 0:
                    return
            await asyncio.sleep(0.01)


async def test_a_mention_is_answered_in_its_thread_with_numbered_sources(opened: Open) -> None:
    slack, office, _ = opened
    asked = await mention(slack, office.alice, office.ops, "how is the standby promoted?")
    answer = shown(await reply_to(slack, office.ops, asked))
    assert "pg_promote" in answer
    assert answer.index("[1]") < answer.index("failover.md, p. 1")


async def test_a_thread_sees_a_sign_of_life_before_the_answer(opened: Open) -> None:
    slack, office, _ = opened
    before = len(slack.calls)
    asked = await office.answered_question()
    await slack.until(lambda: slack.workspace.statuses.get((office.ops, asked)) == "")
    methods = [call.method for call in slack.calls[before:]]
    assert methods.index("assistant.threads.setStatus") < len(methods) - methods[::-1].index(
        "chat.postMessage"
    )


async def test_what_others_in_the_channel_may_not_read_is_shown_to_the_asker_alone(opened: Open) -> None:
    slack, office, _ = opened
    asked = await mention(slack, office.alice, office.ops, "where does the salary band begin?")
    public = shown(await reply_to(slack, office.ops, asked))
    private = await whisper_to(slack, office.alice, asked)
    assert public == f"{NOT_HERE} {PRIVATELY}"
    assert "ninety thousand" in shown(private)
    assert private.thread_ts == asked
    assert not [m for m in slack.ephemerals(office.bob) if m.ts > asked]


async def test_the_channel_is_told_the_same_whether_the_asker_may_read_more_or_not(opened: Open) -> None:
    slack, office, _ = opened
    for asker in (office.alice, office.bob):
        asked = await mention(slack, asker, office.ops, "where does the salary band begin?")
        assert shown(await reply_to(slack, office.ops, asked)) == f"{NOT_HERE} {PRIVATELY}"
        await whisper_to(slack, asker, asked)
    assert "ninety" not in "".join(shown(m) for m in slack.ephemerals(office.bob))
    assert "bands.txt" not in "".join(shown(m) for m in slack.ephemerals(office.bob))


async def test_a_direct_message_is_answered_from_all_that_its_author_may_read(opened: Open) -> None:
    slack, office, _ = opened
    direct = slack.direct_channel(office.alice)
    asked = await slack.say(office.alice, direct, "where does the salary band begin?")
    assert "ninety thousand" in shown(await reply_to(slack, direct, asked))
    theirs = slack.direct_channel(office.bob)
    asked = await slack.say(office.bob, theirs, "where does the salary band begin?")
    refusal = shown(await reply_to(slack, theirs, asked))
    assert "not in the files you can see" in refusal
    assert "bands.txt" not in refusal


async def test_a_follow_up_in_the_thread_needs_no_mention_and_keeps_the_subject(opened: Open) -> None:
    slack, office, _ = opened
    asked = await office.answered_question()
    more = await slack.say(office.alice, office.ops, "and how long does it take?", thread_ts=asked)
    answer = shown(await reply_to(slack, office.ops, more, asked))
    assert "forty seconds" in answer


async def test_talk_in_the_thread_that_is_not_for_the_bot_stays_unanswered(opened: Open) -> None:
    slack, office, bot = opened
    asked = await office.answered_question()
    for talk in ("thanks!", ":tada:", f"<@{office.bob}> what do you think of the standby?", "ok, great"):
        await slack.say(office.alice, office.ops, talk, thread_ts=asked)
    await slack.say(office.bob, office.ops, "the standby was promoted by me", thread_ts=asked)
    await answered(slack, bot)
    assert len(said(slack, office.ops, asked)) == 1


async def test_a_thread_in_which_nobody_asked_is_left_alone(opened: Open) -> None:
    slack, office, bot = opened
    root = await slack.say(office.alice, office.ops, "how is the standby promoted?")
    await slack.say(office.alice, office.ops, "anybody?", thread_ts=root)
    await answered(slack, bot)
    assert not said(slack, office.ops, root)


async def test_a_muted_thread_is_left_alone_until_the_bot_is_asked_back(opened: Open) -> None:
    slack, office, bot = opened
    asked = await office.answered_question()
    muted = await slack.say(office.alice, office.ops, "mute", thread_ts=asked)
    assert shown(await whisper_to(slack, office.alice, muted)).startswith(MUTED.split("`")[0])
    await slack.say(office.alice, office.ops, "how long does promotion take?", thread_ts=asked)
    await answered(slack, bot)
    assert len(said(slack, office.ops, asked)) == 1
    resumed = await slack.say(office.alice, office.ops, "resume", thread_ts=asked)
    await whisper_to(slack, office.alice, resumed)
    more = await slack.say(office.alice, office.ops, "how long does promotion take?", thread_ts=asked)
    assert "forty seconds" in shown(await reply_to(slack, office.ops, more, asked))


async def test_a_question_that_slack_tells_of_several_times_is_answered_once(opened: Open) -> None:
    slack, office, bot = opened
    asked = await office.answered_question()
    [told] = [
        delivery.payload
        for delivery in slack.deliveries
        if (event := delivery.payload.get("event", {})).get("ts") == asked and event["type"] == "app_mention"
    ]
    slack.deliver(told, attempt=1, reason="timeout")
    slack.deliver(told | {"event_id": "EvOTHER"})
    await answered(slack, bot)
    assert len(said(slack, office.ops, asked)) == 1


async def test_an_answer_whose_connection_broke_after_it_was_posted_is_not_posted_again(
    slack: Playground, tmp_path: Path
) -> None:
    office = Office(slack)
    async with bot_in(slack, tmp_path) as bot:
        await office.fill()
        slack.faults.add("chat.postMessage", how="cut")
        asked = await mention(slack, office.alice, office.ops, "how is the standby promoted?")
        await answered(slack, bot)
    assert len(said(slack, office.ops, asked)) == 1


async def test_a_question_that_a_stop_cut_off_is_answered_after_the_next_start(
    slack: Playground, tmp_path: Path
) -> None:
    office = Office(slack)
    async with bot_in(slack, tmp_path):
        await office.fill()
        slack.faults.add("chat.postMessage", how="hang", times=9)
        asked = await mention(slack, office.alice, office.ops, "how is the standby promoted?")
        await slack.until(lambda: "assistant.threads.setStatus" in [call.method for call in slack.calls])
    slack.faults.clear()
    async with bot_in(slack, tmp_path) as bot:
        await answered(slack, bot)
    assert len(said(slack, office.ops, asked)) == 1
    assert "pg_promote" in said(slack, office.ops, asked)[0]


async def test_a_deleted_question_is_not_answered(slack: Playground, tmp_path: Path) -> None:
    office = Office(slack)
    async with bot_in(slack, tmp_path) as bot:
        await office.fill()
        slack.faults.add("assistant.threads.setStatus", how="hang", times=9)
        asked = await mention(slack, office.alice, office.ops, "how is the standby promoted?")
        await slack.until(lambda: "assistant.threads.setStatus" in [call.method for call in slack.calls])
        await slack.delete_message(office.ops, asked)
        await answered(slack, bot)
    assert not said(slack, office.ops, asked)


async def test_a_command_by_mention_is_for_the_asker_alone(opened: Open) -> None:
    slack, office, bot = opened
    asked = await mention(slack, office.alice, office.ops, "status")
    assert "2 indexed" in shown(await whisper_to(slack, office.alice, asked))
    await answered(slack, bot)
    assert not said(slack, office.ops, asked)


async def test_whoever_asked_is_told_when_there_is_no_answer_to_be_had(opened: Open) -> None:
    slack, office, _ = opened
    direct = slack.direct_channel(office.alice)
    asked = await slack.say(office.alice, direct, "x" * 1_200)
    assert "at most 1,000" in shown(await reply_to(slack, direct, asked))


async def test_the_shortcut_on_a_message_answers_it_to_whoever_chose_it(opened: Open) -> None:
    slack, office, _ = opened
    root = await slack.say(office.bob, office.ops, "anybody awake?")
    ts = await slack.say(office.bob, office.ops, "where does the salary band begin?", thread_ts=root)
    for asker, knows in ((office.alice, True), (office.bob, False)):
        assert await slack.shortcut(asker, office.ops, ts, "fm_ask_message") is None
        answer = await whisper_to(slack, asker, ts)
        assert ("ninety thousand" in shown(answer)) is knows
        assert answer.thread_ts == root
