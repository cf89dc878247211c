"""Questions in mentions, threads and direct messages: answered once, with sources, to whom may read them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.bot import bot_in, caught_up
from support.dialogue import mention, reply_to, said, whisper_to
from support.slack import shown, verdict

from bot.app import Running
from bot.playground.server import Playground
from bot.slack.answering import NOT_HERE, PRIVATELY
from bot.slack.conversations import MUTED

FAILOVER = b"""Database failover

The standby is promoted with pg_promote, after the primary was fenced off.
Promotion takes about forty seconds.
"""
SALARIES = b"The salary band for level seven begins at ninety thousand.\n"


class Office:
    """Alice is in #ops and in the private #people; Bob is in #ops. Each channel has a file."""

    def __init__(self, slack: Playground) -> None:
        self.slack = slack
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


@pytest.fixture
async def slack() -> AsyncIterator[Playground]:
    """The way events come makes no difference here."""
    async with Playground.serve() as playground:
        yield playground


@pytest.fixture
async def office(slack: Playground) -> Office:
    return Office(slack)


async def answered(slack: Playground, bot: Running) -> None:
    """Wait until every question has its answer."""
    await caught_up(slack, bot)
    async with asyncio.timeout(15):
        while True:
            async with bot.core.database.transaction() as tx:
                if await tx.conversations.open_count() == 0:
                    return
            await asyncio.sleep(0.01)


async def test_a_mention_is_answered_in_its_thread_with_numbered_sources(
    slack: Playground, office: Office, tmp_path: Path
) -> None:
    async with bot_in(slack, tmp_path):
        await office.fill()
        asked = await mention(slack, office.alice, office.ops, "how is the standby promoted?")
        answer = shown(await reply_to(slack, office.ops, asked))
    assert "pg_promote" in answer
    assert answer.index("[1]") < answer.index("failover.md, p. 1")


async def test_a_thread_sees_a_sign_of_life_before_the_answer(
    slack: Playground, office: Office, tmp_path: Path
) -> None:
    async with bot_in(slack, tmp_path):
        await office.fill()
        asked = await office.answered_question()
        await slack.until(lambda: slack.workspace.statuses.get((office.ops, asked)) == "")
    methods = [call.method for call in slack.calls]
    assert methods.index("assistant.threads.setStatus") < len(methods) - methods[::-1].index(
        "chat.postMessage"
    )


async def test_what_others_in_the_channel_may_not_read_is_shown_to_the_asker_alone(
    slack: Playground, office: Office, tmp_path: Path
) -> None:
    async with bot_in(slack, tmp_path):
        await office.fill()
        asked = await mention(slack, office.alice, office.ops, "where does the salary band begin?")
        public = shown(await reply_to(slack, office.ops, asked))
        private = await whisper_to(slack, office.alice, asked)
    assert public == f"{NOT_HERE} {PRIVATELY}"
    assert "ninety thousand" in shown(private)
    assert private.thread_ts == asked
    assert not slack.ephemerals(office.bob)


async def test_the_channel_is_told_the_same_whether_the_asker_may_read_more_or_not(
    slack: Playground, office: Office, tmp_path: Path
) -> None:
    async with bot_in(slack, tmp_path):
        await office.fill()
        for asker in (office.alice, office.bob):
            asked = await mention(slack, asker, office.ops, "where does the salary band begin?")
            assert shown(await reply_to(slack, office.ops, asked)) == f"{NOT_HERE} {PRIVATELY}"
            await whisper_to(slack, asker, asked)
    assert "ninety" not in "".join(shown(m) for m in slack.ephemerals(office.bob))
    assert "bands.txt" not in "".join(shown(m) for m in slack.ephemerals(office.bob))


async def test_a_direct_message_is_answered_from_all_that_its_author_may_read(
    slack: Playground, office: Office, tmp_path: Path
) -> None:
    direct = slack.direct_channel(office.alice)
    async with bot_in(slack, tmp_path):
        await office.fill()
        asked = await slack.say(office.alice, direct, "where does the salary band begin?")
        assert "ninety thousand" in shown(await reply_to(slack, direct, asked))
        theirs = slack.direct_channel(office.bob)
        asked = await slack.say(office.bob, theirs, "where does the salary band begin?")
        refusal = shown(await reply_to(slack, theirs, asked))
    assert "not in the files you can see" in refusal
    assert "bands.txt" not in refusal


async def test_a_follow_up_in_the_thread_needs_no_mention_and_keeps_the_subject(
    slack: Playground, office: Office, tmp_path: Path
) -> None:
    async with bot_in(slack, tmp_path):
        await office.fill()
        asked = await office.answered_question()
        more = await slack.say(office.alice, office.ops, "and how long does it take?", thread_ts=asked)
        answer = shown(await reply_to(slack, office.ops, more, asked))
    assert "forty seconds" in answer


