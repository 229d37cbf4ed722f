"""Discrete Gaussian noise, drawn by OpenDP from the operating system's random source.

OpenDP is used for sampling alone: sensitivities, thresholds and composition are ours (references/methods.md
lists the faults of its 0.16.0 in those). It has no seed, and neither has this module.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
import opendp.prelude as dp
from numpy.typing import NDArray

# Draws handed to OpenDP at once: large enough to spend the time in its Rust, small enough for all threads.
_CHUNK = 50_000

MAX_SCALE = 2.0**50
"""Largest scale that is drawn. OpenDP clips draws to 64 bits, and sums that were clipped or wrapped would show what
they hide; at this scale a draw reaches 2**62 with probability below exp(-2**23)."""


def discrete_gaussian(count: int, scale: float) -> NDArray[np.int64]:
    """`count` independent draws N_Z(0, scale**2), shape (count,).

    OpenDP releases the interpreter's lock while it draws, so threads share the work.

    Raises
    ------
    ValueError
        When `scale` is not above 0 (that would be no noise at all) and at most :data:`MAX_SCALE`.
    """
    if not 0.0 < scale <= MAX_SCALE:
        raise ValueError(f"got noise scale {scale}, expected one above 0 and at most {MAX_SCALE:g}")
    sampler = _sampler(scale)
    sizes = [_CHUNK] * (count // _CHUNK) + ([count % _CHUNK] if count % _CHUNK else [])
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        drawn = list(pool.map(lambda size: np.array(sampler([0] * size), dtype=np.int64), sizes))
    return np.concatenate(drawn) if drawn else np.empty(0, dtype=np.int64)


@cache
def _sampler(scale: float) -> Any:
    # 'i64', not int: OpenDP takes Python's int for 32 bits.
    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")
    return dp.m.make_gaussian(*space, scale=scale)
