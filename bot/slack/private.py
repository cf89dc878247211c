"""A reply to one person: through the request's own address, which works everywhere, else as an ephemeral."""

from __future__ import annotations

import aiohttp
import structlog
from slack_bolt.async_app import AsyncRespond

from bot.domain import ChannelId, UserId
from bot.ports import Content, MessagePoster

log = structlog.get_logger(__name__)

HTTP_OK = 200


async def reply_privately(
    poster: MessagePoster,
    respond: AsyncRespond,
    content: Content,
    *,
    channel: ChannelId,
    user: UserId,
    thread_ts: str | None = None,
) -> None:
    """Show `content` to `user`. Raises what `post_ephemeral` raises, when neither way is open."""
    try:
        response = await respond(
            response_type="ephemeral",
            replace_original=False,
            thread_ts=thread_ts,
            unfurl_links=False,
            unfurl_media=False,
            **content,
        )
        if response.status_code == HTTP_OK:
            log.info("private_reply_sent")
            return
        log.warning("response_url_refused", status=response.status_code)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        log.warning("response_url_unreachable", cause=type(error).__name__)
    await poster.post_ephemeral(channel, user, thread_ts, content)
    log.info("private_reply_sent")
