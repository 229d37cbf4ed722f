"""Noisy measurements as estimates may see them: of a protected parent, its sums over whole periods and no more.

Withholding rows is not enough. Estimates borrow from each other (a common rhythm, a parent that children add up to),
so figures that are published elsewhere would carry something of what is withheld. Therefore every number that was
measured below a parent, or for a shorter period than its area allows, is replaced before the first estimate is made,
by one that depends on the parent's sums over whole periods alone. What replaces it keeps those sums, and follows the
rhythm of the cells that are not protected, so that these are estimated as well as before. Why nothing else gets
through is in ``protected.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hereabouts.estimate.measurements import FlowLevel, FlowSlots, Measurements, PresenceLevel, VisitorLevel
from hereabouts.estimate.reconcile import parent_positions
from hereabouts.release.protected import DAY, HOUR, WINDOW, Protection
from hereabouts.windows import Window

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
# Measured numbers are whole, and means of them need not be; estimates take either.
Numbers = NDArray[Any]
Domains = Mapping[int, NDArray[np.uint64]]


def coarsened(measured: Measurements, domains: Domains, window: Window, protection: Protection) -> Measurements:
    """The measurements with all that is protected made coarse; the same ones where nothing is.

    Parameters
    ----------
    measured
        What was measured of the protection's region.
    domains
        That region's sorted cells by resolution.
    window, protection
        Public.
    """
    if not any(guarded.parents.size for guarded in protection.areas):
        return measured
    return replace(
        measured,
        presence=_presence(measured.presence, domains, window, protection),
        flows=_flows(measured.flows, domains, protection),
        flow_slots=tuple(
            _flow_slots(level, domains[level.resolution], window, protection) for level in measured.flow_slots
        ),
        visitors=tuple(_visitors(level, domains[level.resolution], window, protection) for level in measured.visitors),
    )


# --- presence --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Periods:
    """The periods of one length: which one each hour is in, shape (hours,), ascending, and how many hours each has."""

    of_hour: Integers
    hours: Integers

    @classmethod
    def of(cls, of_hour: Integers) -> _Periods:
        return cls(of_hour, np.bincount(of_hour))

    def means(self, values: Numbers) -> Floats:
        """Means over each period of rows of hours, spread over its hours again: shape of `values`.

        Whole numbers are added up as such: rows of the same sums have the same means, to the last bit.
        """
        starts = np.flatnonzero(np.diff(self.of_hour, prepend=-1))
        return np.asarray((np.add.reduceat(values, starts, axis=1) / self.hours)[:, self.of_hour])


def _presence(
    levels: Sequence[PresenceLevel], domains: Domains, window: Window, protection: Protection
) -> tuple[PresenceLevel, ...]:
    periods = {
        DAY: _Periods.of(window.day_of_hour),
        WINDOW: _Periods.of(np.zeros(window.hours, dtype=np.int64)),
    }
    found: dict[int, PresenceLevel] = {}
    finer: PresenceLevel | None = None
    for level in sorted(levels, key=lambda each: -each.resolution):
        cells = domains[level.resolution]
        below: Floats | None = None
        if finer is not None:
            below = np.zeros(level.noisy.shape)
            np.add.at(below, parent_positions(domains[finer.resolution], cells, level.resolution), finer.noisy)
        finer = found[level.resolution] = _coarse(level, cells, below, periods, protection)
    return tuple(found[level.resolution] for level in levels)


def _coarse(
    level: PresenceLevel,
    cells: NDArray[np.uint64],
    below: Floats | None,
    periods: Mapping[int, _Periods],
    protection: Protection,
) -> PresenceLevel:
    """One level; `below` is what the finer one, made coarse already, has in each of its cells."""
    blocks = protection.topmost(cells, level.resolution)
    spans = protection.spans(cells, level.resolution)
    touched = (blocks != cells) | (spans > HOUR)
    if not touched.any():
        return level
    plain = level.noisy[~touched].sum(axis=0, keepdims=True)
    noisy: Numbers = level.noisy.astype(np.float64)
    for span in np.unique(spans[touched]).tolist():
        rows = np.flatnonzero(touched & (spans == span))
        _, block, size = np.unique(blocks[rows], return_inverse=True, return_counts=True)
        sums = _sums(level.noisy[rows], block, size.size)
        if span == HOUR:
            whole = sums.astype(np.float64)
        elif below is None:
            noise = level.variance * float((~touched).sum())
            whole = periods[span].means(sums) * _rhythm(plain, noise, periods[span])
        else:
            # What is below knows the course of the cells that are not protected: it is kept, at the measured height.
            course = _sums(below[rows], block, size.size)
            whole = course + (periods[span].means(sums) - periods[span].means(course))
        noisy[rows] = (whole / size[:, None])[block]
    return replace(level, noisy=noisy)


def _sums(values: Numbers, position: Integers, rows: int) -> Numbers:
    found = np.zeros((rows, values.shape[1]), dtype=values.dtype)
    np.add.at(found, position, values)
    return found


def _rhythm(plain: Integers, noise: float, periods: _Periods) -> Floats:
    """How the unprotected cells' sum moves within each period, mean 1, the flatter the noisier: shape (1, hours)."""
    mean = periods.means(plain)
    departure = np.divide(plain, mean, out=np.ones(mean.shape), where=mean > 0) - 1.0
    spread = float((departure**2).mean())
    relative = float(np.divide(noise, mean**2, out=np.zeros(mean.shape), where=mean > 0).mean())
    keep = max(0.0, 1.0 - relative / spread) if spread > 0 else 0.0
    course = np.maximum(1.0 + keep * departure, 0.0)
    return np.asarray(course / periods.means(course))


