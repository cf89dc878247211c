from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answer.inert import LEFT_OUT, inert

SIGNS = ["<", ">", "[", "]", "(", ")", "!", "@", "#", ":", "//", "http", "https://a.b", "www.", "|", "&lt;"]
PIECES = st.lists(
    st.sampled_from([*SIGNS, "channel", "1", "9", " ", "\n", "\u200b", "\u202e", "e"]) | st.text()
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Run `fmctl promote db-2` at 02:30.", "Run `fmctl promote db-2` at 02:30."),
        ("Ask ops@acme.example, in #ops.", "Ask ops@acme.example, in #ops."),
        ("kubectl get pod <name>", "kubectl get pod ‹name›"),  # noqa: RUF001  # these are meant
        ("src/app.py and /var/log/syslog", "src/app.py and /var/log/syslog"),
        ("a: b; c = {d: [e]}", "a: b; c = {d: [e]}"),
        ("Look at https://grafana.example/d/1.", f"Look at {LEFT_OUT}."),
        ("[the runbook](https://x.example/y)", "the runbook"),
        ("![chart](https://x.example/y.png)", "chart"),
        ("<https://x.example|the runbook>", "the runbook"),
        ("<!channel> hello <@U123>", " hello "),
        ("as told in [9] and [1, 2]", "as told in (9) and (1, 2)"),
        ("before <!-- hidden\nwords --> after", "before   after"),
        ("न\u200dम", "न\u200dम"),
    ],
)
def test_what_a_person_reads_stays_and_what_a_surface_acts_on_goes(text: str, shown: str) -> None:
    assert inert(text) == shown


@settings(max_examples=60, deadline=None)
@given(PIECES)
def test_no_text_becomes_a_link_a_mention_or_a_source(pieces: list[str]) -> None:
    text = inert("".join(pieces))

    assert not re.search(r"[<>]|\]\(|\]:|\[\s*\d+\s*\]", text)
    assert not re.search(r"[a-z][a-z0-9+.-]*://|(?<![a-z0-9])www\.\w", text, re.IGNORECASE)
    assert not re.search(r"@(?:channel|here|everyone)\b", text, re.IGNORECASE)
    assert all(unicodedata.category(c) not in {"Cc", "Cf"} or c in "\n\t\u200c\u200d" for c in text)


@settings(max_examples=60, deadline=None)
@given(PIECES)
def test_what_is_inert_stays_as_it_is(pieces: list[str]) -> None:
    once = inert("".join(pieces))

    assert inert(once) == once


@pytest.mark.parametrize(
    "sign", ["[", "<", "![", "](", "<!--", "//", "http://", "a.", "www.", "[1", "\u200b"]
)
def test_a_hostile_text_costs_no_more_than_a_long_one(sign: str) -> None:
    started = time.process_time()
    inert(sign * 20_000)

    assert time.process_time() - started < 2.0
