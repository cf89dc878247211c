"""A command's text → what to answer. One place for `/fm`, mentions and direct messages."""

from __future__ import annotations

from typing import Any

from bot.domain import UserId, WorkspaceId
from bot.slack import render
from bot.slack.parse import Command, Help, Search, ShowStatus, parse_command
from bot.slack.services import Services

STATUS_DOCUMENTS = 10


async def answer(services: Services, workspace: WorkspaceId, user: UserId, text: str) -> dict[str, Any]:
    """`text` and `blocks` for one asker. Raises PersonError for what can't be asked."""
    return await answer_command(services, workspace, user, parse_command(text))


async def answer_command(
    services: Services, workspace: WorkspaceId, user: UserId, command: Command
) -> dict[str, Any]:
    """Answer a parsed command with what this person may read."""
    match command:
        case Help(unknown):
            return render.help_reply(unknown)
        case Search(query):
            access = await services.access_of(workspace, user)
            result = await services.search.search(access, query, asker=user, surface="command")
            return render.search_result(result)
        case ShowStatus():
            access = await services.access_of(workspace, user)
            report = await services.search.status(access.scope, STATUS_DOCUMENTS)
            return render.status_report(report.counts, report.documents, access.note)
