"""Keys of the HTTP API and the spaces that they read."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, or_, select, true, update

from bot.documents.knowledge_tables import API_KEY, SPACE, SPACE_READER, ApiKeyRow
from bot.documents.sql import Repository, among
from bot.domain import ApiKey, ChannelId, Right

USED_EVERY_S = 60.0
"""How exact `last_used_at` is: a write for each request would be the price of more."""


class ApiKeyRepository(Repository):
    """Keys are made and revoked on the command line, found and used by requests."""

    async def add(self, key: ApiKey, key_hash: str, spaces: Collection[str]) -> frozenset[str]:
        """Keep a new key that reads the spaces of these names; those names that are new are returned."""
        await self._insert_or_nothing(
            API_KEY,
            id=key.id,
            name=key.name,
            hash=key_hash,
            rights=sorted(key.rights),
            created_at=key.created_at,
            expires_at=key.expires_at,
        )
        new = set()
        for name in sorted(spaces):
            if await self._insert_or_nothing(SPACE, id=_space_id(), name=name, created_at=key.created_at):
                new.add(name)
            space_id = await self._session.scalar(select(SPACE.c.id).where(SPACE.c.name == name))
            await self._insert_or_nothing(SPACE_READER, key_id=key.id, space_id=space_id)
        return frozenset(new)

    async def find(self, key_id: str) -> tuple[ApiKey, str] | None:
        """A key, whether it is still good or not, and its hash."""
        rows = await self._session.scalars(select(ApiKeyRow).where(API_KEY.c.id == key_id))
        row = rows.first()
        if row is None:
            return None
        spaces = await self._spaces(SPACE_READER.c.key_id == key_id)
        return _key(row, spaces.get(key_id, {})), row.hash

    async def used(self, key_id: str, *, now: float) -> None:
        """Note that a key was used. Repeatable."""
        earlier = or_(API_KEY.c.last_used_at.is_(None), API_KEY.c.last_used_at < now - USED_EVERY_S)
        await self._write(update(API_KEY).where(API_KEY.c.id == key_id, earlier).values(last_used_at=now))

    async def take(self, key_id: str, *, minute: int, wanted: int, most: int) -> tuple[int, int]:
        """Take some of the `most` requests of a minute for this replica: how many, and how many are left.

        A replica whose clock is behind takes of the minute that others are in.
        """
        row = (
            await self._session.execute(
                select(API_KEY.c.minute, API_KEY.c.taken).where(API_KEY.c.id == key_id)
            )
        ).one_or_none()
        now, taken = (row.minute, row.taken) if row and row.minute >= minute else (minute, 0)
        granted = max(min(wanted, most - taken), 0)
        if granted:
            values = {"minute": now, "taken": taken + granted}
            await self._write(update(API_KEY).where(API_KEY.c.id == key_id).values(**values))
        return granted, max(most - taken - granted, 0)

    async def all(self) -> Sequence[ApiKey]:
        """For operators: every key, the newest first."""
        rows = await self._session.scalars(
            select(ApiKeyRow).order_by(API_KEY.c.created_at.desc(), API_KEY.c.id)
        )
        spaces = await self._spaces(true())
        return [_key(row, spaces.get(row.id, {})) for row in rows]

    async def revoke(self, words: Collection[str], *, now: float) -> list[str]:
        """Let the keys of these ids or names open nothing any more; the ids of those that did."""
        named = or_(API_KEY.c.id.in_(among(words)), API_KEY.c.name.in_(among(words)))
        good = API_KEY.c.revoked_at.is_(None)
        ids = (await self._session.scalars(select(API_KEY.c.id).where(named, good))).all()
        await self._write(update(API_KEY).where(API_KEY.c.id.in_(among(ids)), good).values(revoked_at=now))
        return list(ids)

    async def _spaces(self, condition: ColumnElement[bool]) -> dict[str, dict[ChannelId, str]]:
        """The spaces that keys read, by key, with their names."""
        rows = await self._session.execute(
            select(SPACE_READER.c.key_id, SPACE.c.id, SPACE.c.name)
            .join(SPACE, SPACE.c.id == SPACE_READER.c.space_id)
            .where(condition)
            .order_by(SPACE.c.name)
        )
        found: dict[str, dict[ChannelId, str]] = defaultdict(dict)
        for key_id, space_id, name in rows:
            found[key_id][ChannelId(space_id)] = name
        return found


def _space_id() -> str:
    """Never that of a channel: in Slack those are C…, D… or G…."""
    return f"S{uuid.uuid4().hex[:16].upper()}"


def _key(row: ApiKeyRow, spaces: dict[ChannelId, str]) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        rights=frozenset(right for right in Right if right in row.rights),
        created_at=row.created_at,
        expires_at=row.expires_at,
        spaces=spaces,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
