"""`fm api-key create | list | revoke`: who may use the HTTP API, for which spaces, until when."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from bot.app.core import open_database
from bot.cli.base import AsJson, cli, personal_settings
from bot.database import Database
from bot.domain import ApiKey, Right
from bot.errors import OperatorError
from bot.settings import Settings
from bot.web.api.keys import new_key
from bot.web.api.models import SPACE_NAME

DAY_S = 86_400.0
MAX_DAYS = 3650
MAX_NAME_CHARS = 100

keys = typer.Typer(
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Keys of the HTTP API. Example: fm api-key create intranet --space handbook",
)
cli.add_typer(keys, name="api-key")

Name = Annotated[str, typer.Argument(help="What it is for, to know it again.")]
Spaces = Annotated[list[str], typer.Option("--space", help="A space that it reads; made if there is none.")]
Rights = Annotated[list[Right], typer.Option("--right", help="What it may do there.")]
Days = Annotated[int, typer.Option(min=1, max=MAX_DAYS, help="Days until it expires.")]


@keys.command()
def create(
    name: Name,
    space: Spaces,
    right: Rights = [Right.READ],  # noqa: B006  # typer copies it
    days: Days = 90,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a key and show it this once: what is kept of it is a hash.

    Several spaces and rights are given one by one. The key alone goes to stdout. A bot may be running.

    Example: fm api-key create ci --space handbook --right read --right write --days 30
    """
    for one in space:
        if not re.fullmatch(SPACE_NAME, one):
            raise typer.BadParameter(
                f"{one} is no name for a space: up to 64 of a-z, 0-9, dot, dash, underscore"
            )
    if not 0 < len(name.strip()) <= MAX_NAME_CHARS:
        raise typer.BadParameter(f"NAME has 1 to {MAX_NAME_CHARS} characters")
    key_id, key, key_hash = new_key()
    now = time.time()
    made = ApiKey(key_id, name.strip(), frozenset(right), now, now + days * DAY_S)
    new = asyncio.run(_create(personal_settings(), made, key_hash, set(space)))
    if as_json:
        typer.echo(json.dumps(_as_json(made) | {"spaces": sorted(set(space)), "key": key}, indent=2))
        return
    typer.echo(key)
    for one in sorted(new):
        typer.echo(f"Made the space {one}.", err=True)
    typer.echo(f"Keep it: it is not shown again. It expires on {_day(made.expires_at)}.", err=True)


@keys.command("list")
def show(*, as_json: AsJson = False) -> None:
    """List all keys, the newest first, by what they begin with.

    Example: fm api-key list --json
    """
    found = asyncio.run(_all(personal_settings()))
    if as_json:
        typer.echo(json.dumps([_as_json(key) for key in found], indent=2))
        return
    for key in found:
        used = "never used" if key.last_used_at is None else f"last used {_day(key.last_used_at)}"
        rights, spaces = ",".join(sorted(key.rights)), ",".join(key.spaces.values())
        typer.echo(f"{key.id}  {key.name}  {rights} in {spaces}  {_state(key)}, {used}")


@keys.command()
def revoke(key: Annotated[str, typer.Argument(help="What it begins with (fmk_…), or its name.")]) -> None:
    """Let a key open nothing any more, from its next request on. A bot may be running.

    Example: fm api-key revoke fmk_1a2b3c4d
    """
    revoked = asyncio.run(_revoke(personal_settings(), key))
    if not revoked:
        raise OperatorError("There is no such key that is still good", "`fm api-key list` lists them")
    for key_id in revoked:
        typer.echo(f"Revoked: {key_id}")


async def _create(settings: Settings, key: ApiKey, key_hash: str, spaces: set[str]) -> frozenset[str]:
    async with _writable(settings) as database, database.transaction() as tx:
        return await tx.api_keys.add(key, key_hash, spaces)


async def _all(settings: Settings) -> Sequence[ApiKey]:
    async with open_database(settings, read_only=True) as database, database.transaction(reading=True) as tx:
        return await tx.api_keys.all()


async def _revoke(settings: Settings, word: str) -> list[str]:
    async with _writable(settings) as database, database.transaction() as tx:
        return await tx.api_keys.revoke({word, "_".join(word.split("_")[:2])}, now=time.time())


@asynccontextmanager
async def _writable(settings: Settings) -> AsyncIterator[Database]:
    """The database: beside a running bot if its schema is this program's, else made or brought up to date."""
    try:
        async with open_database(settings, read_only=True):
            alone = False
    except OperatorError:
        alone = True
    async with open_database(settings, alone=alone) as database:
        yield database


def _state(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return f"revoked {_day(key.revoked_at)}"
    return f"{'expires' if key.is_good(time.time()) else 'expired'} {_day(key.expires_at)}"


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _as_json(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "rights": sorted(key.rights),
        "spaces": sorted(key.spaces.values()),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
    }
