"""The bot's own code on a real database and index, with Slack as it is in the truth."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.answer.pipeline import AnswerPipeline
from bot.database import Database
from bot.domain import ChannelId, DocumentId, UserId, WorkspaceId
from bot.errors import FaultMavenError
from bot.ingest.backfill import BackfillWorker
from bot.ingest.pipeline import IngestPipeline
from bot.ingest.queue import DocumentQueue
from bot.ingest.upkeep import Upkeep
from bot.providers.local.index import LocalIndex
from bot.providers.slack.membership import SlackMembership
from bot.search.pipeline import SearchPipeline
from bot.slack import bolt, render
from bot.slack.answers import answer
from bot.slack.backfill import Announcer
from bot.slack.background import Background
from bot.slack.conversations import Conversations
from bot.slack.error_replies import error_reply
from bot.slack.home import home
from bot.slack.inbox import REPLAY, Inbox
from bot.slack.rights import Pressed, answer_press, obey
from bot.slack.services import Services
from bot.slack.status_reply import StatusReplies
from support.histories.doubles import OTHER, TEAM, Client, Poster, SlowIndex, Source, Words
from support.histories.truth import BOT, Truth
from support.world import Nobody, OneChunk, nothing

Event = dict[str, Any]
BEGINNING = 1e9


class Stage:
    """`now` is the clock of everything. One stage serves many histories, one after another."""

    def __init__(self, database: Database, index: LocalIndex, folder: Path) -> None:
        self.now = BEGINNING
        self._numbers = itertools.count(1)
        self.client, self.index = Client(), SlowIndex(index)
        self.reranker, poster, one, source = Words(), Poster(), OneChunk(), Source()
        self._source, self._poster = source, poster

        def poster_of(_: WorkspaceId) -> Any:  # noqa: ANN401  # only what is called here
            return poster

        transaction = database.transaction
        self.ingest = IngestPipeline(
            transaction=transaction, sources=lambda _: source, extractor=one, embeddings=one,
            index=self.index, status=Nobody(), wake_runner=lambda: None, cancel_job=nothing, spool=folder,
            max_file_bytes=1_000_000, clock=lambda: self.now,
        )  # fmt: skip
        search = SearchPipeline(
            transaction, self.index, one, reranker=self.reranker, clock=lambda: self.now, speller=index
        )
        self.services = Services(
            ingest=self.ingest,
            search=search,
            answers=AnswerPipeline(search),
            members=SlackMembership(self.client, home=self._home, clock=lambda: self.now),
            poster_of=poster_of,
            background=Background(),
            backfill=BackfillWorker(self.ingest, Announcer(poster_of)),
            conversations=Conversations(transaction, poster_of),
        )
        self._replies = StatusReplies(transaction, poster_of, clock=lambda: self.now)
        self._app = self._built(transaction)
        self._events = itertools.count(1)

    async def begin(self, truth: Truth, on_post: Callable[[str, str], None]) -> str:
        """Begin a history, in workspaces that no former one had; a mark that no other one has, either."""
        await self._clear()
        number = next(self._numbers)
        self.team, self.other = WorkspaceId(f"{TEAM}{number}"), WorkspaceId(f"{OTHER}{number}")
        self.now = BEGINNING
        self.client.of(truth, self.team, self.other)
        self._source.truth, self._poster.on_post = truth, on_post
        self.services.members.forget(self.team)
        return f"H{number}N"

    async def _clear(self) -> None:
        """Remove former histories, as after an uninstall."""
        async with self.ingest.transaction() as tx:
            former = [WorkspaceId(workspace.id) for workspace in await tx.workspaces.all()]
            for workspace in former:
                await tx.workspaces.uninstall(workspace, now=0.0)
        self.index.lags = False
        await Upkeep(self.ingest, purge_after_s=1.0).purge()

    def _built(self, transaction: Any) -> AsyncApp:  # noqa: ANN401  # the database's
        async def authorize(_: WorkspaceId) -> AuthorizeResult:
            return AuthorizeResult(
                enterprise_id=None, team_id=self.team, bot_user_id=BOT, bot_id="B0", bot_token="xoxb-none"
            )

        return bolt.build(
            client=AsyncWebClient(),
            signing_secret="",
            authorize=authorize,
            inbox=Inbox(transaction),
            services=self.services,
        )

    async def _home(self) -> WorkspaceId:
        return self.team

    async def happens(self, event: Event, *, team: WorkspaceId | None = None) -> None:
        """Slack tells of something; the bot's listeners handle it."""
        self.now += 1.0
        body = {
            "type": "event_callback",
            "team_id": team or self.team,
            "event_id": f"Ev{next(self._events)}",
            "event": event | {"event_ts": f"{self.now:.6f}"},
            "authorizations": [{"team_id": team or self.team, "user_id": BOT, "is_bot": True}],
        }
        await self._app.async_dispatch(
            AsyncBoltRequest(mode="socket_mode", body=body, context={REPLAY: True})
        )

    async def work(self) -> None:
        """Read what waits, bring the threads up to date."""
        for team in (self.team, self.other):
            queue = DocumentQueue(
                self.ingest.transaction, Nobody(), only_workspace=team, clock=lambda: self.now
            )
            self.now += 10.0
            while job := await queue.claim():
                await self.ingest.perform(job)
        while await self._replies.sync():
            pass

    async def look_after(self) -> None:
        """What upkeep does within a minute or an hour: ask Slack for files, make the index agree."""
        self.now += 100.0
        upkeep = Upkeep(self.ingest, purge_after_s=1e12)
        await upkeep.sweep()
        await self.work()
        await upkeep.reconcile()
        await self.work()

    async def fm(self, user: str, channel: str, text: str, team: WorkspaceId | None = None) -> str:
        """All that a person is shown after `/fm …`, as the listener of the command makes it."""
        asked = (self.services, team or self.team, UserId(user))
        try:
            content = await obey(*asked, ChannelId(channel), text)
            content = content or await answer(*asked, text, ChannelId(channel))
        except FaultMavenError as error:
            content = render.words(error_reply(error))
        return str(content)

    async def confirm(self, user: str, document_id: DocumentId) -> str:
        """What takes the place of the question whether to forget a file, once that is confirmed."""
        pressed = Pressed(self.team, UserId(user), document_id)
        return str(await answer_press(self.services, pressed, confirmed=True))

    async def page(self, user: str) -> str:
        """All that a person sees on the app's own page."""
        return str(await home(self.services, self.team, UserId(user)))

    async def document_of(self, file: str, team: WorkspaceId | None = None) -> DocumentId | None:
        """The document of a file, where there is one."""
        async with self.ingest.transaction() as tx:
            document = await tx.documents.find(team or self.team, file)
        return None if document is None else DocumentId(document.id)
