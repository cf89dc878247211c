from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.manifest import manifest_path
from bot.playground.model import WorkspaceError
from bot.playground.server import Playground

Refused = Callable[[Awaitable[Any]], Awaitable[dict[str, Any]]]


@pytest.fixture
async def slack(tmp_path: Path) -> AsyncIterator[Playground]:
    """A workspace whose app asks for more, and has no buttons."""
    manifest = yaml.safe_load(manifest_path().read_text(encoding="utf-8"))
    manifest["oauth_config"]["scopes"]["bot"] += ["users:read", "team:read", "assistant:write"]
    manifest["features"]["app_home"]["home_tab_enabled"] = True
    manifest["features"]["slash_commands"][0]["should_escape"] = False
    manifest["settings"]["interactivity"]["is_enabled"] = False
    changed = tmp_path / "manifest.yml"
    changed.write_text(yaml.safe_dump(manifest), encoding="utf-8")
    async with Playground.serve(manifest=changed) as playground:
        yield playground


async def test_with_the_scopes_people_bots_and_the_team_are_described(
    slack: Playground, client: AsyncWebClient, refused: Refused
) -> None:
    gwen = slack.add_user("gwen", guest=True)
    user = (await client.users_info(user=gwen))["user"]
    assert (user["name"], user["is_restricted"], user["is_bot"]) == ("gwen", True, False)
    assert (await refused(client.users_info(user="U0")))["error"] == "user_not_found"
    bot = slack.workspace.bot
    assert (await client.bots_info(bot=bot.bot_id))["bot"]["user_id"] == bot.id
    assert (await refused(client.bots_info(bot="B0")))["error"] == "bot_not_found"
    assert (await client.team_info())["team"]["name"] == "Acme"


async def test_a_home_tab_is_published_to_one_person(
    slack: Playground, client: AsyncWebClient, refused: Refused
) -> None:
    alice = slack.add_user("alice")
    view = {"type": "home", "blocks": [{"type": "divider"}] * 100}
    await client.views_publish(user_id=alice, view=view)
    assert slack.workspace.home_views.keys() == {alice}
    assert slack.workspace.home_views[alice]["blocks"] == view["blocks"]
    for user, wrong, error in (
        ("U0", view, "user_not_found"),
        (alice, {"type": "modal", "blocks": []}, "invalid_arguments"),
        (alice, {"type": "home", "blocks": [{"type": "divider"}] * 101}, "invalid_blocks"),
    ):
        assert (await refused(client.views_publish(user_id=user, view=wrong)))["error"] == error


async def test_a_home_tab_that_the_manifest_does_not_have_is_refused(
    tmp_path: Path, refused: Refused
) -> None:
    manifest = yaml.safe_load(manifest_path().read_text(encoding="utf-8"))
    manifest["features"]["app_home"]["home_tab_enabled"] = False
    changed = tmp_path / "without.yml"
    changed.write_text(yaml.safe_dump(manifest), encoding="utf-8")
    async with Playground.serve(manifest=changed) as slack:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        view = {"type": "home", "blocks": [{"type": "divider"}]}
        alice = slack.add_user("alice")
        assert (await refused(client.views_publish(user_id=alice, view=view)))["error"] == "not_enabled"


async def test_one_to_four_prompts_are_suggested(
    slack: Playground, client: AsyncWebClient, refused: Refused
) -> None:
    dm = slack.direct_channel(slack.add_user("alice"))
    prompt = {"title": "Find", "message": "Find the runbook"}
    suggest = client.assistant_threads_setSuggestedPrompts
    await suggest(channel_id=dm, thread_ts="1.000001", prompts=[prompt] * 4)
    for prompts in ([prompt] * 5, [{"title": "Find"}]):
        answer = await refused(suggest(channel_id=dm, thread_ts="1.000001", prompts=prompts))
        assert answer["error"] == "invalid_arguments"


async def test_buttons_do_nothing_where_the_app_takes_none(slack: Playground, client: AsyncWebClient) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", [alice])
    button = {"type": "button", "action_id": "more", "text": {"type": "plain_text", "text": "More"}}
    blocks = [{"type": "actions", "elements": [button]}]
    ts = (await client.chat_postMessage(channel=ops, text="x", blocks=blocks))["ts"]
    assert await slack.press(alice, ops, ts, "more") == "dispatch_failed"


async def test_a_stranger_joins_nothing(slack: Playground) -> None:
    with pytest.raises(WorkspaceError, match="no such person"):
        await slack.join("U0", slack.add_channel("ops"))
