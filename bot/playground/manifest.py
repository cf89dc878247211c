"""Reads `manifest.yml`: what the app asks of Slack is all that this Slack grants."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """A command as the manifest declares it."""

    command: str
    description: str
    usage_hint: str
    should_escape: bool


@dataclass(frozen=True, slots=True)
class Manifest:
    """The parts of a manifest that decide what an app may do and is told of."""

    name: str
    bot_name: str
    scopes: frozenset[str]
    events: frozenset[str]
    commands: tuple[SlashCommand, ...]
    interactivity: bool
    home_tab: bool
    message_shortcuts: dict[str, str]
    """The names people choose by, by callback id."""

    def command(self, name: str) -> SlashCommand | None:
        """The declared command of this name (`/fm`)."""
        return next((command for command in self.commands if command.command == name), None)


def manifest_path() -> Path:
    """Where the manifest lies: in the package once installed, at the repository's root before."""
    installed = _PACKAGE / "manifest.yml"
    return installed if installed.exists() else _PACKAGE.parent / "manifest.yml"


def manifest_data(path: Path | None = None) -> dict[str, Any]:
    """A manifest as Slack takes it, the app's own by default. Raises OSError or yaml.YAMLError."""
    data: dict[str, Any] = deepcopy(_parsed((path or manifest_path()).read_text(encoding="utf-8")))
    return data


_parsed = lru_cache(maxsize=8)(yaml.safe_load)
"""What a text says, which takes a hundred times as long as to copy it."""


def load_manifest(path: Path | None = None) -> Manifest:
    """The same as this Slack goes by it. Raises OSError or yaml.YAMLError."""
    return parse_manifest(manifest_data(path))


def bot_scopes() -> tuple[list[str], frozenset[str]]:
    """All that the app asks for, and what of it whoever installs it may leave out."""
    asked = manifest_data()["oauth_config"]["scopes"]
    return list(asked["bot"]), frozenset(asked.get("bot_optional", ()))


def parse_manifest(data: dict[str, Any]) -> Manifest:
    """Take from a manifest what this Slack goes by."""
    features = data.get("features", {})
    settings = data.get("settings", {})
    return Manifest(
        name=data["display_information"]["name"],
        bot_name=features["bot_user"]["display_name"],
        scopes=frozenset(data.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
        events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", [])),
        commands=tuple(
            SlashCommand(
                command=entry["command"],
                description=entry["description"],
                usage_hint=entry.get("usage_hint", ""),
                should_escape=entry.get("should_escape", False),
            )
            for entry in features.get("slash_commands", [])
        ),
        interactivity=settings.get("interactivity", {}).get("is_enabled", False),
        home_tab=features.get("app_home", {}).get("home_tab_enabled", False),
        message_shortcuts={
            entry["callback_id"]: entry["name"]
            for entry in features.get("shortcuts", [])
            if entry["type"] == "message"
        },
    )
