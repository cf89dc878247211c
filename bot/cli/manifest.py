"""`fm manifest`, `fm manifest push`: what the Slack app is made from, and making the app at Slack so."""

from __future__ import annotations

import asyncio
import json
import os
import re
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from rich.console import Console
from rich.text import Text

from bot.app import manifest as manifests
from bot.cli.base import AsJson, cli, personal_settings
from bot.errors import SettingError
from bot.playground.manifest import manifest_path
from bot.providers.slack.app_config import NewApp
from bot.settings import Settings
from bot.settings.secrets import plain

MADE_FILE = "slack-app.env"
APP_TOKEN = re.compile(r"xapp-\d+-(A[A-Z0-9]+)-")
"""Slack names the app in its app-level tokens."""

manifest = typer.Typer()
cli.add_typer(manifest, name="manifest")

App = Annotated[
    str | None, typer.Option(metavar="ID", help="The app's id (A…); SLACK_APP_TOKEN names it, too.")
]
Url = Annotated[
    str | None, typer.Option(help="Slack over HTTP at https://…/slack/events instead of as it is.")
]
Apply = Annotated[bool, typer.Option("--apply", help="Change the app; else only show what differs.")]
Create = Annotated[bool, typer.Option("--create", help="Make a new app of the manifest.")]


class _Tokens(BaseSettings):
    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", hide_input_in_errors=True)

    slack_config_token: SecretStr | None = None
    slack_config_refresh_token: SecretStr | None = None


@manifest.callback(invoke_without_command=True)
def show(context: typer.Context) -> None:
    """Print the manifest that the Slack app is made from.

    For example: fm manifest > manifest.yml
    """
    if context.invoked_subcommand is None:
        typer.echo(manifest_path().read_text(encoding="utf-8"), nl=False)


@manifest.command()
def push(
    *, app: App = None, url: Url = None, apply: Apply = False, create: Create = False, as_json: AsJson = False
) -> None:
    """Show how the app at Slack differs from the manifest; with --apply make it so.

    Needs SLACK_CONFIG_TOKEN (good for 12 hours) or SLACK_CONFIG_REFRESH_TOKEN, from api.slack.com/apps.

    For example: fm manifest push --app A0123456789 --apply
    """
    settings, given = personal_settings(), _Tokens()
    tokens = manifests.ConfigTokens(plain(given.slack_config_token), plain(given.slack_config_refresh_token))
    made = settings.data_dir / MADE_FILE

    def keep(token: str, following: str) -> None:
        _keep(made, {"SLACK_CONFIG_TOKEN": token, "SLACK_CONFIG_REFRESH_TOKEN": following})
        typer.echo(f"The refresh token is used up; the new tokens are in {made}", err=True)

    if create:
        work = manifests.create(settings.slack_api_url, tokens, url=url, on_rotated=keep)
        _show_new(asyncio.run(work), made, as_json=as_json)
        return
    app_id = app or _app_of(settings)
    pushed = asyncio.run(
        manifests.push(settings.slack_api_url, tokens, app_id, url=url, apply=apply, on_rotated=keep)
    )
    if as_json:
        typer.echo(json.dumps(asdict(pushed), indent=2))
    else:
        _show(pushed, app_id)


def _show(pushed: manifests.Pushed, app_id: str) -> None:
    console = Console(highlight=False, emoji=False, markup=False, soft_wrap=True)
    if not pushed.differences:
        typer.echo(f"{app_id} is as the manifest says")
        return
    for one in pushed.differences:
        if one.was is not None:
            console.print(Text(f"- {one.path}: {one.was}", "red"))
        if one.becomes is not None:
            console.print(Text(f"+ {one.path}: {one.becomes}", "green"))
    typer.echo(
        f"{app_id} is as the manifest says now" if pushed.applied else "Nothing was changed: --apply does it"
    )
    if pushed.reinstall:
        when = "now" if pushed.applied else "then"
        console.print(Text(f"Install the app again {when}: {'; '.join(pushed.reinstall)}", "yellow"))
        typer.echo(f"https://api.slack.com/apps/{app_id}/install-on-team")


def _show_new(new: NewApp, made: Path, *, as_json: bool) -> None:
    """The secrets go to a file of its owner's alone, not to the screen."""
    _keep(
        made,
        {
            "SLACK_CLIENT_ID": new.client_id,
            "SLACK_CLIENT_SECRET": new.client_secret,
            "SLACK_SIGNING_SECRET": new.signing_secret,
        },
    )
    if as_json:
        typer.echo(
            json.dumps({"app_id": new.app_id, "install_url": new.install_url, "secrets": str(made)}, indent=2)
        )
        return
    typer.echo(f"{new.app_id} is made; its secrets are in {made}")
    typer.echo(f"Install it: https://api.slack.com/apps/{new.app_id}/install-on-team")


def _keep(path: Path, values: dict[str, str]) -> None:
    """Set variables in a file that only its owner may read; the others in it stay."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    lines = [line for line in kept if line.partition("=")[0] not in values]
    lines += [f"{name}={value}" for name, value in values.items() if value]
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write("\n".join(lines) + "\n")


def _app_of(settings: Settings) -> str:
    named = APP_TOKEN.match(plain(settings.slack_app_token) or "")
    if named:
        return named[1]
    raise SettingError("--app", "is not given", "Look it up at https://api.slack.com/apps: it begins with A.")
