"""Frozen values that every layer speaks in. No I/O, no vendor, no SQL.

Times are seconds since the epoch (UTC) as `float`; Slack message ids (`ts`) stay strings.
"""

from __future__ import annotations

from bot.domain.answers import (
    Answer,
    ChatCitation,
    ChatText,
    Citation,
    Excerpt,
    Exchange,
    Outcome,
    Prompt,
)
from bot.domain.documents import (
    EmbeddingSpace,
    Held,
    IndexedDocument,
    Job,
    Stored,
)
from bot.domain.files import (
    Chunk,
    Extraction,
    FileInfo,
    FilePage,
    Page,
    SpooledFile,
)
from bot.domain.ids import (
    API_WORKSPACE,
    LOCAL_CHANNEL,
    LOCAL_WORKSPACE,
    NOT_SLACKS,
    ChannelId,
    DocumentId,
    FileId,
    Message,
    Scope,
    Stage,
    Status,
    UserId,
    WorkspaceId,
    scoped,
)
from bot.domain.keys import ApiKey, Right
from bot.domain.people import Person, Place, Places, Standing
from bot.domain.search import (
    ANYTHING,
    NO_CONDITIONS,
    Candidate,
    Conditions,
    Mention,
    Passage,
    Query,
    Readable,
    SearchResult,
    Wanted,
)
from bot.domain.workspaces import MAX_DAYS, WorkspaceSettings

__all__ = [
    "ANYTHING",
    "API_WORKSPACE",
    "LOCAL_CHANNEL",
    "LOCAL_WORKSPACE",
    "MAX_DAYS",
    "NOT_SLACKS",
    "NO_CONDITIONS",
    "Answer",
    "ApiKey",
    "Candidate",
    "ChannelId",
    "ChatCitation",
    "ChatText",
    "Chunk",
    "Citation",
    "Conditions",
    "DocumentId",
    "EmbeddingSpace",
    "Excerpt",
    "Exchange",
    "Extraction",
    "FileId",
    "FileInfo",
    "FilePage",
    "Held",
    "IndexedDocument",
    "Job",
    "Mention",
    "Message",
    "Outcome",
    "Page",
    "Passage",
    "Person",
    "Place",
    "Places",
    "Prompt",
    "Query",
    "Readable",
    "Right",
    "Scope",
    "SearchResult",
    "SpooledFile",
    "Stage",
    "Standing",
    "Status",
    "Stored",
    "UserId",
    "Wanted",
    "WorkspaceId",
    "WorkspaceSettings",
    "scoped",
]
