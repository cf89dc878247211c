from __future__ import annotations

import asyncio
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import API_WORKSPACE, LOCAL_CHANNEL, ApiKey, ChannelId, Right
from bot.errors import FileRejected, OperatorError, RateLimited
from bot.search.access import access_of_key
from bot.web.api.keys import KEY, hash_of, new_key
from bot.web.api.limits import MAX_KNOWN, PARTS, UPLOADS_AT_ONCE, Limits
from bot.web.api.problems import ApiProblem, problem_of
from bot.web.api.upload import file_name


@settings(max_examples=50)
@given(st.text(max_size=400))
def test_whatever_a_file_is_called_its_name_is_one_that_can_be_shown(sent: str) -> None:
    name = file_name(sent)
    assert not set("/\\") & set(name)
    assert name not in {".", ".."}
    assert len(name) <= 255
    assert not [sign for sign in name if unicodedata.category(sign) in {"Cc", "Cf", "Cs"}]
    assert file_name(name) == name.strip()


async def test_requests_are_counted_by_minutes_and_each_key_by_itself() -> None:
    now = [0.0]
    limits = Limits(2, clock=lambda: now[0])
    assert (await limits.ask("a"))["RateLimit"] == '"requests";r=1;t=60'
    now[0] = 45.0
    assert (await limits.ask("a"))["RateLimit"] == '"requests";r=0;t=15'
    with pytest.raises(ApiProblem) as limited:
        await limits.ask("a")
    assert (limited.value.status, limited.value.headers["Retry-After"]) == (429, "15")
    with pytest.raises(ApiProblem):
        limits.check("a")
    limits.check("b")
    assert (await limits.ask("b"))["RateLimit"] == '"requests";r=1;t=15'
    now[0] = 60.0
    limits.check("a")
    assert (await limits.ask("a"))["RateLimit"] == '"requests";r=1;t=60'


async def test_those_who_ask_are_remembered_only_so_many() -> None:
    limits = Limits(1, clock=lambda: 0.0)
    for number in range(MAX_KNOWN + 1):
        await limits.ask(str(number))
    assert await limits.ask("0")
    with pytest.raises(ApiProblem):
        await limits.ask(str(MAX_KNOWN))


@settings(max_examples=25)
@given(st.lists(st.sampled_from([0, 1, 2]), max_size=150), st.integers(1, 60))
async def test_replicas_together_let_a_key_ask_as_often_as_it_may_and_one_alone_nearly(
    asked: list[int], most: int
) -> None:
    taken = 0

    async def take(_who: str, _minute: int, wanted: int) -> tuple[int, int]:
        nonlocal taken
        granted = min(wanted, most - taken)
        taken += granted
        return granted, most - taken

    replicas = [Limits(most, clock=lambda: 0.0, take=take) for _ in range(3)]
    let = await asyncio.gather(*(replicas[which].ask("a") for which in asked), return_exceptions=True)
    answered = sum(isinstance(one, dict) for one in let)
    assert answered <= most
    kept_back = 2 * max(most // PARTS, 1)  # by the two others
    assert answered >= min(len(asked), most - kept_back)


def test_an_upload_that_ended_makes_room_for_the_next() -> None:
    limits = Limits(1)
    held = [limits.uploading("a") for _ in range(UPLOADS_AT_ONCE)]
    for one in held:
        one.__enter__()
    with pytest.raises(ApiProblem), limits.uploading("a"):
        pass
    with limits.uploading("b"):
        held[0].__exit__(None, None, None)
        with limits.uploading("a"):
            pass


def test_a_key_is_never_made_twice_and_its_hash_is_not_it() -> None:
    key_id, key, key_hash = new_key()
    typed = KEY.fullmatch(key)
    assert typed
    assert typed["id"] == key_id
    assert key_hash == hash_of(key)
    assert key[len(key_id) :] not in key_hash
    assert new_key()[1] != key


def test_a_key_that_is_no_good_reads_nothing() -> None:
    space = ChannelId("S1")
    key = ApiKey("fmk_1", "ci", frozenset(Right), created_at=0.0, expires_at=10.0, spaces={space: "handbook"})
    assert access_of_key(key, 9.9).scope.channels == {space}
    assert access_of_key(key, 9.9).scope.workspace == API_WORKSPACE
    assert access_of_key(key, 10.0).scope.channels == frozenset()
    revoked = ApiKey("fmk_1", "ci", key.rights, 0.0, 10.0, key.spaces, revoked_at=5.0)
    assert access_of_key(revoked, 5.0).scope.channels == frozenset()
    assert LOCAL_CHANNEL not in access_of_key(key, 1.0).scope.channels


def test_an_error_is_told_by_who_acts_next_and_an_operators_keeps_its_words() -> None:
    assert problem_of(FileRejected("too_large", "it is too large")).status == 413
    later = problem_of(RateLimited("Cohere asked for a pause", 7.2))
    assert (later.status, later.headers["Retry-After"]) == (503, "7")
    ours = problem_of(OperatorError("the key of Pinecone is wrong"))
    assert (ours.status, "Pinecone" in ours.problem.detail) == (500, False)
