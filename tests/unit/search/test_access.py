"""Who reads what, by what Slack says of people and channels; Slack is a few values here."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from bot.domain import ChannelId, Person, Place, Places, Standing, UserId, WorkspaceId, WorkspaceSettings
from bot.errors import FaultMavenError, MessageRefused, OperatorError, ProviderUnavailable
from bot.search.access import access_of, audience_of

TEAM, ALICE = WorkspaceId("T1"), UserId("U1")
OPS, SECRET, LOBBY, SHARED = (ChannelId(name) for name in ("C1", "C2", "C3", "C4"))
PLACES: Places = {
    OPS: Place("ops", is_private=False, is_shared=False),
    SECRET: Place("secret", is_private=True, is_shared=False),
    LOBBY: Place("lobby", is_private=False, is_shared=False),
    SHARED: Place("shared", is_private=False, is_shared=True),
}
USUAL, PUBLIC = WorkspaceSettings(), WorkspaceSettings(public=True)


@dataclass
class Members:
    """A membership provider that answers, or fails, as it was told."""

    standing: Standing = Standing.MEMBER
    channels: frozenset[ChannelId] = frozenset({OPS})
    only_members: bool = True
    error: FaultMavenError | None = None
    names: dict[ChannelId, str] = field(default_factory=lambda: {OPS: "ops"})
    ours: Places = field(default_factory=lambda: dict(PLACES))

    def names_of(self, workspace: WorkspaceId) -> dict[ChannelId, str]:
        del workspace
        return self.names

    async def person(self, workspace: WorkspaceId, user: UserId) -> Person:
        del workspace, user
        return Person(self.standing)

    async def channels_of(self, workspace: WorkspaceId, user: UserId | None) -> Places:
        del workspace
        if self.error:
            raise self.error
        return {one: place for one, place in self.ours.items() if user is None or one in self.channels}

    async def members_only(self, workspace: WorkspaceId, channel: ChannelId) -> bool:
        del workspace, channel
        if self.error:
            raise self.error
        return self.only_members

    def forget(self, workspace: WorkspaceId, user: UserId | None = None) -> None:
        """Nothing is remembered."""


async def reads(members: Members, settings: WorkspaceSettings = USUAL) -> frozenset[ChannelId]:
    return (await access_of(members, settings, TEAM, ALICE)).scope.channels


async def all_read(
    members: Members, settings: WorkspaceSettings = PUBLIC, channel: ChannelId = OPS
) -> frozenset[ChannelId]:
    return (await audience_of(members, settings, TEAM, channel)).scope.channels


async def test_a_persons_scope_is_the_channels_they_share_with_the_bot() -> None:
    access = await access_of(Members(), USUAL, TEAM, ALICE)
    assert access.scope.channels == {OPS}
    assert access.note is None


@pytest.mark.parametrize(
    "error", [ProviderUnavailable("down"), OperatorError("token dead"), MessageRefused("user_not_found")]
)
async def test_a_failing_look_up_means_an_empty_scope_and_says_so(error: FaultMavenError) -> None:
    for settings in (USUAL, PUBLIC):
        access = await access_of(Members(error=error), settings, TEAM, ALICE)
        assert access.scope.channels == frozenset()
        assert access.note is not None
        assert "could not check" in access.note


@pytest.mark.parametrize("standing", [Standing.BOT, Standing.GONE, Standing.ELSEWHERE])
async def test_who_is_nobody_to_answer_reads_nothing_and_is_told_why(standing: Standing) -> None:
    access = await access_of(Members(standing), PUBLIC, TEAM, ALICE)
    assert access.scope.channels == frozenset()
    assert access.note


async def test_somebody_of_another_company_reads_only_channels_that_are_shared() -> None:
    everywhere = Members(Standing.STRANGER, channels=frozenset(PLACES))
    assert await reads(everywhere, PUBLIC) == {SHARED}


async def test_a_channel_of_which_slack_says_little_is_closed_to_strangers_and_to_the_public() -> None:
    members = Members(Standing.STRANGER, frozenset({OPS}), ours={OPS: Place("ops"), LOBBY: Place("lobby")})
    assert await reads(members, PUBLIC) == frozenset()
    members.standing = Standing.MEMBER
    assert await reads(members, PUBLIC) == {OPS}


async def test_with_the_setting_full_members_read_public_channels_that_the_bot_is_in() -> None:
    assert await reads(Members()) == {OPS}
    assert await reads(Members(), PUBLIC) == {OPS, LOBBY}


async def test_with_the_setting_guests_read_as_before() -> None:
    assert await reads(Members(Standing.GUEST), PUBLIC) == {OPS}


async def test_an_ignored_channel_is_in_nobodys_scope() -> None:
    ignoring = WorkspaceSettings(public=True, ignored=frozenset({OPS, LOBBY}))
    assert await reads(Members(), ignoring) == frozenset()
    assert await all_read(Members(), ignoring) == frozenset()


async def test_everybody_in_a_channel_reads_what_is_shared_there_and_nothing_else() -> None:
    assert await all_read(Members(), USUAL, SECRET) == {SECRET}


async def test_with_the_setting_a_channel_of_full_members_reads_public_channels_too() -> None:
    assert await all_read(Members(), PUBLIC, SECRET) == {SECRET, OPS, LOBBY}


async def test_a_guest_in_the_channel_keeps_other_channels_out_of_what_all_read() -> None:
    assert await all_read(Members(only_members=False)) == {OPS}


async def test_a_channel_shared_with_another_company_reads_its_own_files_only() -> None:
    assert await all_read(Members(), PUBLIC, SHARED) == {SHARED}


async def test_when_slack_does_not_say_who_is_there_a_channel_reads_its_own_files_only() -> None:
    assert await all_read(Members(error=ProviderUnavailable("down"))) == {OPS}
    assert await all_read(Members(), PUBLIC, ChannelId("unknown")) == {ChannelId("unknown")}
