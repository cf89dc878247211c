"""Talk: which messages are for us. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from bot.documents.conversations import Thread
from bot.domain import UserId

Surface = Literal["mention", "direct", "thread"]
MUTING = frozenset({"mute", "be quiet", "quiet", "stop", "shut up", "leave this thread"})
RESUMING = frozenset({"resume", "unmute", "come back"})
PLEASANTRY = re.compile(
    r"(?:(?:ok(?:ay)?|thanks?|thank you|thx|ty|cheers|great|perfect|nice|cool|got it|super|merci|danke"
    r"|gracias|works|that works|that helps|very|so much|a lot|all good|done|yes|no|yep|nope|sure|hm+)\b\W*)+",
    re.IGNORECASE,
)
"""What people say to an answer; it wants none."""
SOMEBODY = re.compile(r"<(?:@[UW]\w+|![^>]+)(?:\|[^>]*)?>")
EMOJI = re.compile(r":[\w+-]+:")


class Meant(StrEnum):
    """What a message wants of us."""

    QUESTION = "question"
    MUTE = "mute"
    RESUME = "resume"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Heard:
    """A person's message. `text` is as Slack sends it, without our own mention; `ts` is the message's.

    `thread` is the one it is in or, as the first message, would begin.
    """

    thread: Thread
    ts: str
    user: UserId
    text: str
    surface: Surface


def meaning(heard: Heard, *, known: bool, takes_part: bool) -> Meant:
    """`known`: somebody asked us in that thread; `takes_part`: this person did, and we are not muted.

    A mention or direct message is for us, always. In a thread where we were asked, so is what the same
    person says next, unless they speak to somebody else or only say thanks. Nothing else ever is.
    """
    words = " ".join(EMOJI.sub(" ", heard.text).split()).strip(" .!").lower()
    if known and words in MUTING:
        return Meant.MUTE
    if known and words in RESUMING:
        return Meant.RESUME
    if heard.surface != "thread":
        return Meant.QUESTION
    if not takes_part or SOMEBODY.search(heard.text):
        return Meant.NOTHING
    if not any(character.isalnum() for character in words) or PLEASANTRY.fullmatch(words):
        return Meant.NOTHING
    return Meant.QUESTION
