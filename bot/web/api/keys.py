"""Keys: how one is made, and who asks with it."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web

from bot.documents.api_keys import USED_EVERY_S
from bot.domain import ApiKey, Right
from bot.search.access import Access, access_of_key
from bot.web.api.problems import ApiProblem
from bot.web.api.services import Services

KEY = re.compile(r"(?P<id>fmk_[0-9a-f]{8})_[A-Za-z0-9_-]{43}")
SCHEME = "bearer"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever asks: their key, what it may read now, and how many requests it has left."""

    key: ApiKey
    access: Access
    headers: dict[str, str]


def new_key() -> tuple[str, str, str]:
    """A key's id, the whole key, which is shown once, and its hash, which is kept."""
    key_id = f"fmk_{secrets.token_hex(4)}"
    key = f"{key_id}_{secrets.token_urlsafe(32)}"
    return key_id, key, hash_of(key)


def hash_of(key: str) -> str:
    """Of 256 random bits: nothing slower is needed, since they can't be guessed."""
    return hashlib.sha256(key.encode()).hexdigest()


async def caller_of(request: web.Request, services: Services, right: Right) -> Caller:
    """Who asks. Raises ApiProblem: without a good key (401), too often (429), without that right (403)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    typed = KEY.fullmatch(token.strip()) if scheme.lower() == SCHEME else None
    if typed is None:
        raise _unknown("Send a key: `Authorization: Bearer fmk_…`.")
    services.strangers.check(request.remote or "")
    now = services.clock()
    async with services.transaction(reading=True) as tx:
        found = await tx.api_keys.find(typed["id"])
    good = found is not None and hmac.compare_digest(found[1], hash_of(token.strip()))
    if found is None or not good or not found[0].is_good(now):
        await services.strangers.ask(request.remote or "")
        raise _unknown("The key is unknown, revoked or expired.")
    key = found[0]
    if key.last_used_at is None or key.last_used_at < now - USED_EVERY_S:
        async with services.transaction() as tx:
            await tx.api_keys.used(key.id, now=now)
    headers = await services.limits.ask(key.id)
    if right not in key.rights:
        raise ApiProblem(
            HTTPStatus.FORBIDDEN, "right_missing", f"The key has no right to {right}.", headers=headers
        )
    return Caller(key, access_of_key(key, now), headers)


def _unknown(detail: str) -> ApiProblem:
    return ApiProblem(HTTPStatus.UNAUTHORIZED, "no_key", detail, headers={"WWW-Authenticate": "Bearer"})
