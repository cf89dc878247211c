"""Converse: a follow-up and what was asked before → a question that can be searched by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from itertools import islice

import regex
import structlog

from bot.answer.inert import visible
from bot.answer.prompt import rewriting
from bot.answer.terms import ASKING, stems_of
from bot.domain import ChatText, Exchange
from bot.errors import OperatorError, RetryLater
from bot.ports import ChatProvider
from bot.search.parse import MAX_QUERY_CHARS
from bot.search.stem import stem
from bot.search.words import STOP_WORDS, fold

log = structlog.get_logger(__name__)

REWRITE_S = 6.0
MAX_REWRITTEN_CHARS = 400
FEW_WORDS = 2
"""What has no more telling words than these, and isn't built like a question, leans on what was before."""
SOME_WORDS = 5
"""So does one with no more than these that points back ("how long does it take there?")."""
CARRIED = 8
BEFORE = 6
_POINTING = "it its they them their that this those these he she his her there then one ones same both"
POINTING = frozenset(_POINTING.split())
LEADING = regex.compile(
    r"\s*(?:and|or|but|so|also|then|what about|how about|what if|what else|why|why not|since when)\b", regex.I
)
WHOLE = regex.compile(
    r"\s*(?:what|who|whose|whom|which|where|when|how|is|are|was|were|do|does|did|can|could|may|must|should|has|have)\b",
    regex.IGNORECASE,
)
DEFINITE = regex.compile(r"\b(?:the|that|this)\b", regex.I)
"""Which one, was said before ("who wrote the report?")."""
TOKEN = regex.compile(r"[\p{L}\p{N}][\p{L}\p{M}\p{N}._/:@#'’-]*")  # noqa: RUF001  # as people type it


async def standalone(question: str, history: Sequence[Exchange], chat: ChatProvider | None) -> str:
    """The question as it can be searched alone; put together here when a chat model doesn't do it."""
    carried = whole(question, [one.question for one in history])
    if chat is None or carried == question:
        return carried
    text = ""
    try:
        async with asyncio.timeout(REWRITE_S), aclosing(chat.reply(rewriting(question, history))) as reply:
            async for event in reply:
                text += event.text if isinstance(event, ChatText) else ""
                if len(text) > MAX_REWRITTEN_CHARS:
                    break
    except (RetryLater, OperatorError, TimeoutError) as error:
        log.warning("question_not_rewritten", cause=type(error).__name__)
        return carried
    rewritten = " ".join(visible(text).split()).strip(' "“”')
    fit = len(rewritten) <= MAX_REWRITTEN_CHARS and set(stems_of(rewritten)) & set(stems_of(carried))
    return rewritten if fit else carried


def whole(question: str, before: Sequence[str]) -> str:
    """The question, with the telling words of the earlier ones (oldest first) where it leans on them.

    Carried on from question to question, so that a chain of follow-ups keeps its subject. At most as long
    as a query may be; a question that long is left as it is.
    """
    subject = ""
    for former in before[-BEFORE:]:
        subject = _joined(former, subject)
    return _joined(question, subject)


def _joined(question: str, subject: str) -> str:
    own = {stem(fold(word)) for word in _telling(question)}
    if not subject or not _leans(question, own):
        return question
    carried = islice((word for word in _telling(subject) if stem(fold(word)) not in own), CARRIED)
    joined = " ".join([question, *carried])
    return joined if len(joined) <= MAX_QUERY_CHARS else question


def _leans(question: str, own: set[str]) -> bool:
    if not own or (len(own) <= FEW_WORDS and (not WHOLE.match(question) or DEFINITE.search(question))):
        return True
    points = LEADING.match(question) or POINTING & {fold(word) for word in TOKEN.findall(question)}
    return bool(points) and len(own) <= SOME_WORDS


def _telling(text: str) -> list[str]:
    """The words that say what it is about, each once, in order."""
    words = (word.rstrip(".:'’-/") for word in TOKEN.findall(text))  # noqa: RUF001  # as people type it
    telling = {fold(word): word for word in words if fold(word) not in STOP_WORDS | POINTING}
    return [word for word in telling.values() if word and stem(fold(word)) not in ASKING]
