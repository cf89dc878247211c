"""Ground: what a chat model says → the sentences of it that the evidence bears out, each with its sources.

The model's words are not trusted: it may be wrong, or may have obeyed an instruction in a file. A sentence
is let through when its words and numbers are in the passages it cites, or, where it cites none, in one that
we find for it. Sentences come out while the model still writes, a little behind, for citations come late.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

import regex
import structlog

from bot.answer.cite import Source, Statement
from bot.answer.gather import Evidence
from bot.answer.inert import inert
from bot.answer.prompt import SAYS_NOWHERE
from bot.answer.quote import stretch
from bot.answer.sentences import Span, sentences
from bot.answer.terms import Terms, in_english, stems_of, telling_stems
from bot.domain import ChatCitation, ChatText, Prompt
from bot.errors import OperatorError, RetryLater
from bot.ports import ChatProvider

log = structlog.get_logger(__name__)

MAX_REPLY_CHARS = 12_000
"""Four times what is shown; the model is not listened to any longer."""
MAX_EVENTS = 20_000
MAX_CITATIONS = 500
SUPPORTED = 0.4
"""Of a sentence's telling words, so much must stand in what it cites."""
BORNE_OUT = 0.6
"""So much must stand in one passage that is to be cited for a sentence that cites none."""
QUOTED_WORDS = 4
"""A quotation so long has to stand in what is cited, word for word."""

MARK = regex.compile(
    r"[ \t]*(?:[\[\uff3b\u3010][ \t]*(\^?\d{1,4}(?:[ \t]*[,;–-][ \t]*\^?\d{1,4}){0,9})[ \t]*[\]\uff3d\u3011])"  # noqa: RUF001  # ranges
)
OPEN_MARK = regex.compile(r"[ \t]*[\[\uff3b\u3010][\d \t,;^–-]{0,60}$|[ \t]+$")  # noqa: RUF001  # ranges
RANGE = regex.compile(r"(\d+)[ \t]*[–-][ \t]*(\d+)")  # noqa: RUF001  # ranges
MAY_END = regex.compile(r"[.!?…。！？\n]")  # noqa: RUF001  # these are meant
QUOTATION = regex.compile(r"[\"“„«]([^\"“”„«»\n]{1,600})[\"”»]")
LIST_SIGN = regex.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s+")
FENCE = regex.compile(r"^\s*(?:```|~~~)\w*\s*$")
NUMBER = regex.compile(r"\p{N}+(?:[.,:]\p{N}+)*")


async def grounded(chat: ChatProvider, prompt: Prompt, grounding: Grounding) -> AsyncGenerator[Statement]:
    """The sentences of a reply that hold, as they come. Never raises for the model: `failed` says so."""
    try:
        async with aclosing(chat.reply(prompt)) as reply:
            async for event in reply:
                for statement in grounding.take(event):
                    yield statement
                if grounding.stopped:
                    break
    except (RetryLater, OperatorError) as error:
        log.warning("chat_failed", cause=type(error).__name__)
        grounding.failed = True
        return
    for statement in grounding.end():
        yield statement


