"""A child's way out: chunks leave in batches, and every 50 ms at the latest, even while a page hangs.

What left survives the child. The same thread notices that the parent hung up, for systems that don't kill
children with their parent.
"""

from __future__ import annotations

import os
import select
import threading
import time
from typing import Any

from bot.domain import Chunk
from bot.ingest.extract.frames import pack

FLUSH_INTERVAL_S = 0.05
BATCH_CHUNKS = 64


class Outbox:
    """Messages to the parent, over the file descriptor `out`. `hang_up` is the one requests come from."""

    def __init__(self, out: int, hang_up: int) -> None:
        self._out = out
        self._hang_up = select.poll()
        self._hang_up.register(hang_up, select.POLLHUP)
        self._lock = threading.Lock()
        self._busy = threading.Event()
        self._chunks: list[Chunk] = []
        self._done = self._sent = self._total = 0
        threading.Thread(target=self._keep_flushing, daemon=True).start()

    def begin(self) -> None:
        """A document starts."""
        self._chunks = []
        self._done = self._sent = self._total = 0
        self._busy.set()

    def opened(self, readers: int) -> None:
        """The kind is known and has so many readers."""
        self._send("opened", readers)

    def part(self, number: int) -> None:
        """A part of the document begins, counted from 0."""
        self._flush()
        self._send("part", number)

    def page(self, done: int, total: int, chunks: list[Chunk]) -> None:
        """A page was read and gave these chunks."""
        with self._lock:
            self._done, self._total = done, total
            self._chunks += chunks
        while len(self._chunks) >= BATCH_CHUNKS:
            self._flush()

    def end(self, kind: str, *fields: Any) -> None:  # noqa: ANN401 - JSON values
        """The verdict, after all chunks."""
        self._busy.clear()
        self._flush()
        self._send(kind, *fields)

    def _keep_flushing(self) -> None:
        while True:
            self._busy.wait()
            time.sleep(FLUSH_INTERVAL_S)
            if self._hang_up.poll(0):
                os._exit(1)
            self._flush()

    def _flush(self) -> None:
        with self._lock:
            if self._done > self._sent or self._chunks:
                self._write(_batch(self._done, self._total, self._chunks[:BATCH_CHUNKS]))
                self._chunks, self._sent = self._chunks[BATCH_CHUNKS:], self._done

    def _send(self, kind: str, *fields: Any) -> None:  # noqa: ANN401 - JSON values
        with self._lock:
            self._write(pack((kind, *fields)))

    def _write(self, frame: bytes) -> None:
        view = memoryview(frame)
        while view:
            view = view[os.write(self._out, view) :]


def _batch(done: int, total: int, chunks: list[Chunk]) -> bytes:
    rows = [(c.ordinal, c.page, c.start, c.end, c.label, c.heading) for c in chunks]
    return pack(("batch", done, total, rows), "".join([c.text for c in chunks]))
