from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.providers.local.index_schema import ORDINAL_BITS
from bot.providers.local.vectors import BLOCK_ROWS, VectorMemory

DIMENSION = 8


def ids(*chunks: tuple[int, int]) -> np.ndarray:
    return np.array([row << ORDINAL_BITS | ordinal for row, ordinal in chunks], dtype=np.int64)


def made(seed: int, count: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, DIMENSION), dtype=np.float32)


@given(data=st.data())
@settings(deadline=None, max_examples=80)
def test_the_nearest_are_those_that_a_full_comparison_finds(data: st.DataObject) -> None:
    memory = VectorMemory(DIMENSION)
    held: dict[int, np.ndarray] = {}
    for step in range(data.draw(st.integers(1, 10))):
        chosen = data.draw(
            st.lists(st.tuples(st.integers(1, 4), st.integers(0, 30)), unique=True, max_size=30)
        )
        chunk_ids = ids(*chosen)
        if data.draw(st.booleans()):
            vectors = made(step, len(chosen))
            memory.put(chunk_ids, vectors)
            held.update(zip(chunk_ids.tolist(), vectors, strict=True))
        else:
            memory.drop(chunk_ids.tolist())
            for chunk_id in chunk_ids.tolist():
                held.pop(chunk_id, None)
    query = made(99, 1)[0]
    rows = data.draw(st.lists(st.integers(1, 5), unique=True))
    limit = data.draw(st.integers(1, 50))
    wanted = [
        (float(vector @ query), chunk) for chunk, vector in held.items() if chunk >> ORDINAL_BITS in rows
    ]

    found, scores = memory.nearest(query, np.array(rows, dtype=np.int64), limit)

    wanted.sort(key=lambda pair: (-pair[0], pair[1]))
    assert found.tolist() == [chunk for _, chunk in wanted[:limit]]
    assert np.allclose(scores, [score for score, _ in wanted[:limit]], atol=1e-5)
    assert len(memory) == len(held)


def test_equal_vectors_come_in_the_order_of_their_ids() -> None:
    memory = VectorMemory(DIMENSION)
    same = np.tile(made(0, 1), (50, 1))
    memory.put(ids(*((3, n) for n in reversed(range(50)))), same)

    found, _ = memory.nearest(same[0], np.array([3], dtype=np.int64), 10)

    assert found.tolist() == ids(*((3, n) for n in range(10))).tolist()


def test_memory_of_removed_vectors_is_used_again() -> None:
    memory = VectorMemory(DIMENSION)
    for row in range(1, 6):
        chunk_ids = ids(*((row, n) for n in range(BLOCK_ROWS)))
        memory.put(chunk_ids, made(row, BLOCK_ROWS))
        size = memory.nbytes
        memory.drop(chunk_ids.tolist())

        assert memory.nbytes == size == BLOCK_ROWS * (DIMENSION * 4 + 8)
    assert len(memory) == 0


def test_vectors_in_many_blocks_are_all_searched() -> None:
    memory = VectorMemory(DIMENSION)
    count = 3 * BLOCK_ROWS + 7
    vectors = made(1, count)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    memory.put(ids(*((1 + n % 10, n) for n in range(count))), vectors)

    for rows in ([4], list(range(1, 11))):  # a tenth is gathered, all are multiplied
        found, scores = memory.nearest(vectors[3], np.array(rows, dtype=np.int64), 1)
        assert found.tolist() == ids((4, 3)).tolist()
        assert np.allclose(scores, [1.0], atol=1e-4)


def test_an_empty_memory_finds_nothing() -> None:
    found, scores = VectorMemory(DIMENSION).nearest(made(0, 1)[0], np.array([1], dtype=np.int64), 5)

    assert found.size == scores.size == 0
