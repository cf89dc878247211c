"""Prompts: what one may ask the agent, about files that whoever looks may read, and no others."""

from __future__ import annotations

from pathlib import PurePath

from bot.domain import Status, UserId, WorkspaceId
from bot.ports import Suggestion
from bot.slack.render import display_name
from bot.slack.services import Services

DOCUMENTS = 3
LOOK_AT = 10
"""Some of the last may still be under way."""
MAX_TITLE_CHARS = 60
"""So that what is to be pressed fits on one line."""
NEVER_IN_A_TITLE = str.maketrans("", "", "<>&@`*_~")
"""What could mention somebody, or be markup, once it is said in the person's name."""
STATUS: Suggestion = {"title": "What do you know?", "message": "status"}
HELP: Suggestion = {"title": "How do I ask?", "message": "help"}


async def prompts(services: Services, workspace: WorkspaceId, user: UserId) -> list[Suggestion]:
    """At most four, the first about what was indexed last. Raises RetryLater."""
    access = await services.access_of(workspace, user)
    async with services.ingest.transaction() as tx:
        latest = await tx.documents.latest(access.scope, LOOK_AT)
    indexed = (one.title or one.name for one in latest if one.status == Status.INDEXED)
    spoken = list(dict.fromkeys(name for title in indexed if (name := _spoken(title))))[:DOCUMENTS]
    return [*map(_about, spoken), STATUS, *([] if spoken else [HELP])]


def _about(name: str) -> Suggestion:
    return {"title": f"What does {name} say?", "message": f"What does {name} say?"}


def _spoken(title: str) -> str:
    """A title as one would say it: `database-failover-runbook.md` → `database failover runbook`."""
    stem = PurePath(title).stem if "." in title[-6:] else title
    spaced = stem.replace("-", " ").replace("_", " ").translate(NEVER_IN_A_TITLE)
    return display_name(spaced, MAX_TITLE_CHARS) if spaced.strip() else ""
