"""The home tab: what is indexed for one person, what they asked, help, and settings for admins."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain import UserId, WorkspaceId
from bot.ports import Content
from bot.search.parse import legible
from bot.slack import render
from bot.slack.render_settings import settings_section
from bot.slack.services import Services

DOCUMENTS = 10
QUESTIONS = 5
MAX_BLOCKS = 100
"""Of a view; a message may have half of that."""


async def home(services: Services, workspace: WorkspaceId, user: UserId, *, told: str = "") -> list[Content]:
    """The blocks of the page, with something to tell at its top. Raises RetryLater."""
    access = await services.access_of(workspace, user)
    report = await services.search.status(access.scope, DOCUMENTS)
    async with services.ingest.transaction(reading=True) as tx:
        asked = await tx.searches.recent(workspace, user, QUESTIONS)
    shown = render.status_report(report, access.note, now=services.ingest.clock())
    blocks = [*([render.words(told)["blocks"][0]] if told else []), _header("Your files"), *shown["blocks"]]
    if asked:
        blocks += [
            _header("What you asked"),
            *(render.plain_section(legible(question)) for question in asked),
        ]
    if (await services.members.person(workspace, user)).is_admin:
        chosen = await services.settings_of(workspace)
        blocks += [_header("Settings of this workspace"), *settings_section(chosen)]
    blocks += [_header("How to ask"), *render.help_reply()["blocks"]]
    return list(_numbered(blocks))[:MAX_BLOCKS]


def _header(text: str) -> Content:
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _numbered(blocks: list[Content]) -> Iterator[Content]:
    """Without the ids that blocks of different messages may share."""
    for block in blocks:
        yield {key: value for key, value in block.items() if key != "block_id"}
