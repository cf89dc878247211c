"""The rows behind the HTTP API: spaces and who reads them, keys, uploads, requests that may be repeated.

As in `tables`: read as these classes, written as the tables at the end.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, LargeBinary
from sqlmodel import Field, SQLModel


class Space(SQLModel, table=True):
    """A named place for documents; in shares its id stands where a channel's does."""

    __tablename__ = "space"

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    created_at: float


class ApiKeyRow(SQLModel, table=True):
    """A key. `hash` is SHA-256 of the whole key, which holds 256 random bits; the key itself is nowhere.

    `taken` is how many requests of `minute` (since the epoch) the replicas took for themselves.
    """

    __tablename__ = "api_key"

    id: str = Field(primary_key=True)
    name: str
    hash: str
    rights: list[str] = Field(sa_column=Column(JSON, nullable=False))
    created_at: float
    expires_at: float
    revoked_at: float | None = None
    last_used_at: float | None = None
    minute: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    taken: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class SpaceReader(SQLModel, table=True):
    """A key that may read what is in a space; what else it may do there is said by its rights."""

    __tablename__ = "space_reader"

    key_id: str = Field(foreign_key="api_key.id", ondelete="CASCADE", primary_key=True)
    space_id: str = Field(foreign_key="space.id", ondelete="CASCADE", primary_key=True)


class Upload(SQLModel, table=True):
    """A file as it came, until its document has its verdict; any process on this database can read it."""

    __tablename__ = "upload"
    __table_args__ = (Index("upload_age", "created_at"),)

    file_id: str = Field(primary_key=True)
    space_id: str
    key_id: str
    title: str
    name: str
    mimetype: str
    size: int = Field(sa_type=BigInteger)
    created_at: float


class UploadPiece(SQLModel, table=True):
    """A stretch of an upload's bytes, in the order of `ordinal`, counted from 0."""

    __tablename__ = "upload_piece"

    file_id: str = Field(foreign_key="upload.file_id", ondelete="CASCADE", primary_key=True)
    ordinal: int = Field(primary_key=True)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class ApiRequest(SQLModel, table=True):
    """A request with an Idempotency-Key: which file it made, and how it was answered, once it was."""

    __tablename__ = "api_request"
    __table_args__ = (Index("api_request_age", "key_id", "created_at"),)

    key_id: str = Field(foreign_key="api_key.id", ondelete="CASCADE", primary_key=True)
    idempotency_key: str = Field(primary_key=True)
    fingerprint: str
    file_id: str
    status: int | None = None
    answer: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    created_at: float


SPACE = SQLModel.metadata.tables["space"]
API_KEY = SQLModel.metadata.tables["api_key"]
SPACE_READER = SQLModel.metadata.tables["space_reader"]
UPLOAD = SQLModel.metadata.tables["upload"]
UPLOAD_PIECE = SQLModel.metadata.tables["upload_piece"]
API_REQUEST = SQLModel.metadata.tables["api_request"]
