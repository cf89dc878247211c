"""What differs between two manifests, in words, and what of it asks for a new installation."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
SCOPES = ("oauth_config.scopes.bot", "oauth_config.scopes.user")
EVENTS = "settings.event_subscriptions.bot_events"
COMMANDS = "features.slash_commands"
MAX_VALUE_CHARS = 80


@dataclass(frozen=True, slots=True)
class Difference:
    """`was` is None for what comes, `becomes` for what goes. Of a list of words each word is a difference."""

    path: str
    was: str | None
    becomes: str | None


def differences(current: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[Difference]:
    """What would change. What is not said on one side and empty or off on the other is no difference."""
    before, after = dict(_flat(current)), dict(_flat(wanted))
    return [
        Difference(path.partition("=")[0], before.get(path), after.get(path))
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    ]


def reasons_to_reinstall(found: list[Difference]) -> list[str]:
    """What of it takes effect only when the app is installed again: permissions, and what needs them."""
    words = {SCOPES[0]: "scope", SCOPES[1]: "user scope", EVENTS: "event"}
    reasons = [
        f"{words[one.path]} {one.becomes or one.was} {'is new' if one.was is None else 'goes'}"
        for one in found
        if one.path in words
    ]
    if any(one.path.startswith(COMMANDS) and one.path.endswith(".command") for one in found):
        reasons.append("a slash command changed")
    return reasons


def placed(wanted: Json, current: Mapping[str, Any], url: str | None) -> Json:
    """The wanted manifest with the way by which Slack reaches this installation.

    Over HTTP at `url` if one is given; else as the app has it: Socket Mode, addresses and redirects.
    """
    manifest = copy.deepcopy(wanted)
    settings = manifest.setdefault("settings", {})
    theirs: Mapping[str, Any] = current.get("settings") or {}
    socket = url is None and bool(theirs.get("socket_mode_enabled", settings.get("socket_mode_enabled")))
    settings["socket_mode_enabled"] = socket
    redirects = (current.get("oauth_config") or {}).get("redirect_urls")
    if redirects:
        manifest.setdefault("oauth_config", {})["redirect_urls"] = redirects
    address = url or (theirs.get("event_subscriptions") or {}).get("request_url")
    if address and not socket:
        settings.setdefault("event_subscriptions", {})["request_url"] = address
        settings.setdefault("interactivity", {})["request_url"] = address
        for command in (manifest.get("features") or {}).get("slash_commands") or []:
            command["url"] = address
    return manifest


def _flat(value: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Paths and values; of a list of words one `path=word` each; nothing of what is empty or off."""
    for name, item in value.items():
        if name == "_metadata":
            continue
        yield from _flat_item(item, f"{path}.{name}" if path else str(name))


def _flat_item(item: Any, here: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401  # of a manifest
    if isinstance(item, Mapping):
        yield from _flat(item, here)
    elif isinstance(item, list):
        for number, one in enumerate(item):
            if isinstance(one, Mapping):
                yield from _flat(one, f"{here}.{number}")
            else:
                yield f"{here}={one}", _shown(one)
    elif item not in (None, False, ""):
        yield here, _shown(item)


def _shown(value: object) -> str:
    """One line without control characters: it comes from outside."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return "".join(sign if sign.isprintable() else " " for sign in text)[:MAX_VALUE_CHARS]
