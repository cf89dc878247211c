from __future__ import annotations

from bot.slack.manifest_changes import Difference, differences, placed, reasons_to_reinstall

URL = "https://bot.example.com/slack/events"


def manifest(scopes: list[str], **settings: object) -> dict:
    return {
        "display_information": {"name": "FaultMaven"},
        "features": {"slash_commands": [{"command": "/fm"}]},
        "oauth_config": {"scopes": {"bot": scopes}},
        "settings": {"event_subscriptions": {"bot_events": ["file_shared"]}, **settings},
    }


def test_each_scope_that_comes_or_goes_is_a_difference_and_asks_for_a_new_installation() -> None:
    found = differences(manifest(["chat:write", "im:read"]), manifest(["files:read", "chat:write"]))
    path = "oauth_config.scopes.bot"
    assert found == [Difference(path, None, "files:read"), Difference(path, "im:read", None)]
    assert reasons_to_reinstall(found) == ["scope files:read is new", "scope im:read goes"]


def test_words_change_without_a_new_installation() -> None:
    other = manifest([]) | {"display_information": {"name": "Other\x1b[2J"}}
    found = differences(other, manifest([]))
    assert found == [Difference("display_information.name", "Other [2J", "FaultMaven")]
    assert reasons_to_reinstall(found) == []


def test_what_is_off_or_empty_is_the_same_as_what_is_not_said() -> None:
    said = manifest([], org_deploy_enabled=False, is_hosted=False, function_runtime="", allowed=[])
    assert differences(said | {"_metadata": {"major_version": 2}}, manifest([])) == []


def test_the_order_of_scopes_is_no_difference() -> None:
    assert differences(manifest(["a", "b"]), manifest(["b", "a"])) == []


def test_an_app_keeps_the_way_by_which_slack_reaches_it() -> None:
    wanted = manifest([], socket_mode_enabled=True)
    over_http = placed(wanted, {}, URL)
    assert over_http["settings"]["socket_mode_enabled"] is False
    assert over_http["features"]["slash_commands"][0]["url"] == URL
    assert placed(wanted, over_http, None) == over_http
    assert placed(wanted, wanted, None)["settings"]["socket_mode_enabled"] is True
    assert "url" not in wanted["features"]["slash_commands"][0]
    theirs = {"oauth_config": {"redirect_urls": ["https://bot.example.com/slack/oauth_redirect"]}}
    assert (
        placed(wanted, theirs, None)["oauth_config"]["redirect_urls"]
        == theirs["oauth_config"]["redirect_urls"]
    )
