"""The hash agrees with the reference on every length that it takes, whatever else is hashed beside it."""

from __future__ import annotations

import numpy as np
import pytest
from blake3 import blake3
from numpy.typing import NDArray

from hereabouts.feeds.ids.blake3 import BLOCK_BYTES, CHUNK_BYTES, LANES, keyed_hashes, new_messages

KEY = bytes(range(100, 132))


def hashed(texts: list[bytes], longest: int) -> list[bytes]:
    messages, lengths = new_messages(len(texts), longest)
    blocks = messages.shape[1]
    for place, text in enumerate(texts):
        words = np.frombuffer(text.ljust(blocks * BLOCK_BYTES, b"\0"), "<u4").reshape(blocks, -1)
        messages[place // LANES, :, :, place % LANES] = words
        lengths[place] = len(text)
    out = np.empty((len(texts), 2), np.uint64)
    keyed_hashes(messages, lengths, np.frombuffer(KEY, "<u4"), out)
    return [row.tobytes() for row in out.astype(">u8")]


def reference(texts: list[bytes]) -> list[bytes]:
    return [blake3(text, key=KEY).digest(16) for text in texts]


def noise(length: int) -> bytes:
    return np.random.default_rng(length).bytes(length)


@pytest.mark.parametrize("longest", [BLOCK_BYTES, CHUNK_BYTES])
def test_every_length_side_by_side(longest: int) -> None:
    texts = [noise(length) for length in range(longest + 1)]
    order: NDArray[np.int64] = np.random.default_rng(7).permutation(len(texts))
    texts = [texts[place] for place in order]
    assert hashed(texts, longest) == reference(texts)


@pytest.mark.parametrize("count", [0, 1, LANES - 1, LANES, LANES + 1, 3 * LANES + 5])
def test_any_number_of_messages(count: int) -> None:
    texts = [noise(place % 64) for place in range(count)]
    assert hashed(texts, BLOCK_BYTES) == reference(texts)


def test_a_lane_does_not_hear_of_its_neighbours() -> None:
    """A short message among long ones, and a long one among short ones."""
    for one, others in ((5, 1000), (1000, 5), (64, 65), (65, 64), (0, 1024)):
        texts = [noise(others)] * (LANES // 2) + [noise(one)] + [noise(others)] * LANES
        assert hashed(texts, CHUNK_BYTES) == reference(texts)
