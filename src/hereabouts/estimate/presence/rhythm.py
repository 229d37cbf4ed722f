"""Rhythms: how cells depart, hour by hour, from the region's common curve.

A cell's hours are ``level x (common curve + departure)``. Departures are written along curves of the window's hours:
waves of the day and over days (what is smooth or returns daily falls on a few of them), with a few *kinds* in front,
the curves along which other cells were found to differ most. Along each curve, departures relative to the
level have one variance, which is learnt from all cells; a cell's own share of a curve is guessed from its neighbours
and shrunk towards that guess (Fay and Herriot 1979).

Everything here sees noisy numbers and public facts alone, so none of it costs privacy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct
from scipy.sparse import csr_array

from hereabouts.estimate.presence.shrink import shrink

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_DAY = 24
_MAX_KINDS = 8
# Prior variances of a share: this of what its curve suggests, and 4, 16, ... times as much.
_NARROWEST = 0.5
_ROUNDS = 4
# Smallest believed variance of a relative departure along a curve.
_LEAST = 1e-4
# How many observations' worth the coefficient of all curves has in that of each.
_POOLED = 4.0
# A wave's variance leans on that of so many around it, as far as its own is not known.
_NEAR = 13
_FOLDS = 5


@dataclass(frozen=True)
class Common:
    """The region's curve over the window's hours.

    Attributes
    ----------
    curve
        Mean 1, none below zero, shape (hours,).
    own
        How much of each cell's own hours is in its level times this curve, from 0 to 0.99, shape (cells,).
    """

    curve: Floats
    own: Floats


@dataclass(frozen=True)
class Departures:
    """Estimated departures of some cells from ``level x common curve``.

    Attributes
    ----------
    hours
        Posterior means, devices, shape (cells, hours).
    share_variance
        Variance of the error in each cell's share of each of its curves, shape (cells, curves).
    curves
        Orthonormal curves, all orthogonal to the common one, one set a fold, shape (folds, hours, curves).
    fold
        Which set is a cell's, shape (cells,).
    waves
        Curves of cells of which nothing is known but their level, shape (hours, curves).
    spread
        Variance of their shares relative to the level, by wave, shape (curves,).
    """

    hours: Floats
    share_variance: Floats
    curves: Floats
    fold: Integers
    waves: Floats
    spread: Floats

    def variance(self, means: Floats) -> Floats:
        """Error variance of means over hours, shape (cells, means); `means` of shape (hours, means)."""
        found = np.empty((self.fold.size, means.shape[1]))
        for fold, curves in enumerate(self.curves):
            rows = self.fold == fold
            found[rows] = self.share_variance[rows] @ (curves.T @ means) ** 2
        return found

    def unseen(self, means: Floats) -> Floats:
        """Variance of departures relative to the level of cells whose own hours say nothing, shape (means,)."""
        return np.asarray(self.spread @ (self.waves.T @ means) ** 2)


def common_curve(noisy: Floats, level: Floats, variance: float) -> Common:
    """The region's curve, shrunk towards a flat one, from noisy hours and their cells' levels.

    A cell counts by how much noise and its own departures, which grow with its level, let it say.
    """
    hours = noisy.shape[1]
    curve, own = np.ones(hours), np.zeros(level.size)
    mean, unlike = noisy.mean(axis=1), 1.0
    squares = (noisy**2).mean(axis=1)
    for _ in range(_ROUNDS):
        weight = level / (variance + unlike * level**2)
        total = float(weight @ level)
        if total <= 0.0:
            break
        departure = weight @ noisy / total - 1.0
        departure -= departure.mean()
        error = variance * float(weight @ weight) / total**2 + unlike * float(weight**2 @ level**2) / total**2
        spread = float((departure**2).mean())
        keep = max(0.0, 1.0 - error / spread) if spread > 0 else 0.0
        curve = np.maximum(1.0 + keep * departure, 0.0)
        curve /= curve.mean()
        own = np.minimum(keep * weight * level / total, 0.99)
        excess = squares - 2.0 * level * (noisy @ curve) / hours + level**2 * float(curve @ curve) / hours
        excess -= variance + (mean - level) ** 2 + level
        trust = level**2 / (variance + unlike * level**2) ** 2
        unlike = max(float((excess * trust).sum() / (level**2 * trust).sum()), 0.0)
    return Common(curve, own)


def departures(
    rest: Floats, level: Floats, common: Floats, waves: Floats, noise: Floats, beside: csr_array
) -> Departures:
    """Estimate how cells depart from the common curve.

    Parameters
    ----------
    rest
        Noisy counts less level times common curve, shape (cells, hours).
    level
        Of these cells, devices, above zero, shape (cells,).
    common
        The region's curve, shape (hours,).
    waves
        Curves of the window, shape (hours, at least hours).
    noise
        Variance of the noise in the cells' `rest`, shape (cells,).
    beside
        Ones where two of these cells are neighbours, shape (cells, cells).
    """
    around = beside @ (level[:, None] * rest)
    told = beside @ level**2
    plain = _orthonormal(common[:, None], waves)[:, 1:]
    spread, share, posterior = _shares(rest @ plain, around @ plain, level, told, noise)
    # Kinds are learnt from other cells than they are used on: a cell's own noise must not look like a rhythm.
    fold = np.arange(level.size) % _FOLDS
    curves = np.empty((_FOLDS, *plain.shape))
    along, beyond = np.empty_like(share), np.empty_like(share)
    for number in range(_FOLDS):
        rows, others = fold == number, fold != number
        kinds = plain @ _kinds(share[others], posterior[others], noise[others])
        curves[number] = _orthonormal(common[:, None], kinds, waves)[:, 1:] if kinds.shape[1] else plain
        along[rows], beyond[rows] = rest[rows] @ curves[number], around[rows] @ curves[number]
    _, share, posterior = _shares(along, beyond, level, told, noise)
    hours = np.empty_like(rest)
    for number in range(_FOLDS):
        rows = fold == number
        hours[rows] = share[rows] @ curves[number].T
    return Departures(hours, posterior, curves, fold, plain, spread)


def waves_of(day_of_hour: Integers) -> Floats:
    """Waves over the window's days, those of a typical day, and their products, shape (hours, at least hours)."""
    hours, days = day_of_hour.size, int(day_of_hour[-1]) + 1
    clock = np.arange(hours) - np.searchsorted(day_of_hour, np.arange(days))[day_of_hour]
    turns = 2.0 * np.pi / _DAY * np.outer(clock, np.arange(_DAY // 2 + 1))
    daily = np.concatenate([np.cos(turns), np.sin(turns[:, 1:-1])], axis=1)
    over_days = dct(np.eye(days), norm="ortho", axis=0).T[day_of_hour]
    both = (over_days[:, 1:, None] * daily[:, None, 1:]).reshape(hours, -1)
    # Days of 23 and 25 hours leave a few directions out: those of the hours themselves complete them.
    return np.concatenate([over_days, daily[:, 1:], both, np.eye(hours)], axis=1)


def _orthonormal(*parts: Floats) -> Floats:
    """An orthonormal basis of all curves, shape (hours, hours): each column made orthogonal to those before it."""
    return np.linalg.qr(np.concatenate(parts, axis=1)).Q


def _shares(along: Floats, around: Floats, level: Floats, told: Floats, noise: Floats) -> tuple[Floats, Floats, Floats]:
    """Spread of each curve, and posterior means and variances of the cells' shares of it.

    `along` is what a cell's noisy hours say of its share; `around` the same of its neighbours, added up after each was
    multiplied by its level, and `told` the sum of these levels' squares.
    """
    power, noise = (level**2)[:, None], noise[:, None]
    spread, scale = _prior(along, level, level[:, None] + noise)
    # The neighbours' common share, as exact as their levels make it.
    guess = around / (told[:, None] + noise / spread) * level[:, None]
    weight = guess / (spread * scale * power + level[:, None] + noise)
    size, agreed = (weight * guess).sum(axis=0), (weight * along).sum(axis=0)
    pooled = max(float(agreed.sum()), 0.0) / max(float(size.sum()), 1e-12)
    guess *= np.maximum((agreed + _POOLED * pooled) / (size + _POOLED), 0.0)
    beyond, scale = _prior(along - guess, level, level[:, None] + noise)
    left = beyond * scale * power + level[:, None]
    share, posterior = shrink(along - guess, noise, _NARROWEST * left, level[:, None])
    return spread, guess + share, posterior


def _prior(along: Floats, level: Floats, chance: Floats) -> tuple[Floats, Floats]:
    """Variance of what is along each curve, relative to the level squared, and by how much it differs by size.

    Both by weighted moments, in turns: shapes (curves,) and (cells, 1). `chance` is the variance that noise and the
    coming and going of devices give, whatever a cell's rhythm.
    """
    power = (level**2)[:, None]
    excess = along**2 - chance
    spread, scale = np.ones(along.shape[1]), np.ones(power.shape)
    if not level.size:
        return spread, scale
    size = sizes_of(level)
    for _ in range(_ROUNDS):
        believed = power * scale
        weight = believed / (spread * believed + chance) ** 2
        seen, worth = (excess * weight).sum(axis=0), (believed * weight).sum(axis=0)
        near = np.maximum(_running(seen) / _running(worth), _LEAST)
        apart = seen / worth - near
        spread = np.maximum(near + apart * np.maximum(1.0 - 2.0 / (worth * np.maximum(apart**2, 1e-12)), 0.0), _LEAST)
        believed = spread * power
        weight = believed / (believed * scale + chance) ** 2
        seen, worth = (np.bincount(size, (part * weight).sum(axis=1)) for part in (excess, believed))
        scale = np.maximum((seen + _POOLED) / (worth + _POOLED), 1.0 / _POOLED)[size][:, None]
    return spread, scale


def _running(values: Floats) -> Floats:
    """Sums over each value and those near it in order."""
    return np.convolve(values, np.ones(min(_NEAR, values.size)), mode="same")


def sizes_of(level: Floats) -> Integers:
    """Cells of similar level, a factor of two at most; those of under one device are alike."""
    return np.floor(np.log2(np.maximum(level, 1.0))).astype(np.int64)


def _kinds(share: Floats, posterior: Floats, noise: Floats) -> Floats:
    """Directions in which shares differ most, those that noise cannot make, shape (curves, kinds).

    Of a matrix of independent normal values the largest singular value is at most about the norm of its strongest
    row and that of its strongest column, of deviations (Bandeira and van Handel 2016).
    """
    spoilt = posterior**2 / noise[:, None]
    edge = np.sqrt(spoilt.sum(axis=1).max(initial=0.0)) + np.sqrt(spoilt.sum(axis=0).max(initial=0.0))
    eigenvalues, vectors = np.linalg.eigh(share.T @ share)
    found = int((eigenvalues > edge**2).sum())
    return np.asarray(vectors[:, ::-1][:, : min(found, _MAX_KINDS)])
