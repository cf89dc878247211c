"""The apps that somebody has at api.slack.com: their manifests, and the tokens that may change them."""

from __future__ import annotations

import copy
import secrets
from dataclasses import dataclass, field
from typing import Any

from bot.playground.ids import new_id
from bot.playground.model import Json

MAX_NAME_CHARS, MAX_DESCRIPTION_CHARS, MAX_SHORTCUT_CHARS, MAX_COMMANDS = 35, 140, 24, 50
SECTIONS = frozenset({"_metadata", "display_information", "features", "oauth_config", "settings"})


@dataclass
class AppConfig:
    """`token` is good until `expired` is set or it is rotated; a refresh token is good once."""

    apps: dict[str, Json] = field(default_factory=dict)
    token: str = field(default_factory=lambda: f"xoxe.xoxp-1-{secrets.token_hex(16)}")
    refresh_token: str = field(default_factory=lambda: f"xoxe-1-{secrets.token_hex(16)}")
    expired: bool = False

    def rotate(self) -> None:
        """Give both tokens anew."""
        self.token = f"xoxe.xoxp-1-{secrets.token_hex(16)}"
        self.refresh_token = f"xoxe-1-{secrets.token_hex(16)}"
        self.expired = False

    def create(self, manifest: Json) -> str:
        """A new app; its id."""
        app_id = new_id("A", "APP")
        self.apps[app_id] = copy.deepcopy(manifest)
        return app_id


def problems_of(manifest: Any) -> list[Json]:  # noqa: ANN401  # whatever was sent
    """What Slack objects to in a manifest, each with a JSON pointer to it."""
    if not isinstance(manifest, dict):
        return [_problem("Must be an object", "/")]
    found = [_problem(f"Unknown property {name}", f"/{name}") for name in manifest if name not in SECTIONS]
    return found + _shown_problems(manifest) + _delivery_problems(manifest)


def _shown_problems(manifest: Json) -> list[Json]:
    shown, features = manifest.get("display_information") or {}, manifest.get("features") or {}
    checks: list[tuple[str, Any, int]] = [
        ("/display_information/name", shown.get("name"), MAX_NAME_CHARS),
        ("/display_information/description", shown.get("description", "-"), MAX_DESCRIPTION_CHARS),
    ]
    checks += [
        (f"/features/shortcuts/{number}/name", shortcut.get("name"), MAX_SHORTCUT_CHARS)
        for number, shortcut in enumerate(features.get("shortcuts") or [])
    ]
    found = [
        _problem(f"Must be 1 to {most} characters", pointer)
        for pointer, text, most in checks
        if not isinstance(text, str) or not 1 <= len(text) <= most
    ]
    if len(features.get("slash_commands") or []) > MAX_COMMANDS:
        found.append(_problem(f"At most {MAX_COMMANDS} commands", "/features/slash_commands"))
    return found


def _delivery_problems(manifest: Json) -> list[Json]:
    """Each thing that Slack sends needs an address, or Socket Mode."""
    settings = manifest.get("settings") or {}
    if settings.get("socket_mode_enabled"):
        return []
    found = []
    events, presses = settings.get("event_subscriptions") or {}, settings.get("interactivity") or {}
    if events.get("bot_events") and not events.get("request_url"):
        words = "Event Subscription requires either Request URL or Socket Mode Enabled"
        found.append(_problem(words, "/settings/event_subscriptions"))
    if presses.get("is_enabled") and not presses.get("request_url"):
        found.append(_problem("Interactivity requires a Request URL", "/settings/interactivity"))
    commands = (manifest.get("features") or {}).get("slash_commands") or []
    found += [
        _problem("Slash command requires a URL", f"/features/slash_commands/{number}/url")
        for number, command in enumerate(commands)
        if not command.get("url")
    ]
    return found


def _problem(message: str, pointer: str) -> Json:
    return {"message": message, "pointer": pointer}
