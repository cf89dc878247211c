"""Files and memberships as the strict local Slack gives them, its faults included."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import ChannelId, FileId, Message, Standing, UserId, WorkspaceId
from bot.errors import FileRejected, OperatorError, PermissionMissing, ProviderUnavailable, RateLimited
from bot.playground.server import Playground
from bot.providers.slack.files import SlackFiles
from bot.providers.slack.membership import SlackMembership

TEAM = WorkspaceId("T0ACME001")
DATA = b"some notes about the queue\n" * 100


async def home() -> WorkspaceId:
    return TEAM


class World:
    """A workspace with one shared file, and the providers on it."""

    def __init__(self, slack: Playground, session: aiohttp.ClientSession, max_bytes: int = 1_000_000) -> None:
        self.slack = slack
        self.session = session
        self.client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session)
        self.files = SlackFiles(self.client, session, api_url=slack.api_url, max_bytes=max_bytes)
        self.members = SlackMembership(self.client, home=home)
        self.alice = slack.add_user("alice")
        self.ops = slack.add_channel("ops", members=[self.alice])

    async def share(self, name: str = "notes.txt", data: bytes = DATA) -> FileId:
        return FileId((await self.slack.share(self.alice, self.ops, name, data)).file_id)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with Playground.serve() as slack, aiohttp.ClientSession() as session:
        yield World(slack, session)


async def test_a_file_is_described_with_its_size_and_the_message_it_is_in(world: World) -> None:
    shared = await world.slack.share(world.alice, world.ops, "notes.txt", DATA)
    info = await world.files.info(TEAM, FileId(shared.file_id))
    assert (info.name, info.size, info.mode) == ("notes.txt", len(DATA), "hosted")
    assert info.messages == (Message(ChannelId(world.ops), shared.ts, None, UserId(world.alice)),)


async def test_a_download_is_the_files_bytes_and_their_hash(world: World, tmp_path: Path) -> None:
    info = await world.files.info(TEAM, await world.share())
    spooled = await world.files.download(TEAM, info, tmp_path)
    assert spooled.path.read_bytes() == DATA
    assert spooled.size == len(DATA)
    assert len(spooled.content_hash) == 64


async def test_a_deleted_file_is_a_verdict_and_not_a_retry(world: World) -> None:
    file_id = await world.share()
    await world.slack.delete_file(file_id)
    with pytest.raises(FileRejected, match="deleted"):
        await world.files.info(TEAM, file_id)


async def test_a_login_page_instead_of_the_file_names_the_missing_scope(world: World, tmp_path: Path) -> None:
    info = await world.files.info(TEAM, await world.share("scan.pdf"))
    world.slack.faults.add("download", how="login_page")
    with pytest.raises(FileRejected, match="files:read") as refused:
        await world.files.download(TEAM, info, tmp_path)
    assert refused.value.code == "login_page"
    assert list(tmp_path.iterdir()) == []


async def test_a_download_that_breaks_off_is_tried_again_and_leaves_nothing(
    world: World, tmp_path: Path
) -> None:
    info = await world.files.info(TEAM, await world.share())
    world.slack.faults.add("download", how="cut")
    with pytest.raises(ProviderUnavailable):
        await world.files.download(TEAM, info, tmp_path)
    assert list(tmp_path.iterdir()) == []


async def test_the_byte_limit_holds_whatever_size_was_announced(world: World, tmp_path: Path) -> None:
    small = SlackFiles(world.client, world.session, api_url=world.slack.api_url, max_bytes=1000)
    info = await world.files.info(TEAM, await world.share())
    with pytest.raises(FileRejected, match="larger than the limit"):
        await small.download(TEAM, info, tmp_path)
    assert list(tmp_path.iterdir()) == []


async def test_the_token_never_follows_a_redirect_to_another_host(world: World, tmp_path: Path) -> None:
    seen: list[str | None] = []

    async def foreign(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization"))
        return web.Response(body=DATA)

    app = web.Application()
    app.router.add_get("/stolen", foreign)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        info = await world.files.info(TEAM, await world.share())
        world.slack.faults.add("download", redirect=f"http://127.0.0.1:{runner.addresses[0][1]}/stolen")
        with pytest.raises(FileRejected, match="not stored at Slack"):
            await world.files.download(TEAM, info, tmp_path)
    finally:
        await runner.cleanup()
    assert seen == []


@pytest.mark.parametrize(
    "url",
    [
        "https://slack.com.evil.example/f",
        "https://evilslack.com/f",
        "http://files.slack.com/f",
        "https://files.slack.com:8443/f",
        "https://files.slack.com@evil.example/f",
        "file:///etc/passwd",
        "",
    ],
)
async def test_only_slacks_own_hosts_over_https_are_asked(world: World, tmp_path: Path, url: str) -> None:
    info = await world.files.info(TEAM, await world.share())
    foreign = type(info)(**{f: getattr(info, f) for f in info.__slots__} | {"download_url": url})
    with pytest.raises(FileRejected):
        await world.files.download(TEAM, foreign, tmp_path)


async def test_a_rate_limit_carries_the_seconds_that_slack_asked_for(world: World) -> None:
    file_id = await world.share()
    world.slack.faults.add("files.info", error="ratelimited", retry_after=7)
    with pytest.raises(RateLimited) as limited:
        await world.files.info(TEAM, file_id)
    assert limited.value.retry_after_s == pytest.approx(7, abs=0.5)


async def test_a_gateways_error_page_is_an_outage(world: World) -> None:
    file_id = await world.share()
    world.slack.faults.add("files.info", status=502)
    with pytest.raises(ProviderUnavailable):
        await world.files.info(TEAM, file_id)


async def test_a_token_that_died_is_for_the_operator(world: World) -> None:
    file_id = await world.share()
    world.slack.faults.add("files.info", error="token_revoked")
    with pytest.raises(OperatorError, match="token_revoked"):
        await world.files.info(TEAM, file_id)


async def test_a_missing_scope_is_named() -> None:
    async with Playground.serve(withhold=["files:read"]) as slack, aiohttp.ClientSession() as session:
        world = World(slack, session)
        file_id = await world.share()
        with pytest.raises(PermissionMissing, match="files:read"):
            await world.files.info(TEAM, file_id)


async def test_a_permalink_leads_to_the_message(world: World) -> None:
    shared = await world.slack.share(world.alice, world.ops, "notes.txt", DATA)
    link = await world.files.permalink(TEAM, Message(ChannelId(world.ops), shared.ts))
    assert link is not None
    assert link.endswith(f"/archives/{world.ops}/p{shared.ts.replace('.', '')}")


async def test_a_message_that_is_gone_has_no_permalink(world: World) -> None:
    assert await world.files.permalink(TEAM, Message(ChannelId(world.ops), "1.000100")) is None


async def test_channels_count_only_where_person_and_bot_both_are(world: World) -> None:
    public_without_bot = world.slack.add_channel("random", members=[world.alice], with_bot=False)
    private_without_bot = world.slack.add_channel(
        "secret", members=[world.alice], is_private=True, with_bot=False
    )
    room = world.slack.add_channel("room", members=[world.alice], is_private=True)
    bob = world.slack.add_user("bob")
    bots_only = world.slack.add_channel("bots", members=[bob])
    found = await world.members.channels_of(TEAM, UserId(world.alice))
    assert set(found) == {world.ops, room}
    assert not set(found) & {public_without_bot, private_without_bot, bots_only}


async def test_a_look_up_that_fails_raises_instead_of_guessing(world: World) -> None:
    world.slack.faults.add("users.conversations", status=500, times=10)
    with pytest.raises(ProviderUnavailable):
        await world.members.channels_of(TEAM, UserId(world.alice))


async def test_who_left_is_known_as_soon_as_it_is_forgotten(world: World) -> None:
    alice = UserId(world.alice)
    assert world.ops in await world.members.channels_of(TEAM, alice)
    await world.slack.leave(world.alice, world.ops)
    assert world.ops in await world.members.channels_of(TEAM, alice), "cached"
    world.members.forget(TEAM, alice)
    assert world.ops not in await world.members.channels_of(TEAM, alice)


async def test_what_is_cached_is_asked_again_after_a_minute(world: World) -> None:
    now = [0.0]
    members = SlackMembership(world.client, home=home, clock=lambda: now[0])
    alice = UserId(world.alice)
    await members.channels_of(TEAM, alice)
    await world.slack.leave(world.alice, world.ops)
    now[0] = 61.0
    assert world.ops not in await members.channels_of(TEAM, alice)


async def test_of_another_workspace_than_the_tokens_own_nothing_is_known(world: World) -> None:
    alice, elsewhere = UserId(world.alice), WorkspaceId("T0OTHER01")
    assert (await world.members.person(TEAM, alice)).standing is Standing.MEMBER
    assert (await world.members.person(elsewhere, alice)).standing is Standing.ELSEWHERE
    for user in (alice, None):
        with pytest.raises(OperatorError, match="not installed in that workspace"):
            await world.members.channels_of(elsewhere, user)
    with pytest.raises(OperatorError, match="not installed in that workspace"):
        await world.members.members_only(elsewhere, ChannelId(world.ops))