async def test_talk_in_the_thread_that_is_not_for_the_bot_stays_unanswered(
    slack: Playground, office: Office, tmp_path: Path
) -> None:
    async with bot_in(slack, tmp_path) as bot:
        await office.fill()
        asked = await office.answered_question()
        for talk in ("thanks!", ":tada:", f"<@{office.bob}> what do you think of the standby?", "ok, great"):
            await slack.say(office.alice, office.ops, talk, thread_ts=asked)
        await slack.say(office.bob, office.ops, "the standby was promoted by me", thread_ts=asked)
        await answered(slack, bot)
    assert len(said(slack, office.ops, asked)) == 1


async def test_a_thread_in_which_nobody_asked_is_left_alone(
    slack: Playground, office: Office, tmp_path: Path
) -> None:
    async with bot_in(slack, tmp_path) as bot:
        await office.fill()
        root = await slack.say(office.alice, office.ops, "how is the standby promoted?")
        await slack.say(office.alice, office.ops, "anybody?", thread_ts=root)
        await answered(slack, bot)
    assert not said(slack, office.ops, root)


async def test_a_muted_thread_is_left_alone_until_the_bot_is_asked_back(
    slack: Playground, office: Office, tmp_path: Path
) -> None:
    async with bot_in(slack, tmp_path) as bot:
        await office.fill()
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


async def test_a_question_that_slack_tells_of_several_times_is_answered_once(
    slack: Playground, office: Office, tmp_path: Path
) -> None:
    async with bot_in(slack, tmp_path) as bot:
        await office.fill()
        asked = await office.answered_question()
        for delivery in [d for d in slack.deliveries if d.payload["event"]["type"] == "app_mention"]:
            slack.deliver(delivery.payload, attempt=1, reason="timeout")
            slack.deliver(delivery.payload | {"event_id": "EvOTHER"})
        await answered(slack, bot)
    assert len(said(slack, office.ops, asked)) == 1


async def test_an_answer_whose_connection_broke_after_it_was_posted_is_not_posted_again(
    slack: Playground, office: Office, tmp_path: Path
) -> None:
    async with bot_in(slack, tmp_path) as bot:
        await office.fill()
        slack.faults.add("chat.postMessage", how="cut")
        asked = await mention(slack, office.alice, office.ops, "how is the standby promoted?")
        await answered(slack, bot)
    assert len(said(slack, office.ops, asked)) == 1


async def test_a_question_that_a_stop_cut_off_is_answered_after_the_next_start(
    slack: Playground, office: Office, tmp_path: Path
) -> None:
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


async def test_a_deleted_question_is_not_answered(slack: Playground, office: Office, tmp_path: Path) -> None:
    async with bot_in(slack, tmp_path) as bot:
        await office.fill()
        slack.faults.add("assistant.threads.setStatus", how="hang", times=9)
        asked = await mention(slack, office.alice, office.ops, "how is the standby promoted?")
        await slack.until(lambda: "assistant.threads.setStatus" in [call.method for call in slack.calls])
        await slack.delete_message(office.ops, asked)
        await answered(slack, bot)
    assert not said(slack, office.ops, asked)


async def test_a_command_by_mention_is_for_the_asker_alone(
    slack: Playground, office: Office, tmp_path: Path
) -> None:
    async with bot_in(slack, tmp_path) as bot:
        await office.fill()
        asked = await mention(slack, office.alice, office.ops, "status")
        assert "2 indexed" in shown(await whisper_to(slack, office.alice, asked))
        await answered(slack, bot)
    assert not said(slack, office.ops, asked)


async def test_whoever_asked_is_told_when_there_is_no_answer_to_be_had(
    slack: Playground, office: Office, tmp_path: Path
) -> None:
    direct = slack.direct_channel(office.alice)
    async with bot_in(slack, tmp_path):
        asked = await slack.say(office.alice, direct, "x" * 1_200)
        assert "at most 1,000" in shown(await reply_to(slack, direct, asked))


async def test_the_shortcut_on_a_message_answers_it_to_whoever_chose_it(
    slack: Playground, office: Office, tmp_path: Path
) -> None:
    async with bot_in(slack, tmp_path):
        await office.fill()
        root = await slack.say(office.bob, office.ops, "anybody awake?")
        ts = await slack.say(office.bob, office.ops, "where does the salary band begin?", thread_ts=root)
        for asker, knows in ((office.alice, True), (office.bob, False)):
            assert await slack.shortcut(asker, office.ops, ts, "fm_ask_message") is None
            answer = await whisper_to(slack, asker, ts)
            assert ("ninety thousand" in shown(answer)) is knows
            assert answer.thread_ts == root
