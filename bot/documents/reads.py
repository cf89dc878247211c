"""What people and operators may read. Scope first, inside the query; an empty scope reads nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, true, tuple_

from bot.documents.shares import SHARED_AT
from bot.documents.sql import MAX_NAME_CHARS, Repository, among, storable, unindexed
from bot.documents.tables import DOCUMENT, SHARE, Document
from bot.domain import (
    ANYTHING,
    ChannelId,
    DocumentId,
    Message,
    Readable,
    Scope,
    Status,
    UserId,
    Wanted,
    scoped,
)

MAX_NAMED = 20
"""More documents of the same name than anybody would read through."""


_ENDING = func.lower(
    func.substr(
        DOCUMENT.c.name,
        func.length(func.rtrim(DOCUMENT.c.name, func.replace(DOCUMENT.c.name, ".", ""))) + 1,
    )
)
"""What comes behind the last dot of a name; all of a name without dots (`Dockerfile`)."""
_SHARED_BY = func.coalesce(SHARE.c.shared_by, DOCUMENT.c.uploader)


@dataclass(frozen=True, slots=True)
class Total:
    """How many documents of one status there are in a channel, and what they amount to; `size` in bytes."""

    channel: ChannelId
    status: Status
    documents: int
    pages: int
    chunks: int
    size: int


class Reads(Repository):
    """Reads of many documents. Deleted ones are in none of them."""

    async def readable(
        self, scope: Scope, document_ids: Collection[DocumentId], wanted: Wanted = ANYTHING
    ) -> dict[DocumentId, Readable]:
        """Those of the documents that the scope may read, each with its newest wanted share within the scope.

        Not the failed ones: of them nothing is to be found.
        """
        newest_first = func.row_number().over(
            partition_by=SHARE.c.document_id,
            order_by=(SHARE.c.message_ts.is_(None), SHARE.c.message_ts.desc(), SHARE.c.created_at.desc()),
        )
        shares = (
            select(SHARE, newest_first.label("place"))
            .join(DOCUMENT, DOCUMENT.c.id == SHARE.c.document_id)
            .where(
                SHARE.c.document_id.in_(among(document_ids)),
                # else SQLite looks up every pair of a document and a channel
                unindexed(SHARE.c.channel_id).in_(among(scoped(scope).channels)),
                *_conditions(wanted),
            )
            .subquery()
        )
        rows = await self._session.execute(
            select(DOCUMENT.c.generation, DOCUMENT.c.title, DOCUMENT.c.name, shares)
            .join(shares, shares.c.document_id == DOCUMENT.c.id)
            .where(_found_in(scope), shares.c.place == 1)
        )
        return {DocumentId(row.document_id): _readable(row) for row in rows}

    async def matching(self, scope: Scope, wanted: Wanted, limit: int) -> list[DocumentId]:
        """The documents of the scope that are wanted, the last shared first."""
        latest = func.max(SHARED_AT)
        rows = await self._session.scalars(
            select(DOCUMENT.c.id)
            .join(SHARE, SHARE.c.document_id == DOCUMENT.c.id)
            .where(
                SHARE.c.channel_id.in_(among(scoped(scope).channels)), _found_in(scope), *_conditions(wanted)
            )
            .group_by(DOCUMENT.c.id)
            .order_by(latest.desc(), DOCUMENT.c.id)
            .limit(limit)
        )
        return [DocumentId(document_id) for document_id in rows]

    async def sharers(self, scope: Scope, limit: int) -> list[UserId]:
        """Who shared the scope's documents in its channels, the last one first."""
        rows = await self._session.scalars(
            select(_SHARED_BY)
            .join(DOCUMENT, DOCUMENT.c.id == SHARE.c.document_id)
            .where(
                SHARE.c.channel_id.in_(among(scoped(scope).channels)),
                _found_in(scope),
                _SHARED_BY.is_not(None),
            )
            .group_by(_SHARED_BY)
            .order_by(func.max(SHARED_AT).desc(), _SHARED_BY)
            .limit(limit)
        )
        return [UserId(user) for user in rows]

    async def titles(self, scope: Scope, limit: int) -> dict[DocumentId, str]:
        """The titles of the scope's documents, the last changed first."""
        rows = await self._session.execute(
            select(DOCUMENT.c.id, DOCUMENT.c.title, DOCUMENT.c.name)
            .where(within(scope), DOCUMENT.c.status != Status.FAILED)
            .order_by(DOCUMENT.c.changed_at.desc(), DOCUMENT.c.id)
            .limit(limit)
        )
        return {DocumentId(row.id): row.title or row.name for row in rows}

    async def listed(
        self,
        scope: Scope,
        wanted: Wanted = ANYTHING,
        *,
        status: Status | None = None,
        title: str = "",
        after: tuple[float, str] | None = None,
        limit: int,
    ) -> Sequence[tuple[Document, ChannelId]]:
        """The scope's documents, the newest first, each with a channel of the scope that it is shared in.

        `title` is part of a title, whatever the case of ASCII letters. `after` is the time of creation and
        the id of the last one seen.
        """
        narrower: list[ColumnElement[bool]] = [*_conditions(wanted)]
        if status is not None:
            narrower.append(DOCUMENT.c.status == status)
        if title:
            narrower.append(DOCUMENT.c.title.icontains(storable(title, MAX_NAME_CHARS), autoescape=True))
        if after is not None:
            narrower.append(tuple_(DOCUMENT.c.created_at, DOCUMENT.c.id) < tuple_(*after))
        rows = await self._session.execute(
            select(Document, SHARE.c.channel_id)
            .join(SHARE, SHARE.c.document_id == DOCUMENT.c.id)
            .where(within(scope), SHARE.c.channel_id.in_(among(scope.channels)), *narrower)
            .order_by(DOCUMENT.c.created_at.desc(), DOCUMENT.c.id.desc(), SHARE.c.channel_id)
            .limit(limit)
        )
        return [(document, ChannelId(channel)) for document, channel in rows]

    async def totals(self, scope: Scope) -> Sequence[Total]:
        """What there is in the scope, by channel and status; of what there is none there is no row."""
        rows = await self._session.execute(
            select(
                SHARE.c.channel_id,
                DOCUMENT.c.status,
                func.count(),
                func.sum(DOCUMENT.c.pages),
                func.sum(DOCUMENT.c.chunks),
                func.sum(DOCUMENT.c.size),
            )
            .join(SHARE, SHARE.c.document_id == DOCUMENT.c.id)
            .where(within(scope), SHARE.c.channel_id.in_(among(scope.channels)))
            .group_by(SHARE.c.channel_id, DOCUMENT.c.status)
        )
        return [
            Total(ChannelId(channel), Status(status), *map(int, figures))
            for channel, status, *figures in rows
        ]

    async def counts(self, scope: Scope) -> dict[Status, int]:
        """How many documents of the scope there are by status; each status is there."""
        return await self._counts(within(scope))

    async def latest(self, scope: Scope, limit: int) -> Sequence[Document]:
        """The documents of the scope that changed last, newest first."""
        return await self._documents(_latest(limit).where(within(scope)))

    async def find_for(self, scope: Scope, text: str) -> Sequence[Document]:
        """The documents of the scope that somebody may mean by a word; the latest first, at most MAX_NAMED.

        By file or document id; else by title or name, whatever the case of ASCII letters; else the only
        one whose title or name begins so.
        """
        wanted = storable(text.strip(), MAX_NAME_CHARS)
        if not wanted:
            return []
        lower = func.lower(wanted)
        names = (DOCUMENT.c.title, DOCUMENT.c.name)
        for same in (
            or_(DOCUMENT.c.file_id == wanted, DOCUMENT.c.id == wanted),
            or_(*(func.lower(name) == lower for name in names)),
        ):
            if found := await self._documents(_latest(MAX_NAMED).where(within(scope), same)):
                return found
        begins = or_(*(name.istartswith(wanted, autoescape=True) for name in names))
        found = await self._documents(_latest(2).where(within(scope), begins))
        return found if len(found) == 1 else []

    async def counts_all(self) -> dict[Status, int]:
        """For operators: how many documents there are by status, in all workspaces."""
        return await self._counts(DOCUMENT.c.tombstoned_at.is_(None))

    async def latest_all(self, limit: int) -> Sequence[Document]:
        """For operators: the documents of all workspaces that changed last, newest first."""
        return await self._documents(_latest(limit).where(DOCUMENT.c.tombstoned_at.is_(None)))

    async def find_all(self, words: Collection[str]) -> Sequence[Document]:
        """For operators: the documents of all workspaces whose id, file, title or name is one of these words.

        The latest first, at most MAX_NAMED.
        """
        named = (DOCUMENT.c.id, DOCUMENT.c.file_id, DOCUMENT.c.title, DOCUMENT.c.name)
        return await self._documents(
            _latest(MAX_NAMED).where(
                DOCUMENT.c.tombstoned_at.is_(None), or_(*(column.in_(among(words)) for column in named))
            )
        )

    async def _counts(self, condition: ColumnElement[bool]) -> dict[Status, int]:
        rows = await self._session.execute(
            select(DOCUMENT.c.status, func.count()).where(condition).group_by(DOCUMENT.c.status)
        )
        return dict.fromkeys(Status, 0) | {Status(status): number for status, number in rows}

    async def _documents(self, query: Select[Document]) -> Sequence[Document]:
        return (await self._session.scalars(query)).all()