@dataclass(slots=True)
class Grounding:
    """One reply. `take` each event, then `end`; `stopped` says that it needs no more.

    `nowhere` says that the model found no answer in the evidence.
    """

    evidence: Sequence[Evidence]
    question: str
    nowhere: bool = False
    stopped: bool = False
    failed: bool = False
    _raw: str = ""
    _read: int = 0
    _text: str = ""
    _shifts: list[tuple[int, int]] = field(default_factory=list)
    _cited: list[tuple[int, int, tuple[int, ...]]] = field(default_factory=list)
    _done: int = 0
    _events: int = 0
    _saids: dict[str, tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict)

    def take(self, event: ChatText | ChatCitation) -> list[Statement]:
        """What is certain by now."""
        self._events += 1
        if self._events > MAX_EVENTS or len(self._raw) > MAX_REPLY_CHARS:
            self.stopped = True
        if self.stopped:
            return []
        if isinstance(event, ChatCitation):
            if len(self._cited) < MAX_CITATIONS:
                start, end = self._place(event.start), self._place(event.end)
                self._cited.append((start, end, event.numbers))
            return []
        self._raw += event.text[: MAX_REPLY_CHARS + 1 - len(self._raw)]
        self._read_marks(len(self._raw) - self._open_tail())
        if SAYS_NOWHERE.match(self._text):
            self.nowhere = self.stopped = True
            return []
        return list(self._release()) if MAY_END.search(event.text) else []

    def end(self) -> list[Statement]:
        """The rest."""
        if self.nowhere:
            return []
        self._read_marks(len(self._raw))
        return list(self._release(ended=True))

    def _open_tail(self) -> int:
        """How much of the end may still become a mark."""
        found = OPEN_MARK.search(self._raw, max(self._read, len(self._raw) - 80))
        return len(self._raw) - found.start() if found else 0

    def _read_marks(self, stop: int) -> None:
        """Move what is read from the reply to the text, without its `[n]`, which become citations."""
        for mark in MARK.finditer(self._raw, self._read, stop):
            self._text += self._raw[self._read : mark.start()]
            self._read = mark.end()
            self._shifts.append((mark.start(), mark.end()))
            if len(self._cited) < MAX_CITATIONS:
                self._cited.append((len(self._text) - 1, len(self._text), _numbers(mark[1])))
        self._text += self._raw[self._read : stop]
        self._read = max(self._read, stop)

    def _place(self, raw: int) -> int:
        """Where a character of the reply is in the text."""
        return raw - sum(min(raw, end) - start for start, end in self._shifts if start < raw)

    def _release(self, *, ended: bool = False) -> Iterator[Statement]:
        """The sentences that are over: not the last one, and the one before it only once it is cited."""
        spans = [(a + self._done, b + self._done) for a, b in sentences(self._text[self._done :])]
        over = len(spans) if ended else len(spans) - 1
        if not ended and over > 0 and not self._numbers_of(spans[over - 1]):
            over -= 1
        for span in spans[: max(over, 0)]:
            gap = self._text[self._done : span[0]]
            self._done = span[1]
            if statement := self._statement(gap, span):
                yield statement

    def _numbers_of(self, span: Span) -> list[int]:
        """What a sentence cites."""
        return sorted({n for start, end, ns in self._cited if start < span[1] and end > span[0] for n in ns})

    def _statement(self, gap: str, span: Span) -> Statement | None:
        words = self._text[slice(*span)]
        sources = self._claimed(words, self._numbers_of(span)) or self._found_for(words)
        text = inert(FENCE.sub("", words)).strip()
        if not sources or not text or not _quotes_hold(words, sources):
            return None
        terms = Terms(dict.fromkeys(((stem,) for stem in telling_stems(words)), 1.0))
        return Statement(_gap(gap, text), text, tuple(_source(one, terms, self.question) for one in sources))

    def _claimed(self, words: str, numbers: Iterable[int]) -> list[Evidence]:
        """What it cites of what there is, as far as that bears it out."""
        cited = [self.evidence[number - 1] for number in numbers if 1 <= number <= len(self.evidence)]
        cited = [one for one in cited if self._agreement(words, [one], numbers=False) > 0]
        translated = in_english(words) != in_english(" ".join(one.candidate.text for one in cited))
        agreement = self._agreement(words, cited)
        # A translation shares little more than names, numbers and commands with what it is of.
        return cited if agreement >= SUPPORTED or (translated and agreement > 0) else []

    def _found_for(self, words: str) -> list[Evidence]:
        """The one passage that bears out best what cites none."""
        best = max(self.evidence, key=lambda one: self._agreement(words, [one]), default=None)
        return [best] if best and self._agreement(words, [best]) >= BORNE_OUT else []

    def _agreement(self, words: str, sources: Sequence[Evidence], *, numbers: bool = True) -> float:
        """The share of the telling words that the sources have; 0 for wrong `numbers`, if these matter."""
        telling = telling_stems(LIST_SIGN.sub("", words, count=1))
        if not telling or (numbers and not self._numbers_hold(words, sources)):
            return 0.0
        said = frozenset[str]().union(*(self._said(one)[1] for one in sources))
        return len(telling & said) / len(telling)

    def _numbers_hold(self, words: str, sources: Sequence[Evidence]) -> bool:
        """Whether each of its numbers stands in the sources or in the question."""
        known = set(NUMBER.findall(self.question)).union(*(self._said(one)[0] for one in sources))
        return known.issuperset(NUMBER.findall(LIST_SIGN.sub("", words, count=1)))

    def _said(self, evidence: Evidence) -> tuple[frozenset[str], frozenset[str]]:
        """The numbers and the stems of a passage with its title and heading; read once."""
        name = evidence.candidate.chunk_id
        if name not in self._saids:
            said = f"{evidence.document.title} {evidence.candidate.heading} {evidence.candidate.text}"
            self._saids[name] = frozenset(NUMBER.findall(said)), frozenset(stems_of(said))
        return self._saids[name]


def _numbers(marked: str) -> tuple[int, ...]:
    found: list[int] = []
    for part in regex.split(r"[,;]", marked.replace("^", "")):
        if pair := RANGE.fullmatch(part.strip()):
            first, last = int(pair[1]), int(pair[2])
            found += range(first, min(last, first + 9) + 1)
        else:
            found += [int(number) for number in regex.findall(r"\d+", part)]
    return tuple(found)


def _quotes_hold(words: str, sources: Sequence[Evidence]) -> bool:
    """Whether every longer quotation is on one of the pages, but for case and space."""
    pages = [" ".join(one.candidate.text.split()).casefold() for one in sources]
    for quotation in QUOTATION.findall(words):
        quoted = " ".join(quotation.split()).casefold().strip(" .,;:!?…")
        if len(quoted.split()) >= QUOTED_WORDS and not any(quoted in page for page in pages):
            return False
    return True


def _source(evidence: Evidence, terms: Terms, question: str) -> Source:
    return Source(evidence, stretch(evidence.candidate.text, terms, question).span)


def _gap(gap: str, text: str) -> str:
    breaks = gap.count("\n")
    if breaks > 1:
        return "\n\n"
    return "\n" if breaks or LIST_SIGN.match(text) else " "
