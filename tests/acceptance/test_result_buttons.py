"""What people press under results, through the unmodified app: with their own access, at that moment."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from support.bot import bot_in, caught_up
from support.pdf import make_pdf
from support.slack import ask, shown, verdict

from bot.app import Running
from bot.documents.tables import SearchLog
from bot.domain import WorkspaceId
from bot.playground.model import Message
from bot.playground.server import Playground

pytestmark = pytest.mark.asyncio(loop_scope="module")
numbers = itertools.count()

HANDBOOK = make_pdf(
    [
        "Replication handbook. " + "The standby replica follows the primary. " * 40,
        "Promote the standby: run pg_promote on host seven. " + "Wait for the lag to be zero. " * 60,
    ]
)
TEXT = {"type": "plain_text", "text": "x"}


@dataclass
class World:
    slack: Playground
    bot: Running
    alice: str
    bob: str
    ops: str
    board: str

    async def press(self, user: str, message: Message, action_id: str, value: str) -> None:
        for block_id, element in elements(message):
            if element["action_id"] == action_id and str(element["value"]).endswith(f":{value}"):
                where = (user, message.channel, message.ts, action_id)
                assert await self.slack.press(*where, block_id=block_id) is None
                return
        raise AssertionError(f"no {action_id} for {value} among {elements(message)}")

    async def pressed(self, user: str, message: Message, action_id: str, value: str) -> Message:
        """Press a button; what it is answered with, for the presser alone."""
        before = len(self.slack.ephemerals(user))
        await self.press(user, message, action_id, value)
        await self.slack.until(lambda: len(self.slack.ephemerals(user)) > before)
        return self.slack.ephemerals(user)[-1]

    async def search_of(self, answer: Message) -> SearchLog:
        """What was noted of a search."""
        async with self.bot.core.database.transaction() as tx:
            found = await tx.searches.get(WorkspaceId(self.slack.workspace.team_id), search_id_of(answer))
        assert found is not None
        return found


def elements(message: Message) -> list[tuple[str, dict[str, Any]]]:
    """What can be pressed, each with the id of its block."""
    return [
        (block.get("block_id", f"b{position}"), element)
        for position, block in enumerate(message.blocks or [])
        for element in [*block.get("elements", []), block.get("accessory")]
        if isinstance(element, dict) and "action_id" in element
    ]


def values(message: Message) -> list[str]:
    return [str(element["value"]) for _, element in elements(message) if "value" in element]


def search_id_of(answer: Message) -> str:
    return values(answer)[0].partition(":")[0]


def action_ids(message: Message) -> list[str]:
    return [element["action_id"] for _, element in elements(message)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Playground, Running]]:
    """One bot for all: each test has people, channels and files of its own."""
    async with Playground.serve() as slack, bot_in(slack, tmp_path_factory.mktemp("data")) as bot:
        yield slack, bot


@pytest_asyncio.fixture(loop_scope="module")
async def world(running: tuple[Playground, Running]) -> World:
    slack, bot = running
    number = next(numbers)
    alice, bob = slack.add_user(f"alice{number}"), slack.add_user(f"bob{number}")
    ops = slack.add_channel(f"ops{number}", members=[alice, bob])
    board = slack.add_channel(f"board{number}", members=[alice], is_private=True)
    return World(slack, bot, alice, bob, ops, board)


async def share(world: World, channel: str, name: str, data: bytes) -> str:
    shared = await world.slack.share(world.alice, channel, name, data)
    await verdict(world.slack, shared.ts)
    return shared.file_id


async def test_a_result_names_only_ids_in_its_buttons(world: World) -> None:
    await share(world, world.ops, "handbook.pdf", HANDBOOK)
    answer = await ask(world.slack, world.alice, world.ops, "/fm search promote the standby")
    assert {"fm_context", "fm_share", "fm_helped", "fm_helped_not"} <= set(action_ids(answer))
    for value in values(answer):
        search_id, _, number = value.partition(":")
        assert len(search_id) == 32
        assert abs(int(number)) < 10


async def test_more_shows_what_comes_next_and_nothing_twice(world: World) -> None:
    for number in range(7):
        await share(world, world.ops, f"note{number}.txt", f"the disk of host {number} is full".encode())
    first = await ask(world.slack, world.alice, world.ops, "/fm search disk full")
    second = await world.pressed(world.alice, first, "fm_more", "5")
    names = [f"note{number}.txt" for number in range(7)]
    assert sum(name in shown(first) for name in names) == 5
    assert sum(name in shown(second) for name in names) == 2
    assert all((name in shown(first)) != (name in shown(second)) for name in names)
    assert "[6] " in shown(second)
    assert "fm_more" not in action_ids(second)


async def test_more_is_right_when_files_came_and_went_meanwhile(world: World) -> None:
    files = [
        await share(world, world.ops, f"note{number}.txt", f"the disk of host {number} is full".encode())
        for number in range(7)
    ]
    first = await ask(world.slack, world.alice, world.ops, "/fm search disk full")
    unseen = next(n for n in range(7) if f"note{n}.txt" not in shown(first))
    seen = next(n for n in range(7) if f"note{n}.txt" in shown(first))
    for number in (unseen, seen):
        await world.slack.delete_file(files[number])
    await caught_up(world.slack, world.bot)
    await share(world, world.ops, "late.txt", b"the disk is full at last")
    second = shown(await world.pressed(world.alice, first, "fm_more", "5"))
    assert "late.txt" in second
    assert f"note{unseen}.txt" not in second
    assert f"note{seen}.txt" not in second


async def test_more_of_files_goes_on_where_the_list_ended(world: World) -> None:
    for number in range(6):
        await share(world, world.ops, f"note{number}.txt", f"number {number}".encode())
    first = await ask(world.slack, world.alice, world.ops, "/fm search type:text")
    second = await world.pressed(world.alice, first, "fm_more", "5")
    assert "note5.txt" in shown(first)
    assert "note0.txt" not in shown(first)
    assert "note0.txt" in shown(second)


async def test_context_shows_what_stands_around_a_passage_on_its_page(world: World) -> None:
    await share(world, world.ops, "handbook.pdf", HANDBOOK)
    answer = await ask(world.slack, world.alice, world.ops, "/fm search pg_promote")
    context = await world.pressed(world.alice, answer, "fm_context", "1")
    text = shown(context)
    assert "pg_promote" in text
    assert ", p. 2" in text
    assert "Replication handbook" not in text
    assert len(text) > len(shown(answer))
    assert text.count("run pg_promote on host seven") == 1


async def test_a_passage_of_a_file_that_changed_is_not_shown_as_it_was(world: World) -> None:
    file = await share(world, world.ops, "plan.txt", b"the old plan says failover at noon")
    answer = await ask(world.slack, world.alice, world.ops, "/fm search plan")
    await world.slack.change_file(file, data=b"the new plan says failover at midnight")
    await caught_up(world.slack, world.bot)
    async with asyncio.timeout(10):
        while "midnight" not in shown(await ask(world.slack, world.bob, world.ops, "/fm search plan")):
            pass
    context = await world.pressed(world.alice, answer, "fm_context", "1")
    assert "has changed since" in shown(context)
    assert "noon" not in shown(context)


async def test_a_passage_is_shared_where_everyone_may_read_it(world: World) -> None:
    await share(world, world.ops, "handbook.pdf", HANDBOOK)
    answer = await ask(world.slack, world.alice, world.ops, "/fm search pg_promote")
    await world.press(world.alice, answer, "fm_share", "1")
    posted = await world.slack.wait_for(lambda m: m.channel == world.ops and "shares a passage" in m.text)
    assert posted.only_for is None
    assert posted.channel == world.ops
    assert f"<@{world.alice}>" in posted.text
    assert "pg_promote" in shown(posted)
    his = await world.pressed(world.bob, posted, "fm_context", "1")
    assert "pg_promote" in shown(his)


async def test_what_was_found_in_a_thread_is_shared_in_the_thread(world: World) -> None:
    await share(world, world.ops, "handbook.pdf", HANDBOOK)
    await share(world, world.ops, "promotion.txt", b"the standby is promoted only by two people")
    bot = world.slack.workspace.bot.id
    ts = await world.slack.say(world.alice, world.ops, f"<@{bot}> what does pg_promote do?")
    answer = await world.slack.wait_for(lambda m: m.thread_ts == ts and "fm_more" in action_ids(m))
    further = await world.pressed(world.bob, answer, "fm_more", "1")
    assert further.thread_ts == ts
    await world.press(world.bob, further, "fm_share", "2")
    posted = await world.slack.wait_for(lambda m: m.channel == world.ops and "shares a passage" in m.text)
    assert (posted.channel, posted.thread_ts, posted.only_for) == (world.ops, ts, None)


async def test_a_passage_is_not_shared_where_somebody_may_not_read_it(world: World) -> None:
    await share(world, world.board, "layoffs.txt", b"the layoffs begin in may")
    answer = await ask(world.slack, world.alice, world.ops, "/fm search layoffs")
    assert "layoffs.txt" in shown(answer)
    told = await world.pressed(world.alice, answer, "fm_share", "1")
    assert "not everyone in this channel may read" in shown(told)
    await world.slack.settled()
    assert not any("layoffs" in shown(m) or "layoffs" in m.text for m in world.slack.messages(world.ops))


async def test_nobody_sees_by_a_button_what_they_may_not_read(world: World) -> None:
    await share(world, world.board, "layoffs.txt", b"the layoffs begin in may")
    await share(world, world.ops, "handbook.pdf", HANDBOOK)
    answer = await ask(world.slack, world.alice, world.ops, "/fm search layoffs begin")
    forged = message_with_buttons(world, search_id_of(answer))
    for action_id, rank in (("fm_context", "1"), ("fm_share", "1"), ("fm_more", "0"), ("fm_helped", "1")):
        his = shown(await world.pressed(world.bob, forged, action_id, rank))
        assert "may" not in his.replace("you may", "")
        assert "layoffs.txt" not in his


def message_with_buttons(world: World, search_id: str) -> Message:
    """A message that bob can see, with the buttons of alice's search, as a public answer would have."""
    buttons = [
        {"type": "button", "action_id": action_id, "value": f"{search_id}:{number}", "text": TEXT}
        for action_id, number in (("fm_context", 1), ("fm_share", 1), ("fm_more", 0), ("fm_helped", 1))
    ]
    bot = world.slack.workspace.bot
    return world.slack.workspace.post(
        Message(
            world.slack.workspace.clock.ts(), world.ops, bot.id, "an answer", bot_id=bot.bot_id,
            blocks=[{"type": "actions", "block_id": "b0", "elements": buttons}],
        )
    )  # fmt: skip  # what it is


