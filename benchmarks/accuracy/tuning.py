"""The search for a peer's best setting.

A peer's own release takes minutes, so the search imitates it: the same limits on a device's contributions, and noise
of the shape and scale that it would add (its script says so, and fails if the library then has another). What is
reported is then the library's own release with the setting that did best. Settings, and the threshold under which
noisy values are left out, are chosen on the truth: that is a present to the peer, which no release may give itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.accuracy.truth import Grain

SEED = 1


@dataclass(frozen=True)
class Setting:
    """What one can choose when one publishes counts with a peer.

    Parameters
    ----------
    grain
        The period of the keys; a finer one than asked is summed afterwards.
    sampling
        How a device is limited: ``rows`` (so many rows at random), ``groups`` (so many keys, the first ones in a public
        random order), ``partitions`` (so many keys at random, each device its own), ``parts`` (so many rows at random
        of each period).
    limit
        How many.
    each
        How many rows it may have under one key; None: as many as the limit.
    noise
        ``gaussian`` or ``laplace``.
    keys
        ``public``: every key of the domain gets noise; ``stable``: those that occur, above a threshold that δ pays for.
    """

    grain: str
    sampling: str
    limit: int
    each: int | None
    noise: str
    keys: str = "public"

    def __str__(self) -> str:
        what = {
            "rows": "rows a device",
            "groups": "keys a device (public order)",
            "partitions": "keys a device",
            "parts": "rows a device and period",
        }[self.sampling]
        words = [f"{self.limit} {what}"]
        words += [f"{self.each} rows a key"] if self.each and self.each > 1 else []
        words += [self.noise, f"{self.keys} keys", f"by {self.grain}"]
        return ", ".join(words)


@dataclass(frozen=True)
class Found:
    """What the imitation gave.

    Parameters
    ----------
    setting
        The best one.
    wmae
        Its error.
    corrected
        The best error of all settings if noisy values were also multiplied by what sampling took, which only the truth
        knows.
    """

    setting: Setting
    wmae: float
    corrected: float


def limited(grain: Grain, setting: Setting, random: np.random.Generator) -> NDArray[np.float64]:
    """Counts by key after each device was limited."""
    device, key = (grain.rows[name].to_numpy() for name in ("device", "key"))
    each = np.inf if setting.each is None else setting.each
    if setting.sampling in {"rows", "parts"}:
        unit = device * (grain.parts.max() + 1) + grain.parts[key] if setting.sampling == "parts" else device
        kept = first(unit, random.random(device.size), setting.limit)
        device, key = device[kept], key[kept]
    pairs = pl.DataFrame({"device": device, "key": key}).group_by("device", "key").len()
    device, key, count = (pairs[name].to_numpy() for name in ("device", "key", "len"))
    if setting.sampling in {"groups", "partitions"}:
        by_key = setting.sampling == "groups"
        rank = random.permutation(grain.size)[key] if by_key else random.random(key.size)
        kept = first(device, rank, setting.limit)
        key, count = key[kept], count[kept]
    return np.bincount(key, weights=np.minimum(count, each), minlength=grain.size).astype(np.float64)


def first(unit: NDArray[np.int64], rank: NDArray[np.float64] | NDArray[np.int64], limit: int) -> NDArray[np.intp]:
    """Which rows are among the `limit` of lowest rank of their unit."""
    order = np.lexsort((rank, unit))
    units = unit[order]
    begins = np.flatnonzero(np.concatenate([[True], units[1:] != units[:-1]]))
    lengths = np.diff(np.append(begins, units.size))
    place = np.arange(units.size) - np.repeat(begins, lengths)
    return order[place < limit]


@dataclass(frozen=True)
class Lived:
    """The part of a grain where the truth is not zero: under the many other keys, noise is known in the mean.

    Parameters
    ----------
    under
        The grain's keys that are part of a key of the question with a truth above zero.
    to, divisor, truth
        As in `Grain`, of that part.
    empty
        How many keys of the question have a truth of zero.
    summed
        How many of the grain's keys each of those is the sum of, and what it is divided by.
    """

    under: NDArray[np.intp]
    to: NDArray[np.intp]
    divisor: NDArray[np.float64]
    truth: NDArray[np.float64]
    empty: int
    summed: tuple[float, float]

    @staticmethod
    def of(grain: Grain, truth: NDArray[np.float64]) -> Lived:
        lived = truth > 0
        number = np.cumsum(lived) - 1
        under = np.flatnonzero(lived[grain.to])
        summed = (grain.size / truth.size, float(grain.divisor.mean()))
        return Lived(under, number[grain.to[under]], grain.divisor[lived], truth[lived], int((~lived).sum()), summed)

    def best(self, values: NDArray[np.float64], setting: Setting, scale: float) -> float:
        """The least wmae over all thresholds, of noisy values by the grain's keys."""
        answer = np.bincount(self.to, weights=values, minlength=self.truth.size) / self.divisor
        above = np.flatnonzero(answer > 0)
        order = above[np.argsort(-answer[above], kind="stable")]
        gain = np.cumsum(np.abs(answer[order] - self.truth[order]) - self.truth[order])
        if setting.keys == "public":
            gain = gain + self.empty * self.noise_above(answer[order], setting, scale)
        return float(1 + min(gain.min(initial=0.0), 0.0) / self.truth.sum())

    def noise_above(self, cut: NDArray[np.float64], setting: Setting, scale: float) -> NDArray[np.float64]:
        """Mean of a key's noise where it is above `cut`, else 0: sums of several draws are taken as normal."""
        keys, divisor = self.summed
        if setting.noise == "laplace" and keys == 1:
            b = scale / divisor
            tail: NDArray[np.float64] = np.exp(-cut / b) * (cut + b) / 2
            return tail
        deviation = scale * (2 * keys if setting.noise == "laplace" else keys) ** 0.5 / divisor
        density: NDArray[np.float64] = deviation * np.exp(-((cut / deviation) ** 2) / 2) / (2 * np.pi) ** 0.5
        return density


