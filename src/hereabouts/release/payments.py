"""What is measured for a plan, with which share of its rho and how much noise: known before anything is drawn.

Bounds that are chosen privately are not known before: noise then is a span, from the least bound there is to one that
a busy feed has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from hereabouts.estimate.flows.expand import MOST_PAIRS
from hereabouts.privacy.accounting import scale_of, variance_for
from hereabouts.privacy.bins import BINS
from hereabouts.privacy.bounding import NORM_BINS, SCALE
from hereabouts.release.levels import (
    FLOW_NORMS,
    FLOW_PAIRS,
    FLOW_TOTALS,
    HISTOGRAM_BINS,
    HISTOGRAM_NORMS,
    HISTOGRAM_TAKEN,
    NORMS,
    PAIRS,
    SLOT_NORMS,
    TOTALS,
    flow_chain,
    presence_shares,
    slot_shares,
    statistic_shares,
    visitor_shares,
)
from hereabouts.release.plan import DAILY, HOUR_OF_DAY, Plan
from hereabouts.release.region import LEAF, Region
from hereabouts.windows import Window

Span = tuple[float, float]
"""The least and the most that a figure may be."""

TRIPS_BOUND: Span = (1.0, 8.0)
"""Norms that a device's flows are scaled to: 1 is the least there is, 8 that of a device with 64 different trips."""
VISITS_BOUND: Span = (1.0, 8.0)
"""The same for visitors: 8 is the norm of a device that was in 64 cells (or in as many cells and days)."""
COUNTS_BOUND: Span = (1.0, 32.0)
"""The same for distributions of trips and stays: 32 is the norm of a device with as many alike."""

# Seconds of one core for a draw, as measured: from a table, and one by one where the noise is too wide for a table.
_SECONDS_A_DRAW, _SECONDS_A_WIDE_DRAW, _WIDE = 2e-7, 15e-6, 2**16


@dataclass(frozen=True)
class Payment:
    """One piece that is measured.

    Attributes
    ----------
    statistic, resolution, part
        What it is; no resolution where it is for all of them.
    period
        The period whose rows it makes; ``None`` where it makes those of all, or none.
    share
        Of the plan's rho.
    values
        How many numbers are drawn for it, at the most.
    noise_sd
        Of one of them, in devices, trips or the like; ``None`` where it only chooses a bound or corrects for it.
    seconds
        Roughly how long one core takes to draw them.
    """

    statistic: str
    resolution: int | None
    part: str
    period: str | None
    rho: Fraction
    share: float
    values: int
    noise_sd: Span | None
    seconds: float


@dataclass(frozen=True)
class _Part:
    """A piece before it is priced: its share of the plan's rho, and the bound that its noise is scaled to."""

    statistic: str
    resolution: int | None
    part: str
    share: Fraction
    values: int
    bound: Span | None = None
    unit: int = 1
    period: str | None = None


def payments(
    plan: Plan, window: Window, region: Region, rho: Fraction, natural: Mapping[str, int | None]
) -> list[Payment]:
    """The pieces that are measured for a plan; their rho adds up to `rho`.

    Parameters
    ----------
    plan, window, region
        What is measured.
    rho
        What it costs.
    natural
        For each distribution of the plan how many things a device has at most, by its proof; ``None`` where it is
        scaled to a bound.
    """
    found: list[_Part] = []
    for statistic, share in statistic_shares(plan.statistics).items():
        if statistic == "presence":
            found += _presence(plan, window, region, share)
        elif statistic == "visitors":
            found += _visitors(plan, window, region, share)
        elif statistic == "flows":
            found += _flows(plan, window, region, share)
        else:
            found += _distribution(statistic, share, natural[statistic])
    return [_priced(part, rho) for part in found]


def _presence(plan: Plan, window: Window, region: Region, share: Fraction) -> Iterator[_Part]:
    """A device is in one cell an hour: its squared norm is at most the number of hours."""
    bound = window.hours**0.5
    for resolution, part in presence_shares(plan.presence.resolutions).items():
        values = int(region.cells(resolution).size) * window.hours
        yield _Part("presence", resolution, "hours", share * part, values, (bound, bound))


def _visitors(plan: Plan, window: Window, region: Region, share: Fraction) -> Iterator[_Part]:
    shares = visitor_shares(plan.visitors.resolutions, plan.visitors.periods)
    yield _Part("visitors", None, "norms", share * NORMS, len(shares) * NORM_BINS)
    for (resolution, period), part in shares.items():
        slots = 1 if period == window.duration else int(window.day_starts().size)
        values = int(region.cells(resolution).size) * slots
        yield _Part("visitors", resolution, f"taken/{period}", share * TOTALS * part, 1)
        rest = share * PAIRS * part
        yield _Part("visitors", resolution, f"cells/{period}", rest, values, VISITS_BOUND, SCALE, period)


def _flows(plan: Plan, window: Window, region: Region, share: Fraction) -> Iterator[_Part]:
    sizes = {resolution: int(region.cells(resolution).size) for resolution in range(LEAF + 1)}
    chain = flow_chain(plan.flows.resolutions, sizes)
    slotted = slot_shares(plan.flows.resolutions, plan.flows.periods, window.duration)
    over = share * (1 - sum(slotted.values()))
    yield _Part("flows", None, "norms", over * FLOW_NORMS, (1 + len(chain)) * NORM_BINS)
    yield _Part("flows", None, "totals", over * FLOW_TOTALS, 4 * len(chain))
    for step in chain:
        pairs = sizes[step.resolution] ** 2
        values = pairs if step.full else min(pairs, MOST_PAIRS)
        part = over * FLOW_PAIRS * step.share
        yield _Part("flows", step.resolution, "pairs", part, values, TRIPS_BOUND, SCALE, window.duration)
    slots = {DAILY: window.day_starts().size, HOUR_OF_DAY: len(window.hour_of_day()[0])}
    for (resolution, period), part in slotted.items():
        values = min(sizes[resolution] ** 2, MOST_PAIRS) * int(slots[period])
        rest = share * part * (1 - SLOT_NORMS)
        yield _Part("flows", resolution, f"slot-norms/{period}", share * part * SLOT_NORMS, NORM_BINS)
        yield _Part("flows", resolution, f"slots/{period}", rest, values, TRIPS_BOUND, SCALE, period)


def _distribution(name: str, share: Fraction, most: int | None) -> Iterator[_Part]:
    size = len(BINS[name].edges)
    if most is not None:
        yield _Part(name, None, "counts", share, size, (most, most))
        return
    yield _Part(name, None, "norms", share * HISTOGRAM_NORMS, NORM_BINS)
    yield _Part(name, None, "taken", share * HISTOGRAM_TAKEN, 1)
    yield _Part(name, None, "bins", share * HISTOGRAM_BINS, size, COUNTS_BOUND, SCALE)


def _priced(part: _Part, rho: Fraction) -> Payment:
    cost = rho * part.share
    scale = scale_of(variance_for(1, cost))
    noise = None if part.bound is None else (part.bound[0] * scale, part.bound[1] * scale)
    # Noise that is too wide for a table, or is drawn too seldom to be worth one, is drawn one by one.
    wide = noise is None or noise[1] * part.unit > min(part.values, _WIDE)
    seconds = part.values * (_SECONDS_A_WIDE_DRAW if wide else _SECONDS_A_DRAW)
    share = float(part.share)
    return Payment(part.statistic, part.resolution, part.part, part.period, cost, share, part.values, noise, seconds)