async def test_a_channel_that_was_left_shows_nothing_by_an_old_button(world: World) -> None:
    await share(world, world.board, "layoffs.txt", b"the layoffs begin in may")
    answer = await ask(world.slack, world.alice, world.ops, "/fm search layoffs")
    await world.slack.leave(world.alice, world.board)
    await caught_up(world.slack, world.bot)
    for action_id, rank in (("fm_context", "1"), ("fm_share", "1")):
        told = await world.pressed(world.alice, answer, action_id, rank)
        assert "not among those you can see" in shown(told)


async def test_a_button_of_a_search_that_is_not_kept_says_so(world: World) -> None:
    forged = message_with_buttons(world, "0" * 32)
    for action_id, rank in (("fm_context", "1"), ("fm_share", "1"), ("fm_more", "0"), ("fm_helped", "1")):
        told = await world.pressed(world.alice, forged, action_id, rank)
        assert "I don't keep that search any more" in shown(told)


async def test_a_vote_and_a_comment_are_kept_with_what_was_shown(world: World) -> None:
    await share(world, world.ops, "handbook.pdf", HANDBOOK)
    name = world.slack.workspace.channels[world.ops].name
    answer = await ask(world.slack, world.alice, world.ops, f"/fm search in:#{name} pg_promote")
    thanks = await world.pressed(world.alice, answer, "fm_helped_not", "-1")
    assert await world.slack.press(world.alice, world.ops, thanks.ts, "fm_comment") is None
    await world.slack.until(lambda: world.alice in world.slack.workspace.modals)
    assert await world.slack.submit(world.alice, {"comment": "It says nothing of host eight"}) is None
    assert "noted your comment" in str(world.slack.workspace.modals[world.alice]["blocks"])
    search = await world.search_of(answer)
    assert (search.vote, search.comment) == (-1, "It says nothing of host eight")
    assert search.channel_id == world.ops
    assert search.query == f"in:<#{world.ops}|{name}> pg_promote"
    assert search.shown[0]["page"] == 2
    assert search.results == len(search.shown)


