"""What Slack says of people and channels, read narrowly; and for how long it is believed."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain import Person, Place, Standing, WorkspaceId
from bot.errors import ProviderUnavailable
from bot.providers.slack.membership import place
from bot.providers.slack.people import person
from bot.providers.slack.remembered import MAX_KEPT, Remembered

TEAM = WorkspaceId("T1")
MEMBER: dict[str, Any] = {
    "id": "U1",
    "team_id": TEAM,
    "deleted": False,
    "is_bot": False,
    "is_restricted": False,
    "is_ultra_restricted": False,
}
CHANNEL: dict[str, Any] = {"id": "C1", "name": "ops", "is_private": False, "is_ext_shared": False}


@pytest.mark.parametrize(
    ("said", "standing"),
    [
        ({}, Standing.MEMBER),
        ({"is_restricted": True}, Standing.GUEST),
        ({"is_restricted": True, "is_ultra_restricted": True}, Standing.GUEST),
        ({"is_ultra_restricted": None}, Standing.GUEST),
        ({"team_id": "T2"}, Standing.STRANGER),
        ({"is_stranger": True}, Standing.STRANGER),
        ({"team_id": None}, Standing.STRANGER),
        ({"is_bot": True}, Standing.BOT),
        ({"is_workflow_bot": True}, Standing.BOT),
        ({"is_connector_bot": True}, Standing.BOT),
        ({"deleted": True}, Standing.GONE),
        ({"deleted": None}, Standing.GONE),
        ({"team_id": "T2", "deleted": True}, Standing.GONE),
    ],
)
def test_somebody_is_a_member_only_when_slack_surely_says_so(said: dict, standing: Standing) -> None:
    assert person(MEMBER | said, TEAM).standing is standing


def test_nothing_said_is_nobody() -> None:
    assert person({}, TEAM) == Person(Standing.GONE)


def test_in_an_organization_somebody_is_a_member_of_each_workspace_that_is_named() -> None:
    elsewhere = MEMBER | {"id": "W1", "team_id": "T2", "enterprise_user": {"teams": ["T2", "T1"]}}
    assert person(elsewhere, TEAM).standing is Standing.MEMBER
    colleague = elsewhere | {"enterprise_user": {"enterprise_id": "E1", "teams": ["T2"]}}
    assert person(colleague, TEAM).standing is Standing.STRANGER


def test_admins_and_owners_are_admins_and_guests_never_are() -> None:
    assert person(MEMBER | {"is_admin": True}, TEAM).is_admin
    assert person(MEMBER | {"is_owner": True}, TEAM).is_admin
    for wrong in ({"is_restricted": True}, {"team_id": "T2"}, {"deleted": True}, {"is_bot": True}):
        assert not person(MEMBER | {"is_admin": True} | wrong, TEAM).is_admin


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, Place("ops", is_private=False, is_shared=False)),
        ({"is_private": True}, Place("ops", is_private=True, is_shared=False)),
        ({"is_ext_shared": True}, Place("ops", is_private=False, is_shared=True)),
        ({"is_org_shared": True}, Place("ops", is_private=False, is_shared=True)),
        ({"is_pending_ext_shared": True}, Place("ops", is_private=False, is_shared=True)),
        ({"is_ext_shared": None}, Place("ops", is_private=False)),
        ({"is_private": None}, Place("ops", is_shared=False)),
    ],
)
def test_a_channel_is_open_only_when_slack_surely_says_so(said: dict, expected: Place) -> None:
    found = place(CHANNEL | said)
    assert found == expected
    assert found.is_open == (said == {})


class Answers:
    """Something to be asked; `before` happens while it answers."""

    def __init__(self) -> None:
        self.asked = 0
        self.before = lambda: None

    async def __call__(self) -> int:
        self.asked += 1
        self.before()
        return self.asked


async def test_an_answer_is_believed_until_its_time_is_up() -> None:
    now, answers = [0.0], Answers()
    known: Remembered[str, int] = Remembered(60.0, clock=lambda: now[0])
    assert [await known.get("a", answers), await known.get("a", answers)] == [1, 1]
    now[0] = 59.9
    assert await known.get("a", answers) == 1
    now[0] = 60.0
    assert await known.get("a", answers) == 2


async def test_what_was_dropped_is_asked_for_again_and_nothing_else_is() -> None:
    answers = Answers()
    known: Remembered[str, int] = Remembered(60.0, clock=lambda: 0.0)
    await known.get("a", answers)
    await known.get("b", answers)
    known.drop(lambda key: key == "a")
    assert await known.get("b", answers) == 2
    assert await known.get("a", answers) == 3


async def test_an_answer_that_something_overtook_is_asked_for_again() -> None:
    answers = Answers()
    known: Remembered[str, int] = Remembered(60.0, clock=lambda: 0.0)

    def leave() -> None:
        answers.before = lambda: None
        known.drop(lambda key: key == "a")

    answers.before = leave
    assert await known.get("a", answers) == 2
    answers.before = lambda: known.drop(lambda _: False)
    assert await known.get("b", answers) == 5, "in the end it is told what there is"
    answers.before = lambda: None
    assert await known.get("b", answers) == 6, "and not remembered"


async def test_a_failed_question_leaves_nothing_behind() -> None:
    async def fail() -> int:
        raise ProviderUnavailable("down")

    known: Remembered[str, int] = Remembered(60.0, clock=lambda: 0.0)
    with pytest.raises(ProviderUnavailable):
        await known.get("a", fail)
    assert await known.get("a", Answers()) == 1


async def test_of_too_many_answers_the_oldest_goes() -> None:
    answers = Answers()
    known: Remembered[int, int] = Remembered(60.0, clock=lambda: 0.0)
    for key in range(MAX_KEPT + 1):
        await known.get(key, answers)
    asked = answers.asked
    await known.get(MAX_KEPT, answers)
    assert answers.asked == asked
    await known.get(0, answers)
    assert answers.asked == asked + 1
