"""How a question gets its answer: who will see the reply decides what it may be made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.documents.tables import Turn
from bot.domain import Answer, ChannelId, Exchange, Outcome, WorkspaceId
from bot.ports import OnText
from bot.search.access import Access
from bot.slack.answers import answer_command
from bot.slack.deliver import Delivery
from bot.slack.error_replies import error_reply
from bot.slack.parse import Command, Help, Search, parse_command
from bot.slack.render_answer import Reply, answer_reply
from bot.slack.services import Services

WORKING = "is reading the files…"
FROM_HERE = "From the files of this channel, which everyone here may read."
NOT_HERE = "That is not in the files of this channel."
PRIVATELY = "What other files say that you may read, I show to you alone."
"""The same whether there is anything: it must not tell the channel that there is."""


@dataclass(frozen=True, slots=True)
class Answerer:
    """What `Conversations` calls to answer."""

    services: Services

    async def answer(self, turn: Turn, history: Sequence[str]) -> None:
        """Answer a question where it was asked. Repeatable. Raises what a later try may mend."""
        delivery = self._delivery(turn)
        try:
            if not await self.services.stops.until_stopped(turn, self._reply(delivery, history)):
                await delivery.end_early()
        finally:
            await delivery.sign_of_life("")

    async def give_reason(self, turn: Turn, error: BaseException) -> None:
        """Say why there is no answer."""
        await self._delivery(turn).post(Reply(error_reply(error)))

    async def _reply(self, delivery: Delivery, history: Sequence[str]) -> None:
        turn = delivery.turn
        await delivery.sign_of_life(WORKING)
        command = _command(turn.question)
        if command is not None:
            await self._obey(delivery, command)
        elif turn.surface == "direct":
            access = await self.services.access_of(workspace_of(turn), delivery.asker)
            await delivery.post(answer_reply(await self._ask(turn, access, history, delivery.write)))
        else:
            await self._answer_in_company(delivery, history)

    async def _obey(self, delivery: Delivery, command: Command) -> None:
        """Status, help and the like are for the asker alone."""
        turn = delivery.turn
        content = await answer_command(self.services, workspace_of(turn), delivery.asker, command)
        if turn.surface == "direct":
            await delivery.post_content(content)
        else:
            await delivery.whisper(content)

    async def _answer_in_company(self, delivery: Delivery, history: Sequence[str]) -> None:
        """What everyone here may read, for all to see; what only the asker may read, for them alone."""
        turn, workspace = delivery.turn, workspace_of(delivery.turn)
        audience = await self.services.audience_of(workspace, delivery.channel)
        shared = await self._ask(turn, audience, history, delivery.write)
        if shared.outcome is not Outcome.NOT_FOUND:
            await delivery.post(answer_reply(shared, FROM_HERE))
            return
        await delivery.post(Reply(f"{NOT_HERE} {PRIVATELY}"))
        access = await self.services.access_of(workspace, delivery.asker)
        own = await self._ask(turn, access, history)
        await delivery.whisper(answer_reply(own, lasting=False).content)

    async def _ask(
        self, turn: Turn, access: Access, history: Sequence[str], on_text: OnText | None = None
    ) -> Answer:
        before = [Exchange(question, "") for question in history]
        return await self.services.answers.answer(
            access,
            turn.question,
            before,
            asker=turn.asker,
            surface=turn.surface,
            channel=ChannelId(turn.channel_id),
            on_text=on_text,
        )

    def _delivery(self, turn: Turn) -> Delivery:
        ingest = self.services.ingest
        return Delivery(ingest.transaction, self.services.poster_of(workspace_of(turn)), turn, ingest.clock)


def workspace_of(turn: Turn) -> WorkspaceId:
    """The workspace a question is of."""
    return WorkspaceId(turn.workspace_id)


def _command(text: str) -> Command | None:
    """What is no command is a question."""
    command = parse_command(text)
    if isinstance(command, Search) or (isinstance(command, Help) and command.unknown is not None):
        return None
    return command
