"""A command's text → what to answer. One place for `/fm`, mentions and direct messages."""

from __future__ import annotations

from typing import Any

from bot.domain import UNDER_WAY, ChannelId, Scope, UserId, WorkspaceId
from bot.search.parse import parse_query
from bot.slack import render
from bot.slack.parse import Command, Help, Retry, Search, ShowStatus, parse_command
from bot.slack.services import Services

STATUS_DOCUMENTS = 10


async def answer(
    services: Services, workspace: WorkspaceId, user: UserId, text: str, channel: ChannelId | None = None
) -> dict[str, Any]:
    """`text` and `blocks` for one asker, in a channel. Raises PersonError for what can't be asked."""
    return await answer_command(services, workspace, user, parse_command(text), channel=channel)


async def answer_command(
    services: Services,
    workspace: WorkspaceId,
    user: UserId,
    command: Command,
    *,
    channel: ChannelId | None = None,
) -> dict[str, Any]:
    """Answer a parsed command with what this person may read."""
    match command:
        case Help(unknown):
            return render.help_reply(unknown)
        case Search(_, typed):
            access = await services.access_of(workspace, user)
            query = parse_query(typed, access.today())  # now that it is known where they are
            result = await services.search.search(
                access, query, asker=user, surface="command", channel=channel
            )
            return render.search_result(result, channel=channel)
        case Retry(file):
            access = await services.access_of(workspace, user)
            return render.words(access.note or await retry_file(services, access.scope, file))
        case ShowStatus():
            access = await services.access_of(workspace, user)
            report = await services.search.status(access.scope, STATUS_DOCUMENTS)
            return render.status_report(report, access.note, now=services.ingest.clock())


async def retry_file(services: Services, scope: Scope, file: str) -> str:
    """Have a file read anew that this person can see; what came of it, in a sentence."""
    async with services.ingest.transaction(reading=True) as tx:
        found = await tx.documents.find_for(scope, file)
    name = render.display_name(file)
    if not found:
        return f"None of the files you can see is called “{name}”. `/fm status` shows what they are called."
    if len(found) > 1:
        names = ", ".join(f"“{render.display_name(d.title or d.name)}” ({d.file_id})" for d in found[:5])
        return f"Several files match “{name}”: {names}. Type `/fm retry` and the id of the one you mean."
    document = found[0]
    if document.status in UNDER_WAY:
        return render.status_line(document)
    await services.ingest.retry(document)
    called = render.display_name(document.title or document.name)
    return f"I read “{called}” again; its thread tells how it goes."
