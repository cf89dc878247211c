"""What people type behind `/fm search`, through the unmodified app."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from support.bot import bot_in, caught_up
from support.cohere_server import CohereServer
from support.pdf import make_pdf
from support.pinecone_server import PineconeServer
from support.slack import ask, shown, verdict

from bot.app import Running
from bot.playground.server import Playground

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class World:
    slack: Playground
    bot: Running
    alice: str
    bob: str
    ops: str
    infra: str
    board: str

    async def find(self, query: str, user: str | None = None, channel: str | None = None) -> str:
        answer = await ask(self.slack, user or self.alice, channel or self.ops, f"/fm search {query}")
        return shown(answer)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["embedded", "vendors"])
async def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """Files about a disk, in three channels, by two people; once on each kind of index.

    Tests only ask there, or bring people and files of their own, about something else.
    """
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(Playground.serve())
        keys: dict[str, Any] = {}
        if request.param == "vendors":
            cohere = await stack.enter_async_context(CohereServer())
            pinecone = await stack.enter_async_context(PineconeServer())
            keys = {
                "co_api_key": cohere.key, "co_api_url": cohere.url,
                "pinecone_api_key": pinecone.key, "pinecone_controller_host": pinecone.url,
            }  # fmt: skip  # pairs
        alice, bob = slack.add_user("alice"), slack.add_user("bob")
        ops = slack.add_channel("ops", members=[alice, bob])
        infra = slack.add_channel("infra", members=[alice, bob])
        board = slack.add_channel("board", members=[alice], is_private=True)
        bot = await stack.enter_async_context(bot_in(slack, tmp_path_factory.mktemp("data"), **keys))
        for person, channel, name, data in (
            (alice, ops, "disk-guide.pdf", make_pdf(["The disk is full when the queue grows."])),
            (bob, ops, "disk-notes.txt", b"the disk of host seven, it is full"),
            (bob, infra, "disk-table.csv", b"host,disk\nseven,full\n"),
            (alice, board, "disk-budget.txt", b"the disk budget of the board is full"),
        ):
            shared = await slack.share(person, channel, name, data)
            await verdict(slack, shared.ts)
        yield World(slack, bot, alice, bob, ops, infra, board)


def named(text: str) -> set[str]:
    files = ("disk-guide.pdf", "disk-notes.txt", "disk-table.csv", "disk-budget.txt")
    return {name for name in files if name in text}


async def test_operators_narrow_a_search_in_any_combination(world: World) -> None:
    everything = {"disk-guide.pdf", "disk-notes.txt", "disk-table.csv", "disk-budget.txt"}
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    today = datetime.now(UTC).date()
    for query, expected in {
        "disk": everything,
        "in:#ops disk": {"disk-guide.pdf", "disk-notes.txt"},
        "disk in:infra": {"disk-table.csv"},
        "in:#ops disk in:#infra": {"disk-guide.pdf", "disk-notes.txt", "disk-table.csv"},
        "in:#board disk": {"disk-budget.txt"},
        "type:pdf disk": {"disk-guide.pdf"},
        "disk type:spreadsheet type:pdf": {"disk-guide.pdf", "disk-table.csv"},
        "from:@bob disk": {"disk-notes.txt", "disk-table.csv"},
        "from:me disk": {"disk-guide.pdf", "disk-budget.txt"},
        "disk from:@bob in:#ops type:text": {"disk-notes.txt"},
        f"disk on:{today} before:{tomorrow} after:2020-01-01": everything,
        '"the disk is full" in:#ops': {"disk-guide.pdf"},
        "disk err:4711 type:csv": {"disk-table.csv"},
    }.items():
        assert named(await world.find(query)) == expected, query
    for query in ("disk before:2020", "disk during:2019", "disk in:#infra type:pdf"):
        assert (await world.find(query)).startswith("Nothing about “disk” in"), query


async def test_what_may_not_be_read_is_not_found_by_any_operator(world: World) -> None:
    for query in ("disk", "from:@alice disk", "type:text disk", "type:text", "disk budget of the board"):
        assert "disk-budget.txt" not in await world.find(query, user=world.bob)
    for query in (f"in:<#{world.board}> disk", "in:#board disk", "in:board disk", "in:#nowhere disk"):
        said = await world.find(query, user=world.bob)
        assert said.startswith("I know no "), said
        assert "that you and I are both in" in said
        assert "disk-budget" not in said
    hidden = (await world.find("in:board disk", user=world.bob)).replace("board", "X")
    assert hidden == (await world.find("in:nowhere disk", user=world.bob)).replace("nowhere", "X")


async def test_only_operators_list_the_files_that_match_newest_first(world: World) -> None:
    text = await world.find("in:#ops from:@bob")
    assert "1 file, the last shared first" in text
    assert named(text) == {"disk-notes.txt"}
    text = await world.find("after:2020")
    places = [text.index(name) for name in ("disk-budget.txt", "disk-table.csv", "disk-notes.txt")]
    assert places == sorted(places)


async def test_nothing_found_says_where_it_was_looked_for_and_what_is_near(world: World) -> None:
    text = await world.find('"guide to disks"', user=world.bob)
    assert "Nothing about" in text
    assert f"<#{world.ops}>" in text
    assert f"<#{world.infra}>" in text
    assert world.board not in text
    assert "Titles that are like it:" in text
    assert "disk-guide.pdf" in text
    assert "disk-budget.txt" not in text


async def test_a_wrong_value_gets_a_line_that_helps(world: World) -> None:
    assert "`type:` takes a type of files" in await world.find("type:banana disk")
    assert "`before:` takes days" in await world.find("before:soon disk")
    assert "Nobody called “zoe” shared a file that you can see" in await world.find("from:zoe disk")


async def test_people_are_known_by_their_names_to_who_sees_what_they_shared(world: World) -> None:
    smith, jones = (
        world.slack.add_user(name, real_name=real_name)
        for name, real_name in (("asmith", "Carol Smith"), ("ajones", "Carol Jones"))
    )
    await world.slack.join(smith, world.infra)
    await world.slack.join(jones, world.board, inviter=world.alice)
    for person, channel in ((smith, world.infra), (jones, world.board)):
        shared = await world.slack.share(person, channel, f"lamp-{person}.txt", b"the lamp of Carol is lit")
        await verdict(world.slack, shared.ts)
    for query in ("from:bob disk", "from:@Bob disk", 'disk from:"bob"', "from:bob, disk"):
        assert named(await world.find(query)) == {"disk-notes.txt", "disk-table.csv"}, query
    assert f"lamp-{smith}.txt" in await world.find('from:"Carol Smith" lamp')
    assert f"lamp-{jones}.txt" in await world.find("from:ajones in:board lamp")

    several = await world.find("from:carol lamp")
    assert "“carol” may be Carol Jones (@ajones) or Carol Smith (@asmith)" in several
    assert f"lamp-{smith}.txt" in await world.find("from:carol lamp", user=world.bob)  # knows one of them
    for name in ("jones", "ajones", "nobody"):
        said = await world.find(f"from:{name} lamp", user=world.bob)
        assert said.startswith(f"Nobody called “{name}” shared a file that you can see"), said


async def test_a_day_is_the_askers_own(world: World) -> None:
    dora = world.slack.add_user("dora")
    await world.slack.join(dora, world.ops)
    east, west = "Pacific/Kiritimati", "Pacific/Niue"  # never the same day
    for zone, other in ((east, west), (west, east)):
        world.slack.workspace.users[dora].tz = zone
        await world.slack.change_user(dora)  # Slack tells of it
        await caught_up(world.slack, world.bot)
        today, elsewhere = (datetime.now(ZoneInfo(one)).date() for one in (zone, other))
        assert "disk-guide.pdf" in await world.find(f"on:{today} type:pdf", dora)
        assert "disk-guide.pdf" in await world.find("on:today type:pdf", dora)
        assert "No file fulfils" in await world.find(f"on:{elsewhere} type:pdf", dora)
