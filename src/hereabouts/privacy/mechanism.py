"""Discrete Gaussian noise, drawn by OpenDP from the operating system's random source.

OpenDP is used for sampling alone: sensitivities, thresholds and composition are ours (references/methods.md
lists the faults of its 0.16.0 in those). It has no seed, and neither has this module.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from opendp import domains, measurements, metrics, mod

# Draws asked of OpenDP at once, some 30 ms: enough to spend the time in its Rust, few enough to keep all cores busy.
_CHUNK = 2_500

MAX_SCALE = 2.0**50
"""Largest scale that is drawn. OpenDP clips draws to 64 bits, and sums that were clipped or wrapped would show what
they hide; at this scale a draw reaches 2**62 with probability below exp(-2**23)."""


def discrete_gaussian(count: int, scale: float) -> NDArray[np.int64]:
    """`count` independent draws N_Z(0, scale**2), shape (count,).

    Threads share the work, for OpenDP lets go of the interpreter's lock while it draws. Into how many chunks the draws
    are cut, and which thread makes which, changes nothing: OpenDP's measurement of a vector adds to each of its
    entries a draw of its own, so a vector's noise is that of its parts put together, and what it costs is reckoned
    from the scale of each draw and the sensitivity of the whole (:mod:`hereabouts.privacy.measure`). No two chunks
    share anything: each has an OpenDP measurement of its own, and below it lies OpenSSL's generator, of which every
    thread has one, seeded from the operating system's.

    Raises
    ------
    ValueError
        When `scale` is not above 0 (that would be no noise at all) and at most :data:`MAX_SCALE`.
    """
    if not 0.0 < scale <= MAX_SCALE:
        raise ValueError(f"got noise scale {scale}, expected one above 0 and at most {MAX_SCALE:g}")
    sizes = [_CHUNK] * (count // _CHUNK) + ([count % _CHUNK] if count % _CHUNK else [])
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        drawn = list(pool.map(lambda size: _draw(size, scale), sizes))
    return np.concatenate(drawn) if drawn else np.empty(0, dtype=np.int64)


def _draw(count: int, scale: float) -> NDArray[np.int64]:
    mod.enable_features("contrib")
    # 'i64', not int: OpenDP takes Python's int for 32 bits.
    space = domains.vector_domain(domains.atom_domain(T="i64")), metrics.l2_distance(T="f64")
    sample = measurements.make_gaussian(*space, scale=scale)
    return np.array(sample([0] * count), dtype=np.int64)
