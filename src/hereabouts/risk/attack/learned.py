"""Membership inference that is learnt from examples, by somebody who does not know what everybody else adds.

- **Knock-Knock** (Pyrgelis, Troncoso and De Cristofaro 2018): the attacker has traces of other people like these. He
  makes groups with and without the target, publishes their aggregates as the release does, and learns to tell them
  apart by logistic regression. Groups that he is tried on are of people whom he has never seen.
- **Zero auxiliary** (Guan et al. 2024): he has nobody's trace but the target's. He makes people up from what is
  published anyway: how many are in a cell over all hours, and in an hour over all cells. (He is given both without
  noise here, which favours him.)

In and out have the same noise, fresh for each aggregate, and groups are of the same size. He looks at the numbers that
the target adds to: no other depends on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hereabouts.risk.attack.known import measured
from hereabouts.risk.attack.logistic import trained
from hereabouts.risk.attack.pieces import Crowd, Piece

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Scores = tuple[Floats, Floats]

RAW, THRESHOLD, RELEASE = "raw counts", "counts of 10 or more", "this release"
LEAST = 10
"""Counts below are left out by those who publish counts with a threshold."""

GROUP = 1_000
_TRAINING, _TESTING = 200, 50
"""Groups with the target in, and as many with it out."""


@dataclass(frozen=True, repr=False)
class _Numbers:
    """The numbers of one piece that a target adds to: its own part, and those of all others in the sample."""

    piece: Piece
    entry: Integers
    own: Integers
    own_count: Integers
    values: Floats
    counts: Floats


def group_size(crowd: Crowd) -> int:
    """How many people a group has: 1,000, or a quarter of the sample where that is less."""
    return min(GROUP, crowd.sampled // 4)


def knock_knock(crowd: Crowd, targets: Integers, rng: np.random.Generator) -> Mapping[str, Scores]:
    """Scores of groups with each target in and out, shapes (targets, tests), for each way of publishing."""
    order = rng.permutation(crowd.sampled)
    seen, unseen = np.array_split(order, 2)
    size = group_size(crowd)
    training = _groups(seen, crowd.sampled, 2 * _TRAINING, size, rng)
    testing = _groups(unseen, crowd.sampled, 2 * _TESTING, size, rng)
    matrices = [_matrices(piece, crowd.sampled) for piece in crowd.pieces]

    def learn(target: int, publish: Callable[[list[Floats], list[Floats]], Floats]) -> Scores:
        numbers = [_numbers(*each, target) for each in zip(crowd.pieces, matrices, strict=True)]
        return _tried(publish(*_aggregates(numbers, training, target)), publish(*_aggregates(numbers, testing, target)))

    return _each_way(crowd, targets, learn)


def zero_auxiliary(crowd: Crowd, targets: Integers, hours: int, rng: np.random.Generator) -> Mapping[str, Scores]:
    """The same by an attacker who makes people up; of presence alone.

    Parameters
    ----------
    hours
        Of the window: presence is of shape (cells, hours).
    """
    presence = tuple(piece for piece in crowd.pieces if piece.query.statistic == "presence")
    only = Crowd(crowd.devices, crowd.sampled, presence)
    size = group_size(crowd)
    testing = _groups(np.arange(crowd.sampled), crowd.sampled, 2 * _TESTING, size, rng)
    matrices = [_matrices(piece, crowd.sampled) for piece in presence]
    shares = [_marginal_shares(piece, crowd.devices, hours) for piece in presence]

    def learn(target: int, publish: Callable[[list[Floats], list[Floats]], Floats]) -> Scores:
        numbers = [_numbers(*each, target) for each in zip(presence, matrices, strict=True)]
        made_up = []
        for part, share in zip(numbers, shares, strict=True):
            people = rng.binomial(size, share(part.entry), (2 * _TRAINING, part.entry.size)).astype(np.float64)
            people[:_TRAINING] += part.own
            made_up.append(people)
        return _tried(publish(made_up, made_up), publish(*_aggregates(numbers, testing, target)))

    return _each_way(only, targets, learn)


def _each_way(
    crowd: Crowd,
    targets: Integers,
    learn: Callable[[int, Callable[[list[Floats], list[Floats]], Floats]], Scores],
) -> Mapping[str, Scores]:
    def noisy(values: list[Floats], _: list[Floats]) -> Floats:
        pairs = zip(crowd.pieces, values, strict=True)
        return np.concatenate([measured(piece, part.astype(np.int64)) for piece, part in pairs], axis=1).astype(float)

    ways: dict[str, Callable[[list[Floats], list[Floats]], Floats]] = {
        RAW: lambda _, counts: np.concatenate(counts, axis=1),
        THRESHOLD: lambda _, counts: _above(np.concatenate(counts, axis=1)),
        RELEASE: noisy,
    }
    found = {}
    for name, publish in ways.items():
        pairs = [learn(int(target), publish) for target in targets]
        found[name] = np.array([inside for inside, _ in pairs]), np.array([outside for _, outside in pairs])
    return found


def _above(counts: Floats) -> Floats:
    return np.where(counts >= LEAST, counts, 0.0)


def _tried(training: Floats, testing: Floats) -> Scores:
    """Scores of test groups, the first half of which has the target in, against those of training groups without."""
    half = len(training) // 2
    classifier = trained(training, np.arange(len(training)) < half)
    # In units of what training groups without the target spread: so that one threshold is good for all targets.
    base = classifier.scores(training[half:])
    deviation = float(base.std()) or 1.0
    scores = (classifier.scores(testing) - float(base.mean())) / deviation
    return scores[: len(testing) // 2], scores[len(testing) // 2 :]


def _groups(among: Integers, sampled: int, groups: int, size: int, rng: np.random.Generator) -> sparse.csr_array:
    """Members of groups drawn from some of the sample, one more of whom stands aside; shape (groups, sampled).

    The one who stands aside, marked by -1, is in the group where the target is out: so all groups have one size.
    """
    chosen = np.array([rng.choice(among, size, replace=False) for _ in range(groups)])
    marks = np.ones((groups, size))
    marks[:, -1] = -1.0
    rows = np.repeat(np.arange(groups), size)
    return sparse.csr_array((marks.ravel(), (rows, chosen.ravel())), shape=(groups, sampled))


def _aggregates(numbers: list[_Numbers], groups: sparse.csr_array, target: int) -> tuple[list[Floats], list[Floats]]:
    """Values and counts of each group in the target's numbers: in the first half with it, in the second without."""
    marks = groups.tolil()
    marks[:, [target]] = 0.0  # it is a member where it is put in, and nowhere else
    marks = marks.tocsr()
    members, aside = marks.maximum(0), (-marks).maximum(0)
    half = groups.shape[0] // 2
    inside = (np.arange(groups.shape[0]) < half)[:, None]
    values: list[Floats] = []
    counts: list[Floats] = []
    for part in numbers:
        for found, of_all, own in ((values, part.values, part.own), (counts, part.counts, part.own_count)):
            found.append(np.asarray(members @ of_all + np.where(inside, own, aside @ of_all)))
    return values, counts


