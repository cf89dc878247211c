"""`fm db new-key` and `fm db rotate-key`: the keys that encrypt workspaces' tokens."""

from __future__ import annotations

import asyncio

import typer

from bot.app.core import open_database
from bot.app.workspaces import open_vault
from bot.cli.base import personal_settings
from bot.cli.database import db
from bot.documents.vault import new_key
from bot.providers.slack.installed import reseal_all
from bot.settings import Settings
from bot.slack.render_text import count


@db.command("new-key")
def make() -> None:
    """Make a key for FM_ENCRYPTION_KEY and print it; it is kept nowhere.

    For example: fm db new-key
    """
    typer.echo(new_key())


@db.command("rotate-key")
def rotate() -> None:
    """Encrypt all workspaces' tokens with the first key of FM_ENCRYPTION_KEY; a bot may be running.

    Put the new key before the former one, with a comma between, restart the bot, run this, then remove
    the former key. It may be run again, also after it broke off. For example: fm db rotate-key
    """
    changed = asyncio.run(_rotate(personal_settings()))
    typer.echo(f"{count(changed, 'workspace')} moved to the first key; former keys are needed no longer")


async def _rotate(settings: Settings) -> int:
    vault = open_vault(settings)
    async with open_database(settings, alone=False) as database:
        return await reseal_all(database.transaction, vault)
