"""Membership inference that is learnt from examples, by somebody who does not know what everybody else adds.

- **Knock-Knock** (Pyrgelis, Troncoso and De Cristofaro 2018): the attacker has traces of other people like these. He
  makes groups with and without the target, publishes their aggregates as the release does, and learns to tell them
  apart by logistic regression. Groups that he is tried on are of people whom he has never seen.
- **Zero auxiliary** (Guan et al. 2024): he has nobody's trace but the target's. He makes people up from what is
  published anyway: how many are in a cell over all hours, and in an hour over all cells. (He is given both without
  noise here, which favours him.)

In and out have the same noise, fresh for each aggregate, and groups are of the same size: where the target is out,
somebody else is in instead. He looks at the numbers that the target adds to: no other depends on it.

Groups are drawn anew for each target: given whom they are drawn from, and what he has learnt, all trials are
independent.
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
from hereabouts.rules.fewest import FEWEST

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Scores = tuple[Floats, Floats]
_Examples = tuple[list[Floats], list[Floats]]
"""Aggregates of groups: values as measured and counts, a piece each, shape (groups, numbers)."""

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
    """How many people a group has: 1,000, or a quarter of the sample where that is less, to 20 of them."""
    return min(GROUP, crowd.sampled // 4 // FEWEST * FEWEST)


def knock_knock(crowd: Crowd, targets: Integers, rng: np.random.Generator) -> Mapping[str, Scores]:
    """Scores of groups with each target in and out, shapes (targets, tests), for each way of publishing."""
    seen, unseen = np.array_split(rng.permutation(crowd.sampled), 2)
    size = group_size(crowd)

    def examples(numbers: list[_Numbers], target: int) -> tuple[_Examples, _Examples]:
        training = _groups(seen, crowd.sampled, 2 * _TRAINING, size, rng)
        testing = _groups(unseen, crowd.sampled, 2 * _TESTING, size, rng)
        return _aggregates(numbers, training, target), _aggregates(numbers, testing, target)

    return _each_way(crowd, targets, examples)


def zero_auxiliary(crowd: Crowd, targets: Integers, hours: int, rng: np.random.Generator) -> Mapping[str, Scores]:
    """The same by an attacker who makes people up.

    Parameters
    ----------
    crowd
        Of presence alone.
    hours
        Of the window: presence is of shape (cells, hours).
    """
    size = group_size(crowd)
    shares = [_marginal_shares(piece, crowd.devices, hours) for piece in crowd.pieces]

    def examples(numbers: list[_Numbers], target: int) -> tuple[_Examples, _Examples]:
        made_up = []
        for part, share in zip(numbers, shares, strict=True):
            people = rng.binomial(size, share(part.entry), (2 * _TRAINING, part.entry.size)).astype(np.float64)
            people[:_TRAINING] += part.own
            made_up.append(people)
        testing = _groups(np.arange(crowd.sampled), crowd.sampled, 2 * _TESTING, size, rng)
        # A device counts once in presence: what is measured is what is counted.
        return (made_up, made_up), _aggregates(numbers, testing, target)

    return _each_way(crowd, targets, examples)


def _each_way(
    crowd: Crowd, targets: Integers, examples: Callable[[list[_Numbers], int], tuple[_Examples, _Examples]]
) -> Mapping[str, Scores]:
    def noisy(values: list[Floats], _: list[Floats]) -> Floats:
        pairs = zip(crowd.pieces, values, strict=True)
        return np.concatenate([measured(piece, part.astype(np.int64)) for piece, part in pairs], axis=1).astype(float)

    ways: dict[str, Callable[[list[Floats], list[Floats]], Floats]] = {
        RAW: lambda _, counts: np.concatenate(counts, axis=1),
        THRESHOLD: lambda _, counts: _above(np.concatenate(counts, axis=1)),
        RELEASE: noisy,
    }
    matrices = [_matrices(piece, crowd.sampled) for piece in crowd.pieces]
    found: dict[str, list[Scores]] = {name: [] for name in ways}
    for target in targets.tolist():
        numbers = [_numbers(*each, target) for each in zip(crowd.pieces, matrices, strict=True)]
        training, testing = examples(numbers, target)
        for name, publish in ways.items():
            found[name].append(_tried(publish(*training), publish(*testing)))
    return {
        name: (np.array([inside for inside, _ in scores]), np.array([outside for _, outside in scores]))
        for name, scores in found.items()
    }


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


@dataclass(frozen=True, repr=False)
class _Groups:
    """Who is in each group, shape (groups, sampled), and who stands aside to come in where the target is out."""

    members: sparse.csr_array
    aside: Integers


def _groups(among: Integers, sampled: int, groups: int, size: int, rng: np.random.Generator) -> _Groups:
    """Groups drawn from some of the sample: one of each stands aside, so that all have one size with the target."""
    chosen = np.array([rng.choice(among, size, replace=False) for _ in range(groups)])
    rows = np.repeat(np.arange(groups), size - 1)
    members = sparse.csr_array((np.ones(rows.size), (rows, chosen[:, :-1].ravel())), shape=(groups, sampled))
    return _Groups(members, chosen[:, -1])


def _aggregates(numbers: list[_Numbers], groups: _Groups, target: int) -> _Examples:
    """Values and counts of each group in the target's numbers: in the first half with it, in the second without."""
    inside = (np.arange(groups.aside.size) * 2 < groups.aside.size)[:, None]
    # It is a member where it is put in, and nowhere else.
    drawn = np.asarray(groups.members[:, [target]].todense())

    def summed(of_all: Floats, own: Integers) -> Floats:
        instead = np.where((groups.aside == target)[:, None], 0.0, of_all[groups.aside])
        return np.asarray(groups.members @ of_all - drawn * own + np.where(inside, own, instead))

    values: list[Floats] = []
    counts: list[Floats] = []
    for part in numbers:
        counts.append(summed(part.counts, part.own_count))
        values.append(counts[-1] if part.values is part.counts else summed(part.values, part.own))
    return values, counts


def _matrices(piece: Piece, sampled: int) -> tuple[sparse.csc_array, sparse.csc_array]:
    """Values and counts of the sample, shape (sampled, numbers)."""
    where = piece.sample.whose, piece.sample.entry
    shape = sampled, piece.sums.size
    values, counts = piece.sample.value.astype(np.float64), piece.sample.count.astype(np.float64)
    return sparse.csc_array((values, where), shape=shape), sparse.csc_array((counts, where), shape=shape)


def _numbers(piece: Piece, matrices: tuple[sparse.csc_array, sparse.csc_array], target: int) -> _Numbers:
    own = piece.sample.take(np.array([target]))
    counts = np.asarray(matrices[1][:, own.entry].todense())
    # What is not scaled is measured as it is counted.
    values = counts if piece.query.squared_bound is None else np.asarray(matrices[0][:, own.entry].todense())
    return _Numbers(piece, own.entry, own.value, own.count, values, counts)


def _marginal_shares(piece: Piece, devices: int, hours: int) -> Callable[[Integers], Floats]:
    """The chance that somebody made up is counted in a number: by its cell and its hour, as if these had no bearing."""
    sums = piece.counts.reshape(-1, hours)
    by_cell, by_hour, total = sums.sum(axis=1), sums.sum(axis=0), max(int(sums.sum()), 1)

    def share(entry: Integers) -> Floats:
        cell, hour = np.divmod(entry, hours)
        return np.asarray(np.minimum(by_cell[cell] * by_hour[hour] / (total * devices), 1.0))

    return share
