"""Tell: statements → the reader, each once its sources are known to be there and readable."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bot.answer.check import standing
from bot.answer.cite import Source, Statement, Written
from bot.documents.repository import Transaction
from bot.domain import Scope
from bot.ports import OnText, VectorIndex


@dataclass(slots=True)
class Telling:
    """One answer on its way. What was told can't be taken back here: `finish` says what remains of it."""

    transaction: Transaction
    index: VectorIndex
    scope: Scope
    on_text: OnText | None = None
    written: Written = field(default_factory=Written)
    _told: list[Statement] = field(default_factory=list)

    async def tell(self, statement: Statement) -> None:
        """Pass a statement on, without sources that fell away; not at all when none is left.

        Raises RetryLater when the sources can't be looked at now.
        """
        known = self.written.sources.keys()
        new = [one for one in statement.sources if one.chunk_id not in known]
        fit = _with(statement, await self._standing(new) | known)
        piece = self.written.add(fit) if fit else ""
        if fit and piece:
            self._told.append(fit)
            if self.on_text is not None:
                await self.on_text(piece)

    async def finish(self) -> Written:
        """All that was told, without what may not be read any more or is not on its page any more."""
        kept = await self._standing(list(self.written.sources.values()))
        if kept >= self.written.sources.keys():
            return self.written
        remaining = Written()
        for statement in self._told:
            if fit := _with(statement, kept):
                remaining.add(fit)
        return remaining

    async def _standing(self, sources: list[Source]) -> frozenset[str]:
        return await standing(self.transaction, self.index, self.scope, sources)


def _with(statement: Statement, kept: frozenset[str]) -> Statement | None:
    sources = tuple(one for one in statement.sources if one.chunk_id in kept)
    return replace(statement, sources=sources) if sources else None
