"""What the buttons under results do, for whoever pressed one: with their own access, now."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import ChannelId, UserId, WorkspaceId
from bot.errors import MessageRefused, QueryRejected
from bot.ports import Content
from bot.search import again
from bot.slack import render
from bot.slack.render_buttons import (
    DIRECT_MESSAGE_PREFIX,
    MAX_COMMENT_CHARS,
    Reference,
    read_reference,
    thanks,
)
from bot.slack.render_context import passage_in_context, shared_passage
from bot.slack.services import Services

NOT_YOURS = "Only whoever asked can rate this. Ask yourself, and rate what you get."
NOT_FOR_ALL = (
    "I can't share that here: not everyone in this channel may read the file. Share the file itself here, "
    "if all of them should."
)
NOT_POSTED = "I can't post in this channel. Invite me to it, then share again."
NOT_HERE = "Here it would be shared with nobody else."
NOTED = "Thanks, I noted your comment."


@dataclass(frozen=True, slots=True)
class Press:
    """Who pressed a button, where, and what it is about."""

    workspace: WorkspaceId
    user: UserId
    channel: ChannelId
    thread_ts: str | None
    about: Reference


def about(value: str) -> Reference:
    """What a button is about. Raises QueryRejected for one of a form that we no longer know."""
    reference = read_reference(value)
    if reference is None:
        raise QueryRejected(*again.GONE)
    return reference


async def show_more(services: Services, press: Press) -> Content:
    """The next results."""
    access = await services.access_of(press.workspace, press.user)
    about = press.about
    result = await again.more(
        services.search, access, about.search_id, about.number, asker=press.user, channel=press.channel
    )
    return render.search_result(result, channel=press.channel)


async def show_context(services: Services, press: Press) -> Content:
    """A passage with what stands around it."""
    access = await services.access_of(press.workspace, press.user)
    about = press.about
    found = await again.passage_again(services.search, access, about.search_id, about.number)
    return passage_in_context(found.context, about.number)


async def share(services: Services, press: Press) -> Content | None:
    """Post a passage for everyone in the channel, when all of them may read it; else why not."""
    if press.channel.startswith(DIRECT_MESSAGE_PREFIX):
        return render.words(NOT_HERE)
    about = press.about
    access = await services.access_of(press.workspace, press.user)
    await again.passage_again(services.search, access, about.search_id, about.number)
    everyone = await services.audience_of(press.workspace, press.channel)
    try:
        found = await again.passage_again(services.search, everyone, about.search_id, about.number)
    except QueryRejected:
        return render.words(NOT_FOR_ALL)
    content = shared_passage(found.passage, press.user, about.search_id, about.number)
    try:
        poster = services.poster_of(press.workspace)
        await poster.post(press.channel, press.thread_ts, content, f"passage {about}")
    except MessageRefused:
        return render.words(NOT_POSTED)
    return None


async def vote(services: Services, press: Press) -> Content:
    """Note whether a search helped, when it was this person's; the last vote counts."""
    about = press.about
    async with services.ingest.transaction() as tx:
        search = await tx.searches.get(press.workspace, about.search_id)
        own = search is not None and await tx.searches.vote(
            about.search_id, asker=press.user, vote=1 if about.number > 0 else -1
        )
    if search is None:
        raise QueryRejected(*again.GONE)
    if not own:
        return render.words(NOT_YOURS)
    block = thanks(about.search_id)
    return {"text": block["text"]["text"], "blocks": [block]}


async def comment(
    services: Services, workspace: WorkspaceId, user: UserId, about: Reference, said: str
) -> str:
    """Note what somebody says of their own search; the answer to it."""
    async with services.ingest.transaction() as tx:
        if await tx.searches.get(workspace, about.search_id) is None:
            raise QueryRejected(*again.GONE)
        own = await tx.searches.comment(about.search_id, asker=user, comment=said[:MAX_COMMENT_CHARS])
    return NOTED if own else NOT_YOURS
