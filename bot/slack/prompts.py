"""Prompts: what one may ask the agent, about files that whoever looks may read, and no others."""

from __future__ import annotations

import re
from pathlib import PurePath

from bot.documents.tables import Document
from bot.domain import DocumentId, Scope, Status, UserId, WorkspaceId
from bot.ports import Suggestion
from bot.slack.render import display_name
from bot.slack.services import Services

DOCUMENTS = 3
LOOK_AT = 10
"""Some of the last may still be under way."""
CHUNKS = 12
"""Of a document that are looked through for a section's title."""
MAX_TITLE_CHARS = 60
"""So that what is to be pressed fits on one line."""
NEVER_IN_A_TITLE = str.maketrans("", "", "<>&@`*_~")
"""What could mention somebody, or be markup, once it is said in the person's name."""
WORD = re.compile(r"\w+")
STATUS: Suggestion = {"title": "What do you know?", "message": "status"}
HELP: Suggestion = {"title": "How do I ask?", "message": "help"}


async def prompts(services: Services, workspace: WorkspaceId, user: UserId) -> list[Suggestion]:
    """At most four, the first about what was indexed last. Raises RetryLater."""
    access = await services.access_of(workspace, user)
    async with services.ingest.transaction(reading=True) as tx:
        latest = await tx.documents.latest(access.scope, LOOK_AT)
    indexed = [one for one in latest if one.status == Status.INDEXED]
    asked = [await _question(services, access.scope, one) for one in indexed[:DOCUMENTS]]
    questions = [{"title": one, "message": one} for one in dict.fromkeys(filter(None, asked))]
    return [*questions, STATUS, *([] if questions else [HELP])]


async def _question(services: Services, scope: Scope, document: Document) -> str | None:
    """A question about a document, and about the first of its sections that has a title of its own."""
    name = _spoken(document.title or document.name)
    if not name or document.indexed_generation is None:
        return None
    chunks = await services.search.index.read(
        scope, DocumentId(document.id), document.indexed_generation, range(CHUNKS)
    )
    headings = (_spoken(chunk.heading) for chunk in chunks if chunk.heading)
    topic = next((one for one in headings if _says_more(one, name)), None)
    return f"What does {name} say about {topic}?" if topic else f"What does {name} say?"


def _says_more(heading: str, name: str) -> bool:
    """Whether most of a heading's words are not in the document's own title."""
    said, known = set(WORD.findall(heading.lower())), set(WORD.findall(name.lower()))
    return 2 * len(said - known) > len(said)


def _spoken(title: str) -> str:
    """A title as one would say it: `database-failover-runbook.md` → `database failover runbook`."""
    stem = PurePath(title).stem if "." in title[-6:] else title
    spaced = stem.replace("-", " ").replace("_", " ").translate(NEVER_IN_A_TITLE)
    return display_name(spaced, MAX_TITLE_CHARS) if spaced.strip() else ""
