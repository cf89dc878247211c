from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain import ANYTHING, ChannelId, Conditions, Mention, Scope, WorkspaceId
from bot.errors import QueryRejected
from bot.search.narrow import narrow, wanted

OPS, INFRA, SECRET = ChannelId("C0OPS"), ChannelId("C0INFRA"), ChannelId("C0SECRET")
NAMES = {OPS: "ops", INFRA: "infra", SECRET: "secret"}
SCOPE = Scope(WorkspaceId("T1"), frozenset({OPS, INFRA}))


def channels(*mentions: Mention) -> Conditions:
    return Conditions(channels=frozenset(mentions))


def test_a_channel_is_found_by_its_id_or_its_name_within_the_scope() -> None:
    for mention in (Mention("C0OPS", "whatever"), Mention(name="ops")):
        scope, conditions = narrow(SCOPE, channels(mention), NAMES, "U1")
        assert scope.channels == {OPS}
        assert {one.id for one in conditions.channels} == {OPS}


def test_several_channels_are_searched_together() -> None:
    scope, _ = narrow(SCOPE, channels(Mention("C0OPS"), Mention(name="infra")), NAMES, "U1")
    assert scope.channels == {OPS, INFRA}


def test_channels_of_the_same_name_are_all_meant() -> None:
    scope, _ = narrow(SCOPE, channels(Mention(name="ops")), NAMES | {INFRA: "ops"}, "U1")
    assert scope.channels == {OPS, INFRA}


def test_a_channel_outside_of_the_scope_is_refused_like_one_that_does_not_exist() -> None:
    said = []
    for mention in (Mention(name="secret"), Mention("C0SECRET", "secret"), Mention("C0NOWHERE", "secret")):
        with pytest.raises(QueryRejected) as refused:
            narrow(SCOPE, channels(mention, Mention("C0OPS")), NAMES, "U1")
        said.append(refused.value.public_message)
    assert set(said) == {"I know no channel #secret that you and I are both in"}


def test_a_private_channel_without_a_name_is_refused_without_its_id() -> None:
    with pytest.raises(QueryRejected) as refused:
        narrow(SCOPE, channels(Mention("C0SECRET")), NAMES, "U1")
    assert "C0SECRET" not in refused.value.public_message


def test_nothing_is_refused_while_slack_does_not_say_who_may_read_what() -> None:
    nothing = Scope(WorkspaceId("T1"), frozenset())
    assert narrow(nothing, channels(Mention(name="ops")), {}, "U1")[0] == nothing


def test_me_is_whoever_asks() -> None:
    people = frozenset({Mention(name="me"), Mention("U2", "bob")})
    _, conditions = narrow(SCOPE, Conditions(people=people), NAMES, "U1")
    assert wanted(conditions).people == {"U1", "U2"}


def test_days_become_the_seconds_at_which_they_begin() -> None:
    found = wanted(Conditions(since=date(1970, 1, 2), before=date(1970, 1, 3)))
    assert (found.since, found.before) == (86_400.0, 172_800.0)


def test_days_are_those_where_the_asker_is() -> None:
    conditions = Conditions(since=date(2026, 7, 1), before=date(2026, 12, 1))
    found = wanted(conditions, ZoneInfo("America/Los_Angeles"))
    assert found.since == datetime(2026, 7, 1, 7, tzinfo=UTC).timestamp()
    assert found.before == datetime(2026, 12, 1, 8, tzinfo=UTC).timestamp()


def test_channels_alone_ask_nothing_of_the_files() -> None:
    assert wanted(channels(Mention("C0OPS"))) == ANYTHING
    assert wanted(Conditions(types=frozenset({"pdf"}))) != ANYTHING
