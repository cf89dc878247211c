"""What people see of a backfill: the offer when the bot is invited, and how far it is."""

from __future__ import annotations

from bot.domain import ChannelId, UserId, WorkspaceId
from bot.errors import MessageRefused
from bot.ingest.backfill import BackfillProgress, BackfillWorker
from bot.ports import Content, MessagePoster, PosterOf
from bot.slack.render import Block, count, plain_section, words

START, DECLINE = "fm_backfill_start", "fm_backfill_decline"


async def offer(
    worker: BackfillWorker,
    poster: MessagePoster,
    workspace: WorkspaceId,
    channel: ChannelId,
    joined_at: float,
) -> None:
    """Offer to index what was shared before, once an invitation; silent where there is nothing."""
    files = await worker.earlier_files(workspace, channel, joined_at)
    if not files:
        return
    async with worker.ingest.transaction() as tx:
        new = await tx.backfills.offer(workspace, channel, now=worker.ingest.clock())
    if not new:
        return
    ts = await poster.post(channel, None, offered(files), f"backfill {channel}")
    async with worker.ingest.transaction() as tx:
        await tx.backfills.offered(workspace, channel, ts)


async def answer_offer(
    worker: BackfillWorker,
    poster: MessagePoster,
    workspace: WorkspaceId,
    channel: ChannelId,
    user: UserId,
    *,
    accepted: bool,
    ts: str,
) -> None:
    """Somebody pressed a button of the offer; the first one decides. Repeatable."""
    async with worker.ingest.transaction() as tx:
        now = worker.ingest.clock()
        if accepted:
            await tx.backfills.start(workspace, channel, requested_by=user, now=now)
        else:
            await tx.backfills.decline(workspace, channel, now=now)
        backfill = await tx.backfills.get(workspace, channel)
    if backfill is not None:
        await poster.edit(channel, ts, answered(backfill.state))


class Announcer:
    """Edits the offer's message; the same words are not sent twice."""

    def __init__(self, poster_of: PosterOf) -> None:
        self._poster_of = poster_of
        self._shown: dict[tuple[str, str], Content] = {}

    async def __call__(self, progress: BackfillProgress) -> None:
        """Show it, unless the message can't be edited any more."""
        backfill = progress.backfill
        key = (backfill.workspace_id, backfill.channel_id)
        content = progressed(progress)
        if backfill.message_ts is None or self._shown.get(key) == content:
            return
        poster = self._poster_of(WorkspaceId(backfill.workspace_id))
        try:
            await poster.edit(ChannelId(backfill.channel_id), backfill.message_ts, content)
        except MessageRefused:
            return
        self._shown[key] = content
        if progress.finished:
            del self._shown[key]


def offered(files: int) -> Content:
    """The offer to index what was shared before the bot was invited."""
    were, them = ("was", "it") if files == 1 else ("were", "them")
    text = (
        f"I index every file that is shared here from now on. {count(files, 'file')} {were} shared here "
        f"before. Shall I index {them}, too?"
    )
    buttons = [_button(START, f"Index {them}", primary=True), _button(DECLINE, "No, thanks")]
    return {"text": text, "blocks": [plain_section(text), {"type": "actions", "elements": buttons}]}


def answered(state: str) -> Content:
    """What becomes of the offer once somebody pressed a button."""
    if state == "declined":
        return words("I index the files that are shared here from now on, and leave the earlier ones alone.")
    return words("I am looking through the files that were shared here before…")


def progressed(progress: BackfillProgress) -> Content:
    """How far the files of a channel are, and in the end what became of them."""
    if not progress.finished:
        total = max(progress.total, progress.backfill.found)
        return words(f"Indexing the files that were shared here before: {progress.done:,} of {total:,} done…")
    read = count(progress.done - progress.failed, "file")
    failed = ""
    if progress.failed:
        failed = f" {count(progress.failed, 'file')} could not be read; `/fm status` says why."
    return words(f"The files shared here can be searched: {read} indexed.{failed}")


def _button(action_id: str, text: str, *, primary: bool = False) -> Block:
    button: Block = {
        "type": "button",
        "action_id": action_id,
        "text": {"type": "plain_text", "text": text, "emoji": False},
    }
    return button | {"style": "primary"} if primary else button