async def test_only_whoever_asked_can_rate(world: World) -> None:
    await share(world, world.ops, "handbook.pdf", HANDBOOK)
    answer = await ask(world.slack, world.alice, world.ops, "/fm search pg_promote")
    forged = message_with_buttons(world, search_id_of(answer))
    told = await world.pressed(world.bob, forged, "fm_helped", "1")
    assert "Only whoever asked" in shown(told)
    assert (await world.search_of(answer)).vote is None


async def test_a_form_that_can_not_be_opened_is_told(world: World) -> None:
    await share(world, world.ops, "handbook.pdf", HANDBOOK)
    answer = await ask(world.slack, world.alice, world.ops, "/fm search pg_promote")
    thanks = await world.pressed(world.alice, answer, "fm_helped", "1")
    world.slack.faults.add("views.open", error="expired_trigger_id")
    told = await world.pressed(world.alice, thanks, "fm_comment", "0")
    assert "could not open the form" in shown(told)


async def test_an_answer_for_all_has_buttons_and_each_who_presses_sees_by_their_own_access(
    world: World,
) -> None:
    await share(world, world.ops, "handbook.pdf", HANDBOOK)
    await share(world, world.board, "promotions.txt", b"promote the standby: secretly, says the board")
    bot = world.slack.workspace.bot.id
    ts = await world.slack.say(world.alice, world.ops, f"<@{bot}> how do I promote the standby?")
    answer = await world.slack.wait_for(lambda m: m.thread_ts == ts and "fm_feedback" in action_ids(m))
    assert answer.only_for is None
    assert "secretly" not in shown(answer)
    his_context = await world.pressed(world.bob, answer, "fm_context_1", "1")
    assert his_context.thread_ts == ts
    assert "pg_promote" in shown(his_context)
    hers = shown(await world.pressed(world.alice, answer, "fm_more", "1"))
    his = shown(await world.pressed(world.bob, answer, "fm_more", "1"))
    assert "promotions.txt" in hers
    assert "promotions.txt" not in his


async def test_an_answer_is_rated_with_slacks_feedback_buttons(world: World) -> None:
    await share(world, world.ops, "handbook.pdf", HANDBOOK)
    direct = world.slack.direct_channel(world.alice)
    await world.slack.say(world.alice, direct, "how do I promote the standby?")
    answer = await world.slack.wait_for(lambda m: m.channel == direct and "fm_feedback" in action_ids(m))
    value = f"{search_id_of(answer)}:1"
    assert await world.slack.press(world.alice, direct, answer.ts, "fm_feedback", value=value) is None
    await world.slack.wait_for(lambda m: m.channel == direct and "I noted that" in m.text)
    assert (await world.search_of(answer)).vote == 1
