"""Rhythms: how cells depart, hour by hour, from the region's common curve.

A cell's hours are ``level x (common curve + departure)``. Departures are written along curves of the window's hours:
waves (a cosine transform, in which what is smooth or returns daily falls on a few of them), with a few *kinds* in
front, the curves along which departures were found to differ most. Along each curve, departures relative to the
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

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_DAY = 24
_MAX_KINDS = 8
_ROUNDS = 4
# Smallest believed variance of a relative departure along a curve.
_LEAST = 1e-4
# How many observations' worth the coefficient of all curves has in that of each.
_POOLED = 4.0


@dataclass(frozen=True)
class Departures:
    """Estimated departures of some cells from ``level x common curve``.

    Attributes
    ----------
    curves
        Orthonormal, all orthogonal to the common one, shape (hours, curves).
    share
        Posterior mean of each cell's share of each curve, devices, shape (cells, curves).
    variance
        Of its error, same shape.
    spread
        Variance of shares relative to the level, by curve, before a cell's own numbers are seen, shape (curves,).
    """

    curves: Floats
    share: Floats
    variance: Floats
    spread: Floats


def common_curve(noisy: Floats, level: Floats, variance: float) -> Floats:
    """The region's curve over the window's hours, mean 1, shrunk towards a flat one; shape (hours,)."""
    power = float(level @ level)
    if power <= 0.0:
        return np.ones(noisy.shape[1])
    departure = level @ noisy / power - 1.0
    departure -= departure.mean()
    spread = float((departure**2).mean())
    keep = max(0.0, 1.0 - (variance / power) / spread) if spread > 0 else 0.0
    curve = np.maximum(1.0 + keep * departure, 0.0)
    return np.asarray(curve / curve.mean())


def departures(
    rest: Floats, level: Floats, common: Floats, waves: Floats, variance: float, beside: csr_array
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
    variance
        Of the noise of each count.
    beside
        Ones where two of these cells are neighbours, shape (cells, cells).
    """
    curves = _orthonormal(common[:, None], waves)[:, 1:]
    found = Departures(curves, *_shares(rest @ curves, level, variance, beside))
    kinds = curves @ _kinds(found.share, found.variance, variance)
    if not kinds.shape[1]:
        return found
    curves = _orthonormal(common[:, None], kinds, waves)[:, 1:]
    return Departures(curves, *_shares(rest @ curves, level, variance, beside))


def waves_of(day_of_hour: Integers) -> Floats:
    """Waves of the day times waves over the window's days, slow ones first, shape (hours, at least hours).

    So the rhythm of a typical day, which comes again every day, is on a few of them.
    """
    hours, days = day_of_hour.size, int(day_of_hour[-1]) + 1
    clock = np.arange(hours) - np.searchsorted(day_of_hour, np.arange(days))[day_of_hour]
    turns = 2.0 * np.pi / _DAY * np.outer(clock, np.arange(_DAY // 2 + 1))
    daily = np.concatenate([np.cos(turns), np.sin(turns[:, 1:-1])], axis=1)
    over_days = dct(np.eye(days), norm="ortho", axis=0).T[day_of_hour]
    products = (over_days[:, :, None] * daily[:, None, :]).reshape(hours, -1)
    # Days of 23 and 25 hours leave a few directions out: those of the hours themselves complete them.
    return np.concatenate([products, np.eye(hours)], axis=1)


def _orthonormal(*parts: Floats) -> Floats:
    """An orthonormal basis of all curves, shape (hours, hours): each column made orthogonal to those before it."""
    return np.linalg.qr(np.concatenate(parts, axis=1)).Q


def _shares(along: Floats, level: Floats, variance: float, beside: csr_array) -> tuple[Floats, Floats, Floats]:
    """Posterior means and variances of the shares `along` each curve, and the curves' spreads."""
    power = level**2
    spread = _spread(along, level, variance)
    # The neighbours' common share, as exact as their levels make it.
    guess = (beside @ (level[:, None] * along)) / ((beside @ power)[:, None] + variance / spread) * level[:, None]
    weight = 1.0 / (spread * power[:, None] + level[:, None] + variance)
    told, agreed = (guess * weight * guess).sum(axis=0), (guess * weight * along).sum(axis=0)
    pooled = max(float(agreed.sum()), 0.0) / max(float(told.sum()), 1e-12)
    guess *= np.maximum((agreed + _POOLED * pooled) / (told + _POOLED), 0.0)
    left = _spread(along - guess, level, variance) * power[:, None] + level[:, None]
    weight = left / (left + variance)
    return guess + weight * (along - guess), weight * variance, spread


def _spread(along: Floats, level: Floats, variance: float) -> Floats:
    """Variance, relative to the level squared, of what is along each curve; by weighted moments, shape (curves,)."""
    power = (level**2)[:, None]
    # Devices that come and go scatter by their mean, whatever the cell's rhythm.
    chance = (level + variance)[:, None]
    excess = along**2 - chance
    spread = np.ones(along.shape[1])
    for _ in range(_ROUNDS):
        weight = power / (spread * power + chance) ** 2
        spread = np.maximum((excess * weight).sum(axis=0) / (power * weight).sum(axis=0), _LEAST)
    return np.asarray(spread)


def _kinds(share: Floats, posterior: Floats, variance: float) -> Floats:
    """Directions in which shares differ most, those that noise cannot make, shape (curves, kinds).

    Of a matrix of independent normal values the largest singular value is at most about the norm of its strongest
    row and that of its strongest column, of deviations (Bandeira and van Handel 2016).
    """
    # A share is a guess and `posterior / variance` of what noise and truth say beside it.
    noise = posterior**2 / variance
    edge = np.sqrt(noise.sum(axis=1).max(initial=0.0)) + np.sqrt(noise.sum(axis=0).max(initial=0.0))
    eigenvalues, vectors = np.linalg.eigh(share.T @ share)
    found = int((eigenvalues > edge**2).sum())
    return np.asarray(vectors[:, ::-1][:, : min(found, _MAX_KINDS)])
