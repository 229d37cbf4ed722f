"""The sampler: as many whole numbers as were asked for, drawn anew each time, at scales that can hide something."""

from __future__ import annotations

import inspect
import math
import os
import subprocess
import sys

import numpy as np
import pytest

from hereabouts.privacy import mechanism
from hereabouts.privacy.mechanism import MAX_SCALE, discrete_gaussian

# Its law is tested where it is used, by what a measurement adds: tests/privacy/test_measure.py.


@pytest.mark.parametrize("count", [0, 1, 49_999, 50_000, 50_001])
def test_chunks_neither_lose_nor_leave_out_a_draw(count: int) -> None:
    """At this scale a draw is 0 with probability 4e-7, and the spread of 49,999 is off by 3 % in one of 10**20."""
    drawn = discrete_gaussian(count, 1e6)
    assert drawn.shape == (count,)
    assert drawn.dtype == np.int64
    ends = [place for place in (0, 49_998, 49_999, 50_000) if place < count]
    assert drawn[ends].all()
    if count > 1:
        assert drawn.std() == pytest.approx(1e6, rel=0.03)
        assert abs(drawn.mean()) < 6e6 / math.sqrt(count)


@pytest.mark.parametrize("scale", [0.5, 3.0, 1e6, 2.0**40, MAX_SCALE])
def test_draws_are_64_bit_integers_at_every_scale(scale: float) -> None:
    """OpenDP takes Python's int for 32 bits, and would clip there."""
    drawn = discrete_gaussian(2000, scale)
    assert drawn.dtype == np.int64
    assert drawn.std() == pytest.approx(scale, rel=0.15)
    assert np.abs(drawn).max() < 12 * scale
    if scale > 2**31:
        assert np.abs(drawn).max() > 2**31


def test_chunks_drawn_at_the_same_time_are_independent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mechanism, "_CHUNK", 1000)
    chunks = discrete_gaussian(8000, 1e6).reshape(8, 1000) / 1e6
    correlation = chunks @ chunks.T / math.sqrt(1000)
    assert np.abs(correlation[~np.eye(8, dtype=bool)]).max() < 6
    assert np.unique(chunks).size > 7970  # some ten pairs are the same by chance


def test_two_calls_draw_differently() -> None:
    first, second = discrete_gaussian(1000, 1e6), discrete_gaussian(1000, 1e6)
    assert (first == second).sum() < 4  # by chance: one in 10**15


def test_nothing_lets_a_caller_repeat_a_draw() -> None:
    assert list(inspect.signature(discrete_gaussian).parameters) == ["count", "scale"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork processes")
def test_a_forked_process_does_not_repeat_its_parent() -> None:
    """A generator with a state of its own would: service workers are forked."""
    script = """
import os
from hereabouts.privacy.mechanism import discrete_gaussian
discrete_gaussian(100, 1e6)
for child in range(2):
    if os.fork() == 0:
        print(*discrete_gaussian(20, 1e6).tolist(), flush=True)
        os._exit(0)
    os.wait()
print(*discrete_gaussian(20, 1e6).tolist(), flush=True)
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    drawn = np.array([line.split() for line in found.stdout.splitlines()], dtype=np.int64)
    assert drawn.shape == (3, 20)
    assert np.unique(drawn).size > 57


@pytest.mark.parametrize("scale", [0.0, -0.0, -1.0, math.nan, math.inf, math.nextafter(MAX_SCALE, math.inf), 1e300])
def test_a_scale_that_hides_nothing_is_refused(scale: float) -> None:
    """Zero is no noise; beyond 2**50 draws come near the ends of 64 bits, where OpenDP clips them."""
    with pytest.raises(ValueError, match="noise scale"):
        discrete_gaussian(3, scale)


def test_the_largest_scale_leaves_room() -> None:
    """2**62 for sums and 2**62 for noise, which is 4,096 scales."""
    assert 2.0**62 / MAX_SCALE == 4096