def search(
    grains: dict[str, Grain],
    truth: NDArray[np.float64],
    settings: list[Setting],
    noises: list[tuple[float, float | None]],
) -> Found:
    """Imitate every setting once.

    Parameters
    ----------
    grains
        The rows, by period of their keys.
    truth
        Of every key of the question.
    settings, noises
        What is tried, and the scale and threshold of each.
    """
    random = np.random.default_rng(SEED)
    parts = {period: Lived.of(grain, truth) for period, grain in grains.items()}
    tried: list[tuple[float, Setting]] = []
    corrected = 1.0
    alike: dict[tuple[object, ...], list[tuple[Setting, tuple[float, float | None]]]] = {}
    for setting, noise in zip(settings, noises, strict=True):
        same = (setting.grain, setting.sampling, setting.limit, setting.each)
        alike.setdefault(same, []).append((setting, noise))
    for group in alike.values():
        grain, part = grains[group[0][0].grain], parts[group[0][0].grain]
        counts = limited(grain, group[0][0], random)
        factor = grain.rows.height / counts.sum()
        for setting, (scale, threshold) in group:
            values = noisy(counts[part.under], setting, scale, threshold, random)
            tried.append((part.best(values, setting, scale), setting))
            corrected = min(corrected, part.best(values * factor, setting, scale * factor))
    wmae, setting = min(tried, key=lambda pair: pair[0])
    return Found(setting, wmae, corrected)


def noisy(
    counts: NDArray[np.float64], setting: Setting, scale: float, threshold: float | None, random: np.random.Generator
) -> NDArray[np.float64]:
    """Counts with the noise of a setting; 0 where nothing is published."""
    draws = random.standard_normal(counts.size) if setting.noise == "gaussian" else random.laplace(size=counts.size)
    values = counts + scale * draws
    if setting.keys == "stable":
        values[(counts == 0) | (values < (threshold or 0))] = 0
    return values


def powers(most: int) -> list[int]:
    """1, 2, 3, 4, 6, 8, 12, ... up to `most`, and `most`."""
    found = {2**power for power in range(most.bit_length())} | {3 * 2**power for power in range(most.bit_length())}
    return sorted({number for number in found if number < most} | {most})


def grid(
    grains: dict[str, int], samplings: dict[str, list[int | None]], keys: list[str], noises: list[str], most: int
) -> Iterator[Setting]:
    """All settings of a peer: limits up to `most` keys, `grains` giving the most rows a device can have under one."""
    for period, rows in grains.items():
        for sampling, eaches in samplings.items():
            allowed = list(dict.fromkeys(min(each, rows) if each else each for each in eaches))
            limits = powers(most)
            for limit, each, noise, key in product(limits, allowed, noises, keys):
                yield Setting(period, sampling, limit, each, noise, key)
