"""Overlapping regions: the same plan is released of a region, and of every second of its cells.

One less the other is what nobody published: counts of the cells that are in one region alone, which cut through every
coarser cell. Of exact counts these are finer than any that was let out, and may be one person's, however large both
counts were. Here each release has noise of its own, and both are paid for:

- **One less the other**: ``T = <y1 - y2 - E, x1 - x2>`` over all pieces, each in units of its variance, of mean
  ``mu = |x1 - x2| / (sqrt 2 sigma)`` with the target in. What others add in the shared cells cancels.
- **Both together**, by somebody who knows all else: the likelihood ratio of both, of mean
  ``mu = sqrt(|x1|**2 + |x2|**2) / sigma``. What is paid adds up (zCDP), and no use of both releases is above it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hereabouts.hexagons import parents_of
from hereabouts.risk.attack.known import Trials, along, by_target, measured
from hereabouts.risk.attack.pieces import Crowd, Piece, Vectors

Cells = NDArray[np.uint64]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

_TESTS = _LESS, _JOINT = "one less the other", "both together"


class Overlap(NamedTuple):
    """Two crowds of the same devices in the same order, and of the same numbers: of a region, and of a part of it."""

    whole: Crowd
    part: Crowd


def every_second(leaves: Cells) -> Cells:
    """Every second of a region's cells at resolution 7, under each of their parents as far as it goes; sorted."""
    _, first, below = np.unique(parents_of(leaves, 6), return_index=True, return_counts=True)
    place = np.arange(leaves.size) - np.repeat(first, below)
    # Where all parents have one child each there is no second one: every second parent then.
    return leaves[place % 2 == 0] if below.max() > 1 else leaves[::2]


def overlaps(both: Overlap, targets: Integers, each: int) -> tuple[Trials, Trials]:
    """Scores of one release less the other, and of both together, with each target in and out.

    Parameters
    ----------
    targets
        Places in the sample, shape (targets,).
    each
        Pairs of releases with a target in, and as many with it out; noise is fresh for each pair and target.
    """
    scores = {(test, here): np.zeros((targets.size, each)) for test in _TESTS for here in (True, False)}
    squares = {test: np.zeros(targets.size) for test in _TESTS}
    for first, second in _pieces(both):
        entry, start, own, own_part = _aligned(first.sample.take(targets), second.sample.take(targets), first.sums.size)
        variance = first.query.noise_scale**2
        # How a test weighs what exceeds the others' part in either release, and what it then expects of the target.
        weights = {
            _LESS: ((own - own_part) / (2 * variance), (own_part - own) / (2 * variance)),
            _JOINT: (own / variance, own_part / variance),
        }
        others = first.sums[entry] - own, second.sums[entry] - own_part
        for here in (True, False):
            exact = (others[0] + own, others[1] + own_part) if here else others
            excess = [
                measured(piece, np.tile(sums, (each, 1))) - known
                for piece, sums, known in zip((first, second), exact, others, strict=True)
            ]
            for test, (of_first, of_second) in weights.items():
                scores[test, here] += by_target(excess[0] * of_first + excess[1] * of_second, start)
        for test, (of_first, of_second) in weights.items():
            squares[test] += by_target((own * of_first + own_part * of_second)[None], start)[:, 0]
    mu = {test: np.sqrt(squares[test]) for test in _TESTS}
    less, joint = (Trials(along(scores[t, True], mu[t]), along(scores[t, False], mu[t]), mu[t]) for t in _TESTS)
    return less, joint


def exposed_by_difference(both: Overlap, devices: Integers, threshold: int) -> int:
    """How many devices show for certain where exact counts of both regions are published, those under `threshold` not.

    To somebody who knows what others add in the cells that are in one region alone.
    """
    shows = np.zeros(devices.size, dtype=bool)
    for first, second in _pieces(both):
        vectors = first.sample.take(devices), second.sample.take(devices)
        entry, start, own, own_part = _aligned(*vectors, first.sums.size, counted=True)
        # A count of nobody needs no row to be known, where all others have one.
        published = (first.counts[entry] >= max(threshold, 1)) & (
            (threshold <= 1) | (second.counts[entry] >= threshold)
        )
        shows |= by_target(((own != own_part) & published)[None].astype(np.float64), start)[:, 0] > 0
    return int(shows.sum())


def _pieces(both: Overlap) -> Iterator[tuple[Piece, Piece]]:
    return zip(both.whole.pieces, both.part.pieces, strict=True)


def _aligned(
    whole: Vectors, part: Vectors, size: int, *, counted: bool = False
) -> tuple[Integers, Integers, Integers, Integers]:
    """The numbers that either vector of each device has, where each device's begin, and its values in both."""
    keys = [vectors.whose * size + vectors.entry for vectors in (whole, part)]
    every = np.union1d(*keys)
    values = np.zeros((2, every.size), dtype=np.int64)
    for row, key, vectors in zip(values, keys, (whole, part), strict=True):
        row[np.searchsorted(every, key)] = vectors.count if counted else vectors.value
    start = np.searchsorted(every, np.arange(whole.devices + 1) * size).astype(np.int64)
    return every % max(size, 1), start, values[0], values[1]
