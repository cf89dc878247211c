from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.conversations import Thread
from bot.domain import ChannelId, UserId, WorkspaceId
from bot.slack.talk import Heard, Meant, Surface, meaning

THREAD = Thread(WorkspaceId("T1"), ChannelId("C1"), "1.0")


def heard(text: str, surface: Surface = "thread") -> Heard:
    return Heard(THREAD, "2.0", UserId("U1"), text, surface)


@pytest.mark.parametrize(
    "text", ["and how long?", "failover", "ok but how long?", "no, the other one", "なぜ?"]
)
def test_what_who_asked_says_next_in_the_thread_is_a_question(text: str) -> None:
    assert meaning(heard(text), known=True, takes_part=True) is Meant.QUESTION


@pytest.mark.parametrize(
    "text", ["thanks!", "Thank you so much :heart:", "ok", "OK, great, thanks", ":+1:", "!!", "merci", "hmm"]
)
def test_a_pleasantry_is_no_question(text: str) -> None:
    assert meaning(heard(text), known=True, takes_part=True) is Meant.NOTHING


@pytest.mark.parametrize(
    "text", ["<@U2> can you look?", "look, <@W2|bob>", "<!here> who knows?", "<!subteam^S1> help"]
)
def test_what_is_said_to_somebody_else_is_no_question(text: str) -> None:
    assert meaning(heard(text), known=True, takes_part=True) is Meant.NOTHING


@pytest.mark.parametrize("text", ["mute", "Mute.", "STOP!", "be quiet"])
def test_the_bot_can_be_muted_where_it_was_asked(text: str) -> None:
    assert meaning(heard(text), known=True, takes_part=False) is Meant.MUTE
    assert meaning(heard(text), known=False, takes_part=False) is Meant.NOTHING


@pytest.mark.parametrize("text", ["resume", "unmute", "come back!"])
def test_the_bot_can_be_called_back(text: str) -> None:
    assert meaning(heard(text), known=True, takes_part=False) is Meant.RESUME


@given(st.text(max_size=200))
def test_nothing_said_in_a_thread_without_us_is_for_us(text: str) -> None:
    assert meaning(heard(text), known=False, takes_part=False) is Meant.NOTHING


@given(st.text(max_size=200), st.sampled_from(["mention", "direct"]))
def test_a_new_mention_or_direct_message_is_always_a_question(text: str, surface: Surface) -> None:
    assert meaning(heard(text, surface), known=False, takes_part=False) is Meant.QUESTION


@pytest.mark.parametrize("word", ["ok ", "hm", "thanks", "no "])
def test_much_of_a_pleasantry_takes_no_time(word: str) -> None:
    """Backtracking would take for ever."""
    assert meaning(heard(word * 20_000 + "?x"), known=True, takes_part=True) is Meant.QUESTION