# --- visitors --------------------------------------------------------------------------------------------------------


def _visitors(level: VisitorLevel, cells: NDArray[np.uint64], window: Window, protection: Protection) -> VisitorLevel:
    """Numbers of which no row may be published are unknown to estimates: distinct devices have no sums to keep."""
    hidden = protection.withheld(cells, level.resolution, level.period, window)
    if not hidden.any():
        return level
    return replace(level, noisy=np.where(hidden[:, None], np.nan, level.noisy))


# --- flows -----------------------------------------------------------------------------------------------------------


def _flows(levels: Sequence[FlowLevel], domains: Domains, protection: Protection) -> tuple[FlowLevel, ...]:
    """Pairs with a hidden end are left out, but for those that a coarser pair needs to be added up to.

    These get the mean of all such pairs below it, which is a sum over whole parents.
    """
    found: list[FlowLevel] = []
    coarser: FlowLevel | None = None
    for level in sorted(levels, key=lambda each: each.resolution):
        cells = domains[level.resolution]
        origin, destination = np.divmod(level.pairs, cells.size)
        hidden = _either(protection, cells, level.resolution, origin, destination)
        if not hidden.any():
            found.append(level)
        elif coarser is None:
            found.append(replace(level, pairs=level.pairs[~hidden], noisy=level.noisy[~hidden]))
        else:
            above = domains[coarser.resolution]
            place = parent_positions(cells, above, coarser.resolution)
            shared = hidden & ~_either(protection, above, coarser.resolution, place[origin], place[destination])
            noisy: Numbers = level.noisy.astype(np.float64)
            pair = place[origin[shared]] * above.size + place[destination[shared]]
            _, block, size = np.unique(pair, return_inverse=True, return_counts=True)
            noisy[shared] = (_sums(level.noisy[shared][:, None], block, size.size)[:, 0] / size)[block]
            kept = ~hidden | shared
            found.append(replace(level, pairs=level.pairs[kept], noisy=noisy[kept]))
        coarser = level
    return tuple(found)


def _flow_slots(level: FlowSlots, cells: NDArray[np.uint64], window: Window, protection: Protection) -> FlowSlots:
    """A flow that may not be told apart by these slots, at either end, was not measured, as far as estimates know."""
    withheld = protection.withheld(cells, level.resolution, level.period, window)
    origin, destination = np.divmod(level.pairs, cells.size)
    kept = ~(withheld[origin] | withheld[destination])
    return level if kept.all() else replace(level, pairs=level.pairs[kept], noisy=level.noisy[kept])


def _either(
    protection: Protection, cells: NDArray[np.uint64], resolution: int, origin: Integers, destination: Integers
) -> NDArray[np.bool_]:
    hidden = protection.hidden(cells, resolution)
    return np.asarray(hidden[origin] | hidden[destination])
