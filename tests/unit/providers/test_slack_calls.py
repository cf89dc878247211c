from __future__ import annotations

import pytest

from bot.errors import RateLimited
from bot.providers.slack.calls import Calls


async def limited() -> str:
    raise RateLimited("slow down", 30.0)


async def answered() -> str:
    return "ok"


async def test_a_limited_method_is_left_alone_and_others_are_not() -> None:
    now = [0.0]
    calls = Calls(clock=lambda: now[0])
    with pytest.raises(RateLimited):
        await calls.call("files.info", limited)
    with pytest.raises(RateLimited) as refused:
        await calls.call("files.info", answered)
    assert refused.value.retry_after_s == 30.0, "Slack isn't asked before its time is up"
    assert await calls.call("chat.update", answered) == "ok"
    now[0] = 31.0
    assert await calls.call("files.info", answered) == "ok"


async def test_a_short_pause_is_waited_for_and_the_call_repeated() -> None:
    asked = []

    async def once_limited() -> str:
        asked.append(1)
        if len(asked) == 1:
            raise RateLimited("slow down", 0.01)
        return "ok"

    assert await Calls().call("chat.postMessage", once_limited) == "ok"
    assert len(asked) == 2
