"""How a plan's rho is shared over statistics, resolutions and steps: by public rules, in exact fractions.

- Statistics that are asked for share equally, but a distribution counts for 1/8 of one: it has a dozen numbers where
  the others have thousands.
- Resolutions of presence and of visitors share equally: each sharpens the others. One of flows gets 7/10 of what the
  next finer one gets: coarser cells hold more trips, so they need less for the same relative error.
- Time levels of presence cost nothing: days and windows are means of the hours that were measured. Those of visitors,
  which cannot be added up, share equally.
- Flows at a resolution are measured for all pairs where these are few, and else only below the pairs of the next
  coarser resolution that are estimated to have some trips. A coarser one that is measured for this alone gets 1/8.
- Flows by day or hour of the day are measured for themselves, where the window's flow stands out. All of these get
  half of what flows get, periods of one resolution equally.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from hereabouts.release.plan import BY_CELL, DAILY, HOUR_OF_DAY

_DISTRIBUTION = Fraction(1, 8)
_COARSER = Fraction(7, 10)
_GATE = Fraction(1, 8)
FULL_PAIRS = 250_000
"""Flows between up to so many pairs of cells are all measured."""

NORMS, TOTALS, PAIRS = Fraction(1, 20), Fraction(1, 20), Fraction(9, 10)
"""Shares of the rho of visitors: to choose the bounds, to correct for them, and the cells themselves."""

FLOW_NORMS, FLOW_TOTALS, FLOW_PAIRS = Fraction(1, 50), Fraction(3, 100), Fraction(19, 20)
"""The same for flows: their histograms are of all devices, and their totals of all trips."""

FLOW_SLOTS, SLOT_NORMS = Fraction(1, 2), Fraction(1, 20)
"""What days and hours of the day get of the rho of flows, where they are asked for; and of that, what the choice of
their bounds gets."""

HISTOGRAM_NORMS, HISTOGRAM_TAKEN, HISTOGRAM_BINS = Fraction(1, 5), Fraction(1, 20), Fraction(3, 4)
"""The same for a distribution that is scaled: its bins are few and full, so their bound matters more than noise."""


def statistic_shares(statistics: Sequence[str]) -> dict[str, Fraction]:
    """Share of a plan's rho for each of its statistics; they add up to 1."""
    weights = {name: Fraction(1) if name in BY_CELL else _DISTRIBUTION for name in statistics}
    total = sum(weights.values(), Fraction(0))
    return {name: weight / total for name, weight in weights.items()}


def presence_shares(resolutions: Sequence[int]) -> dict[int, Fraction]:
    """Share of presence's rho for each resolution: equal ones, that add up to 1.

    Each sharpens the others, so none is paid for alone: what a finer one tells adds up in a coarser one, and what a
    coarser one tells steadies those below it.
    """
    return dict.fromkeys(sorted(resolutions), Fraction(1, len(resolutions)))


def visitor_shares(resolutions: Sequence[int], periods: Sequence[str]) -> dict[tuple[int, str], Fraction]:
    """Share of visitors' rho for each resolution and period; they add up to 1.

    Distinct devices cannot be added up, neither over cells nor over days: each is paid for, periods of one resolution
    equally.
    """
    by_resolution = presence_shares(resolutions)
    return {(r, period): share / len(periods) for r, share in by_resolution.items() for period in sorted(periods)}


@dataclass(frozen=True)
class FlowStep:
    """One resolution of a chain of flow measurements, coarsest first.

    Attributes
    ----------
    asked
        Whether the plan publishes it; else it only chooses where the next one looks.
    full
        Whether all pairs are measured.
    share
        Its share of the rho of pairs.
    """

    resolution: int
    asked: bool
    full: bool
    share: Fraction


def flow_chain(resolutions: Sequence[int], cells: dict[int, int]) -> list[FlowStep]:
    """The resolutions to measure flows at, from the coarsest on; `cells` is the region's size at each, 0 to 7."""
    finest = max(resolutions)
    wanted = set(resolutions)
    for resolution in range(finest, 0, -1):
        if resolution in wanted and cells[resolution] ** 2 > FULL_PAIRS:
            wanted.add(resolution - 1)
    weights = {r: _COARSER ** (finest - r) if r in resolutions else _GATE for r in sorted(wanted)}
    total = sum(weights.values(), Fraction(0))
    return [FlowStep(r, r in resolutions, cells[r] ** 2 <= FULL_PAIRS, w / total) for r, w in weights.items()]


def slot_shares(resolutions: Sequence[int], periods: Sequence[str], window: str) -> dict[tuple[int, str], Fraction]:
    """Share of flows' rho for each resolution and period of slots; all of :data:`FLOW_SLOTS`, or nothing.

    Parameters
    ----------
    resolutions, periods
        The plan's.
    window
        The window's duration, which is no period of slots.
    """
    slotted = sorted(period for period in periods if period in (DAILY, HOUR_OF_DAY) and period != window)
    weights = {r: _COARSER ** (max(resolutions) - r) for r in sorted(resolutions)}
    whole = sum(weights.values(), Fraction(0)) * len(slotted)
    return {(r, period): FLOW_SLOTS * weight / whole for r, weight in weights.items() for period in slotted}
