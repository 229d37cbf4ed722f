"""Discrete Gaussian noise, from the operating system's random source: the one entrance to it.

Where many draws of one scale are wanted they are ours, by inversion (:mod:`hereabouts.privacy.inversion`, proved exact
in `inversion.md`): up to a thousand times as many a second as OpenDP makes. The few draws at scales too large for a
table, or too few to be worth one, are OpenDP's. OpenDP is used for sampling alone: sensitivities, thresholds and
composition are ours (references/methods.md lists the faults of its 0.16.0 in those). Neither sampler has a seed, and
neither has this module.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from opendp import domains, measurements, metrics, mod

from hereabouts.privacy.inversion import Inversion

MAX_SCALE = 2.0**50
"""Largest scale that is drawn. OpenDP clips draws to 64 bits, and sums that were clipped or wrapped would show what
they hide; at this scale a draw reaches 2**62 with probability below exp(-2**23)."""

LARGEST_TABLE = 2.0**16
"""Largest scale that has a table: half a second to build, 5 MB to keep."""

# Draws asked for at once. Of a table: under 1 ms and 2 MB a thread. Of OpenDP: some 30 ms, enough to spend the time in
# its Rust, few enough to keep all cores busy.
_TABLE_CHUNK = 1 << 16
_OPENDP_CHUNK = 2_500

# A plan has a handful of scales. Two threads that miss at the same time build the same table twice: no harm.
_table = lru_cache(maxsize=8)(Inversion)


def discrete_gaussian(count: int, scale: float) -> NDArray[np.int64]:
    """`count` independent draws N_Z(0, scale**2), shape (count,).

    Which sampler makes them is decided by `count` and `scale` alone, which are public; their law is the same.

    Threads share the work, for numpy, the operating system and OpenDP let go of the interpreter's lock while they
    draw. Into how many chunks the draws are cut, and which thread makes which, changes nothing. A table's chunks are
    made of bits that are read for each anew. OpenDP's measurement of a vector adds to each of its entries a draw of its
    own, so a vector's noise is that of its parts put together, and what it costs is reckoned from the scale of each
    draw and the sensitivity of the whole (:mod:`hereabouts.privacy.measure`); each chunk has an OpenDP measurement of
    its own, and below it lies OpenSSL's generator, of which every thread has one, seeded from the operating system's.

    Raises
    ------
    ValueError
        When `scale` is not above 0 (that would be no noise at all) and at most :data:`MAX_SCALE`.
    """
    if not 0.0 < scale <= MAX_SCALE:
        raise ValueError(f"got noise scale {scale}, expected one above 0 and at most {MAX_SCALE:g}")
    if _deserves_table(count, scale):
        return _in_chunks(_table(scale).draw, count, _TABLE_CHUNK)
    return _in_chunks(lambda size: _drawn_by_opendp(size, scale), count, _OPENDP_CHUNK)


def _deserves_table(count: int, scale: float) -> bool:
    """Whether building a table, some 6 µs x scale, takes less than `count` draws of OpenDP, 10 to 20 µs each."""
    return scale <= min(count, LARGEST_TABLE)


def _in_chunks(draw: Callable[[int], NDArray[np.int64]], count: int, chunk: int) -> NDArray[np.int64]:
    drawn = np.empty(count, dtype=np.int64)
    parts = [drawn[start : start + chunk] for start in range(0, count, chunk)]

    def fill(part: NDArray[np.int64]) -> None:
        part[:] = draw(part.size)

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        list(pool.map(fill, parts))  # to the end: what a thread raises is raised here, and nothing is left undrawn
    return drawn


def _drawn_by_opendp(count: int, scale: float) -> NDArray[np.int64]:
    mod.enable_features("contrib")
    # 'i64', not int: OpenDP takes Python's int for 32 bits.
    space = domains.vector_domain(domains.atom_domain(T="i64")), metrics.l2_distance(T="f64")
    sample = measurements.make_gaussian(*space, scale=scale)
    return np.array(sample([0] * count), dtype=np.int64)
