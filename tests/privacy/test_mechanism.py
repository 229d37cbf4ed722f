"""The entrance to noise: as many whole numbers as were asked for, drawn anew each time, at scales that hide something.

Small scales are drawn from a table and large ones by OpenDP; what is asked of one is asked of the other.
"""

from __future__ import annotations

import inspect
import math
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.privacy import inversion, mechanism
from hereabouts.privacy.mechanism import LARGEST_TABLE, MAX_SCALE, discrete_gaussian

# Its law is tested where it is drawn and where it is used: tests/privacy/test_inversion.py, test_measure.py.

FROM_A_TABLE, BY_OPENDP = 30_000.0, 1e6


@pytest.fixture
def made_by(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Which sampler drew, as it draws."""
    found: set[str] = set()

    def table(scale: float) -> Sampler:
        found.add("table")
        return Sampler()

    def opendp(count: int, scale: float) -> NDArray[np.int64]:
        found.add("OpenDP")
        return np.zeros(count, dtype=np.int64)

    monkeypatch.setattr(mechanism, "_table", table)
    monkeypatch.setattr(mechanism, "_drawn_by_opendp", opendp)
    return found


class Sampler:
    def draw(self, count: int) -> NDArray[np.int64]:
        return np.zeros(count, dtype=np.int64)


@pytest.mark.parametrize(
    ("count", "scale", "sampler"),
    [
        (1, 0.5, "table"),
        (1, 1.0, "table"),
        (1, 1.1, "OpenDP"),
        (10**6, 60.0, "table"),
        (10**6, LARGEST_TABLE, "table"),
        (10**6, math.nextafter(LARGEST_TABLE, math.inf), "OpenDP"),
        (3000, 3000.5, "OpenDP"),
        (3001, 3000.5, "table"),
        (3, MAX_SCALE, "OpenDP"),
    ],
)
def test_a_table_is_made_where_it_saves_time(count: int, scale: float, sampler: str, made_by: set[str]) -> None:
    discrete_gaussian(count, scale)
    assert made_by == {sampler}


@pytest.mark.parametrize(
    ("scale", "sampler"), [(59.123456789012345, "_table"), (987_654.32109876543, "_drawn_by_opendp")]
)
def test_the_very_scale_that_was_asked_for_is_drawn(
    scale: float, sampler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rounded one would be less noise than was paid for, one time in two."""
    asked: list[tuple[str, float]] = []

    def table(scale: float) -> Sampler:
        asked.append(("_table", scale))
        return Sampler()

    def opendp(count: int, scale: float) -> NDArray[np.int64]:
        asked.append(("_drawn_by_opendp", scale))
        return np.zeros(count, dtype=np.int64)

    monkeypatch.setattr(mechanism, "_table", table)
    monkeypatch.setattr(mechanism, "_drawn_by_opendp", opendp)
    discrete_gaussian(1000, scale)
    assert asked == [(sampler, scale)]


@pytest.mark.parametrize("scale", [FROM_A_TABLE, BY_OPENDP])
@pytest.mark.parametrize("count", [0, 1, 49_999, 50_000, 50_001, 65_536, 65_537])
def test_chunks_neither_lose_nor_leave_out_a_draw(count: int, scale: float) -> None:
    """At these scales a draw is 0 once in 75,000, and the spread of 49,999 is off by 3 % once in 10**20."""
    drawn = discrete_gaussian(count, scale)
    assert drawn.shape == (count,)
    assert drawn.dtype == np.int64
    assert (drawn == 0).sum() < 12  # by chance: one in 10**9
    if count > 1:
        assert drawn.std() == pytest.approx(scale, rel=0.03)
        assert abs(drawn.mean()) < 6 * scale / math.sqrt(count)


@pytest.mark.parametrize("scale", [0.5, 3.0, 1e3, 1e6, 2.0**40, MAX_SCALE])
def test_draws_are_64_bit_integers_at_every_scale(scale: float) -> None:
    """OpenDP takes Python's int for 32 bits, and would clip there."""
    drawn = discrete_gaussian(2000, scale)
    assert drawn.dtype == np.int64
    assert drawn.std() == pytest.approx(scale, rel=0.15)
    assert np.abs(drawn).max() < 12 * scale
    if scale > 2**31:
        assert np.abs(drawn).max() > 2**31


@pytest.mark.parametrize("scale", [1000.0, BY_OPENDP])
def test_chunks_drawn_at_the_same_time_are_independent(scale: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mechanism, "_TABLE_CHUNK", 1000)
    monkeypatch.setattr(mechanism, "_OPENDP_CHUNK", 1000)
    chunks = discrete_gaussian(8000, scale).reshape(8, 1000) / scale
    correlation = chunks @ chunks.T / math.sqrt(1000)
    assert np.abs(correlation[~np.eye(8, dtype=bool)]).max() < 6
    if scale == BY_OPENDP:
        assert np.unique(chunks).size > 7970  # some ten pairs are the same by chance


def test_each_chunk_of_a_table_reads_bits_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """16 bits a draw are read, and what they stand for is in one chunk: each read is used, and used once."""
    read: dict[bytes, int] = {}
    lock = threading.Lock()
    real = inversion._random_bytes

    def record(count: int) -> bytes:
        given = real(count)
        with lock:
            read[given] = read.get(given, 0) + 1
        return given

    monkeypatch.setattr(mechanism, "_TABLE_CHUNK", 1000)
    monkeypatch.setattr(inversion, "_random_bytes", record)
    drawn = discrete_gaussian(20_500, 59.7)
    first = [given for given in read if len(given) in (2000, 1000)]
    assert set(read.values()) == {1}
    assert sorted(map(len, first)) == [1000, *[2000] * 20]
    monkeypatch.undo()
    decided = mechanism._table(59.7)._short
    for start in range(0, drawn.size, 1000):
        chunk = drawn[start : start + 1000]
        matches = 0
        for given in first:
            stands_for = decided[np.frombuffer(given, dtype=np.uint16)]
            is_decided = stands_for != inversion._OPEN
            if stands_for.size == chunk.size and np.array_equal(stands_for[is_decided], chunk[is_decided]):
                matches += 1
        assert matches == 1


@pytest.mark.parametrize("scale", [900.0, BY_OPENDP])
def test_two_calls_draw_differently(scale: float) -> None:
    """The same place is the same by chance at 1 / (3.5 x scale): of a thousand 0.3, and more than 12 once in 10**15."""
    first, second = discrete_gaussian(1000, scale), discrete_gaussian(1000, scale)
    assert (first == second).sum() < 12


def test_what_goes_wrong_in_a_thread_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is handed out of which a part was not drawn."""

    def fail(count: int) -> bytes:
        raise OSError("no random source")

    monkeypatch.setattr(inversion, "_random_bytes", fail)
    with pytest.raises(OSError, match="no random source"):
        discrete_gaussian(100_000, 10.0)


def test_nothing_lets_a_caller_repeat_a_draw() -> None:
    assert list(inspect.signature(discrete_gaussian).parameters) == ["count", "scale"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork processes")
@pytest.mark.parametrize(("scale", "count"), [(3000.0, 3000), (1e6, 20)])
def test_a_forked_process_does_not_repeat_its_parent(scale: float, count: int) -> None:
    """A generator with a state of its own would: service workers are forked."""
    script = f"""
import os
from hereabouts.privacy.mechanism import discrete_gaussian
discrete_gaussian({count}, {scale})
for child in range(2):
    if os.fork() == 0:
        print(*discrete_gaussian({count}, {scale}).tolist()[:20], flush=True)
        os._exit(0)
    os.wait()
print(*discrete_gaussian({count}, {scale}).tolist()[:20], flush=True)
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    drawn = np.array([line.split() for line in found.stdout.splitlines()], dtype=np.int64)
    assert drawn.shape == (3, 20)
    for one, other in [(0, 1), (0, 2), (1, 2)]:
        assert (drawn[one] == drawn[other]).sum() < 4


@pytest.mark.parametrize("scale", [0.0, -0.0, -1.0, math.nan, math.inf, math.nextafter(MAX_SCALE, math.inf), 1e300])
def test_a_scale_that_hides_nothing_is_refused(scale: float) -> None:
    """Zero is no noise; beyond 2**50 draws come near the ends of 64 bits, where OpenDP clips them."""
    with pytest.raises(ValueError, match="noise scale"):
        discrete_gaussian(3, scale)


def test_the_largest_scale_leaves_room() -> None:
    """2**62 for sums and 2**62 for noise, which is 4,096 scales."""
    assert 2.0**62 / MAX_SCALE == 4096
