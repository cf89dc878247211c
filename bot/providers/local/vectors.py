"""All vectors in memory, in blocks: the nearest of 100,000 takes 3 ms.

1 KiB a vector (256 of float32; as float16 it would be half, and ten times slower to search).
Memory is that of the most chunks ever held at once: what a removed vector leaves is used again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from bot.ports import Vectors
from bot.providers.local.index_schema import ORDINAL_BITS

Ids = npt.NDArray[np.int64]
BLOCK_ROWS = 4_096
FREE = -1
GATHER_BELOW = 0.25
"""A block of which less than this share is in scope is searched row by row: cheaper there."""


class VectorMemory:
    """Chunk row ids with their vectors. Safe between threads; searches don't wait for each other.

    `removals` grows before a vector goes, so that a reader can tell whether what it looked for may
    have gone meanwhile.
    """

    def __init__(self, dimension: int) -> None:
        self.removals = 0
        self._dimension = dimension
        self._lock = threading.Lock()
        self._blocks: list[Vectors] = []
        self._ids: Ids = np.empty(0, dtype=np.int64)

    def __len__(self) -> int:
        return int(np.count_nonzero(self._ids != FREE))

    @property
    def nbytes(self) -> int:
        """Bytes that the blocks and ids take."""
        return sum(block.nbytes for block in self._blocks) + self._ids.nbytes

    def put(self, ids: Ids, vectors: Vectors) -> None:
        """Add vectors, shape (len(ids), dimension); an id that is there gets its new vector in place."""
        with self._lock:
            slots = self._slots_of(ids)
            for slot, vector in zip(slots.tolist(), vectors, strict=True):
                self._blocks[slot // BLOCK_ROWS][slot % BLOCK_ROWS] = vector
            self._ids[slots] = ids

    def drop(self, ids: Iterable[int]) -> None:
        """Forget vectors; unknown ids are ignored."""
        with self._lock:
            self.removals += 1
            self._ids[self._held(np.fromiter(ids, dtype=np.int64))] = FREE

    def nearest(self, vector: Vectors, documents: Ids, limit: int) -> tuple[Ids, Vectors]:
        """The best ids of these document rows and their dot products, best first, ties by id."""
        with self._lock:
            ids, blocks = self._ids.copy(), list(self._blocks)
        wanted = _in_documents(ids, documents)
        slots: list[Ids] = []
        scores: list[Vectors] = []
        for number, block in enumerate(blocks):
            first = number * BLOCK_ROWS
            rows = np.flatnonzero(wanted[first : first + BLOCK_ROWS])
            if rows.size:
                few = rows.size < GATHER_BELOW * BLOCK_ROWS
                # Not `@`: its threads wait for each other in a spin and take the keyword search's core.
                scores.append(np.vecdot(block[rows], vector) if few else np.vecdot(block, vector)[rows])
                slots.append(rows + first)
        if not slots:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        return _best(ids[np.concatenate(slots)], np.concatenate(scores), limit)

    def _slots_of(self, ids: Ids) -> Ids:
        """Where these ids are or will be; grows by whole blocks, never copies a vector."""
        held = self._held(ids)
        slot_of = dict(zip(self._ids[held].tolist(), held.tolist(), strict=True))
        new = [chunk for chunk in dict.fromkeys(ids.tolist()) if chunk not in slot_of]
        while (free := np.flatnonzero(self._ids == FREE)).size < len(new):
            self._blocks.append(np.zeros((BLOCK_ROWS, self._dimension), dtype=np.float32))
            self._ids = np.concatenate([self._ids, np.full(BLOCK_ROWS, FREE, dtype=np.int64)])
        slot_of.update(zip(new, free.tolist(), strict=False))
        return np.array([slot_of[chunk] for chunk in ids.tolist()], dtype=np.int64)

    def _held(self, ids: Ids) -> Ids:
        """The slots of those ids that are here. Ids come from one document mostly: a narrow range."""
        if not ids.size:
            return ids
        near = np.flatnonzero((self._ids >= ids.min()) & (self._ids <= ids.max()))
        return near[np.isin(self._ids[near], ids)]


def _in_documents(ids: Ids, documents: Ids) -> npt.NDArray[np.bool_]:
    """Which ids belong to these document rows. A table of flags: ten times faster than a search."""
    owners = ids >> ORDINAL_BITS
    highest = max(owners.max(initial=0), documents.max(initial=0))
    flags = np.zeros(int(highest) + 2, dtype=np.bool_)  # the last one is for FREE, which is -1
    flags[documents] = True
    chosen: npt.NDArray[np.bool_] = flags[owners]
    return chosen


def _best(ids: Ids, scores: Vectors, limit: int) -> tuple[Ids, Vectors]:
    if limit < scores.size:
        threshold = np.partition(scores, scores.size - limit)[scores.size - limit]
        keep = scores >= threshold
        ids, scores = ids[keep], scores[keep]
    order = np.lexsort((ids, -scores))[:limit]
    return ids[order], scores[order]
