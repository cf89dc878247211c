"""Pages within the limits: past one, what was read counts and a sentence says what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.domain import Page
from bot.ingest.extract.confine import CpuBudget
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.reading import Reading


def bounded(reading: Reading, limits: Limits, budget: CpuBudget) -> Iterator[Page]:
    """Yield a reading's pages. Raises LimitReached at a limit on pages, characters or CPU time."""
    pages = iter(reading.pages)
    read = 0
    left = limits.characters
    while True:
        if read >= limits.pages and read < reading.total:
            raise LimitReached(f"only the first {read:,} of {reading.total:,} pages were read")
        if not budget.page(read):
            raise LimitReached(_too_slow(read, reading.total))
        page = next(pages, None)
        if page is None:
            return
        if page.number > limits.pages:
            raise LimitReached(f"only the first {limits.pages:,} pages were read")
        if len(page.text) > left:
            yield replace(page, text=page.text[:left])
            raise LimitReached(f"only its first {limits.characters:,} characters were read")
        left -= len(page.text)
        read = page.number
        yield page


def _too_slow(read: int, total: int) -> str:
    if total > read:
        return f"only the first {read:,} of {total:,} pages were read, because reading took too long"
    return "some of it is missing, because reading took too long"