def within(scope: Scope) -> ColumnElement[bool]:
    """Whether a document is there, and shared where the scope may read."""
    scoped(scope)
    shared = select(SHARE.c.document_id).where(SHARE.c.channel_id.in_(among(scope.channels)))
    return (
        DOCUMENT.c.id.in_(shared)
        # else SQLite reads the whole workspace for a scope of one channel
        & (unindexed(DOCUMENT.c.workspace_id) == scope.workspace)
        & DOCUMENT.c.tombstoned_at.is_(None)
        & (DOCUMENT.c.id.in_(among(scope.documents)) if scope.documents is not None else true())
    )


def _found_in(scope: Scope) -> ColumnElement[bool]:
    """What a search in the scope may show at all; which channels it is shared in is another condition."""
    return and_(
        unindexed(DOCUMENT.c.workspace_id) == scope.workspace,
        DOCUMENT.c.tombstoned_at.is_(None),
        DOCUMENT.c.status != Status.FAILED,  # also while what the index had is being removed
        DOCUMENT.c.id.in_(among(scope.documents)) if scope.documents is not None else true(),
    )


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """What a share and its document have to fulfil."""
    if wanted.people:
        yield _SHARED_BY.in_(among(wanted.people))
    if wanted.endings or wanted.mimetypes:
        yield or_(_ENDING.in_(among(wanted.endings)), DOCUMENT.c.mimetype.in_(among(wanted.mimetypes)))
    if wanted.since is not None:
        yield wanted.since <= SHARED_AT
    if wanted.before is not None:
        yield wanted.before > SHARED_AT


def _latest(limit: int) -> Select[Document]:
    return select(Document).order_by(DOCUMENT.c.changed_at.desc(), DOCUMENT.c.id).limit(limit)


def _readable(row: Row[Any]) -> Readable:
    return Readable(
        document_id=DocumentId(row.document_id),
        generation=row.generation,
        title=row.title or row.name,
        message=Message(
            channel=ChannelId(row.channel_id),
            ts=row.message_ts,
            thread_ts=row.thread_ts,
            shared_by=UserId(row.shared_by) if row.shared_by else None,
        ),
        permalink=row.permalink,
    )
