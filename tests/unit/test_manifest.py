"""The manifest asks for what the code uses: no scope and no event more or less."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.manifest import load_manifest, manifest_path
from bot.playground.requirements import (
    COMMAND_SCOPE,
    DOWNLOAD_SCOPE,
    EVENT_SCOPES,
    METHODS,
)

REPOSITORY = Path(__file__).parents[2]
SCHEMA = REPOSITORY.parent / "shared" / "slack" / "manifest.schema.2.0.0.json"
EDGES = ("bot/slack", "bot/providers/slack", "bot/app")
"""Where Slack's API is called and its events are heard."""
KINDS = {"public_channel": "channel", "private_channel": "group", "im": "im"}
BY_ATTRIBUTE = {name.replace(".", "_"): name for name in METHODS}
OF_BOLT = {"say": "chat.postMessage", "AsyncSocketModeHandler": "apps.connections.open"}
"""What Bolt calls for a listener that never names the method."""


def modules() -> Iterator[ast.Module]:
    for edge in EDGES:
        path = REPOSITORY / edge
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]:
            yield ast.parse(file.read_text(encoding="utf-8"))


def nodes() -> Iterator[ast.AST]:
    for module in modules():
        yield from ast.walk(module)


def methods_in_use() -> set[str]:
    found: set[str] = set()
    for node in nodes():
        if isinstance(node, ast.Attribute) and node.attr in BY_ATTRIBUTE:
            found.add(BY_ATTRIBUTE[node.attr])
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in OF_BOLT:
            found.add(OF_BOLT[node.func.id])
    return found


def channel_kinds_in_use() -> set[str]:
    """The kinds of channels that some call names in its `types`."""
    words: set[str] = set()
    for node in nodes():
        given = [node.value] if isinstance(node, ast.keyword) and node.arg == "types" else []
        if isinstance(node, ast.Dict):
            given = [
                value
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant) and key.value == "types"
            ]
        words.update(word for value in given for word in ast.literal_eval(value).split(","))
    return {KINDS[word] for word in words}


def scopes_of_code() -> set[str]:
    scopes, kinds = {DOWNLOAD_SCOPE}, channel_kinds_in_use()
    for name in methods_in_use():
        scopes.update(METHODS[name].scopes)
        scopes.update((METHODS[name].by_channel or {}).get(kind, "") for kind in kinds)
    return scopes - {""}


def events_heard() -> set[str]:
    """What `app.event` is given: a name, a mapping with a type, or names of a constant of its module."""
    heard: set[str] = set()
    for module in modules():
        given = [
            node.args[0]
            for node in ast.walk(module)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "event"
            and node.args
        ]
        for argument in given:
            if isinstance(argument, ast.Constant):
                heard.add(argument.value)
            elif isinstance(argument, ast.Dict):
                heard.add(ast.literal_eval(argument)["type"])
            elif isinstance(argument, ast.Name):
                heard.update(names_in_constants(module))
    return heard


def names_in_constants(module: ast.Module) -> set[str]:
    values = [node.value for node in module.body if isinstance(node, ast.Assign)]
    return {
        node.value
        for value in values
        for node in ast.walk(value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_method_that_is_called_is_known_to_the_playground() -> None:
    slack_methods = {name for name in dir(AsyncWebClient) if "_" in name.strip("_")} - {"api_call"}
    called = {node.attr for node in nodes() if isinstance(node, ast.Attribute)} & slack_methods
    assert called <= BY_ATTRIBUTE.keys()
    assert {"files.info", "chat.postMessage", "users.conversations"} <= methods_in_use()


def test_the_scopes_are_exactly_those_that_methods_events_commands_and_downloads_need() -> None:
    manifest = load_manifest()
    needed = scopes_of_code()
    needed.update(scope for event in manifest.events for scope in EVENT_SCOPES[event])
    needed.update([COMMAND_SCOPE] if manifest.commands else [])
    assert manifest.scopes == needed


def test_every_event_in_the_manifest_has_a_listener() -> None:
    subscribed = {event.partition(".")[0] for event in load_manifest().events}
    assert subscribed - events_heard() == set()


def test_every_event_that_is_heard_is_in_the_manifest() -> None:
    subscribed = {event.partition(".")[0] for event in load_manifest().events}
    assert events_heard() - subscribed == set()


def test_every_event_in_the_manifest_can_happen_in_the_playground() -> None:
    assert load_manifest().events <= EVENT_SCOPES.keys()


def with_request_urls() -> str:
    """The manifest for Slack over HTTP: its commented lines switched on."""
    text = manifest_path().read_text(encoding="utf-8")
    for key in ("url", "request_url"):
        text = text.replace(f"# {key}: https://", f"{key}: https://")
    return text.replace("socket_mode_enabled: true", "socket_mode_enabled: false")


@pytest.mark.parametrize("way", ["socket", "http"])
def test_the_manifest_is_valid_by_slacks_schema(way: str) -> None:
    if not SCHEMA.exists():
        pytest.skip("needs Slack's manifest schema beside the checkout")
    text = manifest_path().read_text(encoding="utf-8") if way == "socket" else with_request_urls()
    jsonschema.validate(yaml.safe_load(text), json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_the_request_urls_are_there_once_the_comments_are_taken_away() -> None:
    manifest = yaml.safe_load(with_request_urls())
    assert manifest["settings"]["event_subscriptions"]["request_url"].endswith("/slack/events")
    assert manifest["settings"]["interactivity"]["request_url"].endswith("/slack/events")
    assert manifest["features"]["slash_commands"][0]["url"].endswith("/slack/events")


def test_optional_scopes_are_scopes() -> None:
    scopes = yaml.safe_load(manifest_path().read_text(encoding="utf-8"))["oauth_config"]["scopes"]
    assert set(scopes["bot_optional"]) < set(scopes["bot"])


def test_token_rotation_is_off() -> None:
    manifest = yaml.safe_load(manifest_path().read_text(encoding="utf-8"))
    assert manifest["settings"]["token_rotation_enabled"] is False
