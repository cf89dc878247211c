from __future__ import annotations

from bot.domain import ChannelId, UserId, WorkspaceId
from bot.errors import FaultMavenError, OperatorError, ProviderUnavailable
from bot.search.access import access_of

TEAM, ALICE = WorkspaceId("T1"), UserId("U1")


class Members:
    """A membership provider that answers, or fails, as it was told."""

    def __init__(self, answer: frozenset[ChannelId] | FaultMavenError) -> None:
        self.answer = answer
        self.names = {ChannelId("C1"): "ops"}

    async def channels_shared_with(self, workspace: WorkspaceId, user: UserId) -> frozenset[ChannelId]:
        del workspace, user
        if isinstance(self.answer, FaultMavenError):
            raise self.answer
        return self.answer

    def forget(self, workspace: WorkspaceId, user: UserId | None = None) -> None:
        """Nothing is remembered."""


async def test_a_persons_scope_is_the_channels_they_share_with_the_bot() -> None:
    access = await access_of(Members(frozenset({ChannelId("C1")})), TEAM, ALICE)
    assert access.scope.channels == {"C1"}
    assert access.note is None


async def test_a_failing_look_up_means_an_empty_scope_and_says_so() -> None:
    for error in (ProviderUnavailable("down"), OperatorError("token dead")):
        access = await access_of(Members(error), TEAM, ALICE)
        assert access.scope.channels == frozenset()
        assert access.note is not None
        assert "could not check" in access.note
