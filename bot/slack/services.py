"""What the listeners call: the pipelines, who is where, and the task holder."""

from __future__ import annotations

from dataclasses import dataclass, field

from slack_bolt.async_app import AsyncBoltContext

from bot.answer.pipeline import AnswerPipeline
from bot.domain import ChannelId, UserId, WorkspaceId, WorkspaceSettings
from bot.ingest.backfill import BackfillWorker
from bot.ingest.pipeline import IngestPipeline
from bot.ports import MembershipProvider, PosterOf
from bot.search.access import Access, access_of, audience_of
from bot.search.pipeline import SearchPipeline
from bot.slack.background import Background
from bot.slack.conversations import Conversations
from bot.slack.stopping import Stops


@dataclass(frozen=True, slots=True)
class Services:
    """Handed to every listener's `register`."""

    ingest: IngestPipeline
    search: SearchPipeline
    answers: AnswerPipeline
    members: MembershipProvider
    poster_of: PosterOf
    background: Background
    backfill: BackfillWorker
    conversations: Conversations
    stops: Stops = field(default_factory=Stops)

    async def access_of(self, workspace: WorkspaceId, user: UserId) -> Access:
        """What this person may read; nothing when Slack doesn't say."""
        return await access_of(self.members, await self.settings_of(workspace), workspace, user)

    async def audience_of(self, workspace: WorkspaceId, channel: ChannelId) -> Access:
        """What everybody in this channel may read."""
        return await audience_of(self.members, await self.settings_of(workspace), workspace, channel)

    async def settings_of(self, workspace: WorkspaceId) -> WorkspaceSettings:
        """What the workspace chose, as of now."""
        async with self.ingest.transaction(reading=True) as tx:
            return await tx.workspaces.settings(workspace)


def workspace_of(context: AsyncBoltContext) -> WorkspaceId:
    """The installation a request is for (Bolt takes it from `authorizations`, also in Slack Connect)."""
    return WorkspaceId(context.team_id or "")