def _matrices(piece: Piece, sampled: int) -> tuple[sparse.csc_array, sparse.csc_array]:
    """Values and counts of the sample, shape (sampled, numbers)."""
    where = piece.sample.whose, piece.sample.entry
    shape = sampled, piece.sums.size
    values, counts = piece.sample.value.astype(np.float64), piece.sample.count.astype(np.float64)
    return sparse.csc_array((values, where), shape=shape), sparse.csc_array((counts, where), shape=shape)


def _numbers(piece: Piece, matrices: tuple[sparse.csc_array, sparse.csc_array], target: int) -> _Numbers:
    own = piece.sample.take(np.array([target]))
    values, counts = (np.asarray(matrix[:, own.entry].todense()) for matrix in matrices)
    return _Numbers(piece, own.entry, own.value, own.count, values, counts)


def _marginal_shares(piece: Piece, devices: int, hours: int) -> Callable[[Integers], Floats]:
    """The chance that somebody made up is counted in a number: by its cell and its hour, as if these had no bearing."""
    sums = piece.counts.reshape(-1, hours)
    by_cell, by_hour, total = sums.sum(axis=1), sums.sum(axis=0), max(int(sums.sum()), 1)

    def share(entry: Integers) -> Floats:
        cell, hour = np.divmod(entry, hours)
        return np.asarray(np.minimum(by_cell[cell] * by_hour[hour] / (total * devices), 1.0))

    return share
