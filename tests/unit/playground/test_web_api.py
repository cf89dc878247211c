from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.methods import HANDLERS
from bot.playground.requirements import METHODS
from bot.playground.server import Playground

Refused = Callable[[Awaitable[Any]], Awaitable[dict[str, Any]]]


def test_every_method_of_the_table_is_answered_and_no_other() -> None:
    assert HANDLERS.keys() == METHODS.keys()


async def test_auth_test_names_the_workspace_and_the_bot(slack: Playground, client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert answer["team_id"] == slack.workspace.team_id
    assert answer["user_id"] == slack.bot_user
    assert answer["url"] == slack.page_url
    assert "files:read" in answer.headers["x-oauth-scopes"].split(",")


async def test_auth_test_with_the_app_token_names_the_app(slack: Playground) -> None:
    answer = await AsyncWebClient(token=slack.app_token, base_url=slack.api_url).auth_test()
    assert answer["app_name"] == "FaultMaven"


async def test_an_unknown_method_is_refused_before_anything_else(
    slack: Playground, http: aiohttp.ClientSession
) -> None:
    async with http.post(slack.api_url + "chat.shout") as response:
        assert response.status == 200
        assert (await response.json())["error"] == "unknown_method"


async def test_a_call_without_token_is_not_authed(slack: Playground, http: aiohttp.ClientSession) -> None:
    async with http.post(slack.api_url + "auth.test") as response:
        assert await response.json() == {"ok": False, "error": "not_authed"}


async def test_a_token_in_the_address_does_not_count(slack: Playground, http: aiohttp.ClientSession) -> None:
    async with http.get(slack.api_url + "auth.test", params={"token": slack.bot_token}) as response:
        assert (await response.json())["error"] == "not_authed"


async def test_a_token_in_the_form_counts(slack: Playground, http: aiohttp.ClientSession) -> None:
    async with http.post(slack.api_url + "auth.test", data={"token": slack.bot_token}) as response:
        assert (await response.json())["ok"] is True


async def test_a_wrong_token_is_invalid_auth(slack: Playground, refused: Refused) -> None:
    stranger = AsyncWebClient(token="xoxb-wrong", base_url=slack.api_url)
    assert (await refused(stranger.auth_test()))["error"] == "invalid_auth"


async def test_the_wrong_kind_of_token_is_refused(
    slack: Playground, client: AsyncWebClient, refused: Refused
) -> None:
    wrong = await refused(client.apps_connections_open(app_token=slack.bot_token))
    assert wrong["error"] == "not_allowed_token_type"
    app = AsyncWebClient(token=slack.app_token, base_url=slack.api_url)
    assert (await refused(app.files_list()))["error"] == "not_allowed_token_type"


async def test_after_uninstalling_the_token_is_dead(
    slack: Playground, client: AsyncWebClient, refused: Refused
) -> None:
    slack.workspace.uninstall()
    assert (await refused(client.auth_test()))["error"] == "account_inactive"


async def test_a_scope_that_the_manifest_lacks_is_named(client: AsyncWebClient, refused: Refused) -> None:
    answer = await refused(client.team_info())
    assert answer["error"] == "missing_scope"
    assert answer["needed"] == "team:read"
    assert "chat:write" in answer["provided"].split(",")


async def test_a_scope_that_was_not_granted_is_missing(refused: Refused) -> None:
    async with Playground.serve(withhold=["files:read"]) as slack:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        assert (await refused(client.files_info(file="F1")))["needed"] == "files:read"


async def test_a_missing_argument_is_named(client: AsyncWebClient, refused: Refused) -> None:
    answer = await refused(client.api_call("chat.postMessage", json={"text": "hello"}))
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == ["[ERROR] missing required field: channel"]


async def test_an_argument_that_the_method_does_not_know_is_named(
    client: AsyncWebClient, refused: Refused
) -> None:
    answer = await refused(client.api_call("files.info", params={"file": "F1", "fiel": "F1"}))
    assert answer["response_metadata"]["messages"] == ["[ERROR] unknown argument: fiel"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"limit": "many"}, "must be a valid integer [json-pointer:/limit]"),
        ({"exclude_archived": "perhaps"}, "must be a boolean [json-pointer:/exclude_archived]"),
    ],
)
async def test_an_argument_of_the_wrong_type_is_named(
    client: AsyncWebClient, refused: Refused, arguments: dict[str, str], problem: str
) -> None:
    answer = await refused(client.api_call("users.conversations", params=arguments))
    assert answer["errors"] == [problem]


async def test_text_must_be_a_string(client: AsyncWebClient, refused: Refused) -> None:
    answer = await refused(client.api_call("chat.postMessage", json={"channel": "C1", "text": 5}))
    assert answer["errors"] == ["must be a string [json-pointer:/text]"]


async def test_a_reading_method_ignores_a_json_body(client: AsyncWebClient, refused: Refused) -> None:
    answer = await refused(client.api_call("files.info", json={"file": "F1"}))
    assert answer["errors"] == ["missing required field: file"]


@pytest.mark.parametrize(
    ("body", "error"), [("{", "invalid_json"), ("[]", "json_not_object")], ids=["broken", "a list"]
)
async def test_a_body_that_is_no_json_object_is_refused(
    slack: Playground, http: aiohttp.ClientSession, body: str, error: str
) -> None:
    headers = {"Authorization": f"Bearer {slack.bot_token}", "Content-Type": "application/json"}
    async with http.post(slack.api_url + "chat.postMessage", data=body, headers=headers) as response:
        assert (await response.json())["error"] == error


async def test_calls_are_recorded_without_tokens(
    slack: Playground, client: AsyncWebClient, refused: Refused
) -> None:
    await client.auth_test()
    await refused(client.files_info(file="F1"))
    assert [(call.method, call.arguments, call.outcome) for call in slack.calls] == [
        ("auth.test", {}, "ok"),
        ("files.info", {"file": "F1"}, "file_not_found"),
    ]
