"""Files as they were uploaded, and requests that may be repeated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, delete, or_, select, update

from bot.documents.changes import DocumentChanges
from bot.documents.knowledge_tables import API_REQUEST, UPLOAD, UPLOAD_PIECE, Upload
from bot.documents.tables import DOCUMENT
from bot.domain import API_WORKSPACE, DocumentId, FileId, Status

ABANDONED_S = 3600.0
"""After which an upload without a document belongs to a request that broke off."""
REPEATABLE_S = 24 * 3600.0
"""How long the same Idempotency-Key gives the same answer."""
MAX_REQUESTS = 10_000
"""Of one key that are kept; more than these are forgotten before their day is over, the oldest first."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A request as it came first under its Idempotency-Key; `status` is None until it was answered."""

    file_id: FileId
    fingerprint: str
    status: int | None
    answer: dict[str, Any] | None


class UploadRepository(DocumentChanges):
    """What was uploaded and has no verdict yet."""

    async def add(self, upload: Upload) -> None:
        """Keep what is known of a file whose pieces come next. Repeatable."""
        await self._insert_or_nothing(UPLOAD, **upload.model_dump())

    async def add_piece(self, file_id: FileId, ordinal: int, content: bytes) -> None:
        """Keep a stretch of its bytes. Repeatable: the same file has the same pieces."""
        await self._insert_or_nothing(UPLOAD_PIECE, file_id=file_id, ordinal=ordinal, content=content)

    async def get(self, file_id: FileId) -> Upload | None:
        """What is known of a file that is kept."""
        return (await self._session.scalars(select(Upload).where(UPLOAD.c.file_id == file_id))).first()

    async def piece(self, file_id: FileId, ordinal: int) -> bytes | None:
        """That stretch of its bytes; None behind the last one."""
        return await self._session.scalar(
            select(UPLOAD_PIECE.c.content).where(
                UPLOAD_PIECE.c.file_id == file_id, UPLOAD_PIECE.c.ordinal == ordinal
            )
        )

    async def introduce(self, document_id: DocumentId, upload: Upload, *, now: float) -> None:
        """Call a document by its upload's name before anybody has read it. Repeatable."""
        await self._change(
            document_id,
            DOCUMENT.c.name == "",
            DOCUMENT.c.tombstoned_at.is_(None),
            now=now,
            title=upload.title,
            name=upload.name,
            mimetype=upload.mimetype,
            size=upload.size,
            uploader=upload.key_id,
        )

    async def clear(self, *, now: float) -> int:
        """Drop what is needed no longer; how many uploads that were. Repeatable.

        Uploads whose document has its verdict or is gone, and requests whose day is over.
        """
        document = and_(DOCUMENT.c.workspace_id == API_WORKSPACE, DOCUMENT.c.file_id == UPLOAD.c.file_id)
        known = select(DOCUMENT.c.id).where(document).exists()
        settled = (
            select(DOCUMENT.c.id)
            .where(document, DOCUMENT.c.status.in_([Status.INDEXED, Status.FAILED]))
            .exists()
        )
        await self._write(delete(API_REQUEST).where(API_REQUEST.c.created_at < now - REPEATABLE_S))
        return await self._write(
            delete(UPLOAD).where(or_(settled, and_(~known, UPLOAD.c.created_at < now - ABANDONED_S)))
        )

    async def begin(
        self, key_id: str, idempotency_key: str, fingerprint: str, file_id: FileId, *, now: float
    ) -> Begun:
        """The request of that name as it came first, which may be this one. Repeatable."""
        mine = API_REQUEST.c.key_id == key_id
        same = and_(mine, API_REQUEST.c.idempotency_key == idempotency_key)
        await self._write(delete(API_REQUEST).where(same, API_REQUEST.c.created_at < now - REPEATABLE_S))
        await self._insert_or_nothing(
            API_REQUEST,
            key_id=key_id,
            idempotency_key=idempotency_key,
            fingerprint=fingerprint,
            file_id=file_id,
            created_at=now,
        )
        oldest_kept = (
            select(API_REQUEST.c.created_at)
            .where(mine)
            .order_by(API_REQUEST.c.created_at.desc())
            .offset(MAX_REQUESTS)
            .limit(1)
            .scalar_subquery()
        )
        await self._write(delete(API_REQUEST).where(mine, API_REQUEST.c.created_at <= oldest_kept))
        row = (await self._session.execute(select(API_REQUEST).where(same))).one()
        return Begun(FileId(row.file_id), row.fingerprint, row.status, row.answer)

    async def answered(self, key_id: str, idempotency_key: str, status: int, answer: dict[str, Any]) -> None:
        """Note how that request was answered; the first answer stays. Repeatable."""
        await self._write(
            update(API_REQUEST)
            .where(
                API_REQUEST.c.key_id == key_id,
                API_REQUEST.c.idempotency_key == idempotency_key,
                API_REQUEST.c.status.is_(None),
            )
            .values(status=status, answer=answer)
        )
