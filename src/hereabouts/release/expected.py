"""What a plan buys, before it is bought: what is measured with what noise, and from which count on rows are published.

All of it follows from the plan, its window, its region and what is protected. Nothing is known of the data, so what is
said of a level is how large a row has to be, and how large a crowd, not how large they are. Estimates are sharpened
after the noise is drawn: what is said here is what the noise alone allows, and rows do better than that.

Bounds that are chosen privately are not known before either: figures then are a span, from the least bound there is to
one that a busy feed has.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import h3.api.numpy_int as h3
import numpy as np

from hereabouts.estimate.flows.expand import MOST_PAIRS
from hereabouts.privacy.accounting import scale_of, variance_for
from hereabouts.privacy.bounding import NORM_BINS, SCALE
from hereabouts.release.levels import FLOW_NORMS, FLOW_PAIRS, FLOW_TOTALS, flow_chain, presence_shares, statistic_shares
from hereabouts.release.plan import DAILY, HOUR_OF_DAY, HOURLY, TYPICAL_WEEK, Plan
from hereabouts.release.protected import Protection
from hereabouts.release.region import LEAF
from hereabouts.windows import Window

Span = tuple[float, float]
"""The least and the most that a figure may be."""

TRIPS_BOUND: Span = (1.0, 8.0)
"""Norms that a device's trips are scaled to: 1 is the least there is, 8 that of a device with 64 different trips."""

CITY_DEVICES = 150.0
"""Devices a square kilometre of a crowd that a region hardly exceeds as a whole.

A city has 1,500 people a square kilometre at the least (the UN's Degree of Urbanisation, 2021), and a feed seldom has
one person in ten.
"""
_TRIPS_A_DAY = 3.0
_Z95 = 1.96

# Seconds of one core for a draw, as measured: from a table, and one by one where the noise is too wide for a table.
_SECONDS_A_DRAW, _SECONDS_A_WIDE_DRAW, _WIDE = 2e-7, 15e-6, 2**16


@dataclass(frozen=True)
class Payment:
    """One piece that is measured.

    Attributes
    ----------
    statistic, resolution, part
        What it is; no resolution where it is for all of them.
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
    rho: Fraction
    share: float
    values: int
    noise_sd: Span | None
    seconds: float


@dataclass(frozen=True)
class Level:
    """What to expect of the rows of one statistic, resolution and period.

    Attributes
    ----------
    rows, withheld
        Rows that there can be, and how many of these protected areas withhold, whatever the data.
    noise_sd
        Of a row, before estimates are sharpened.
    published_from
        The count from which a row is published then.
    crowd
        Devices (or trips) in the whole region from which on its busiest row is published, if rows are as unequal as
        the sizes of towns are: the largest of n has 1 part in 1 + 1/2 + ... + 1/n (Zipf 1949).
    likely_empty
        Whether even a region that is a city throughout would not have such a crowd.
    """

    statistic: str
    resolution: int
    period: str
    rows: int
    withheld: int
    noise_sd: Span
    published_from: Span
    crowd: Span
    likely_empty: bool


def payments(plan: Plan, window: Window, protection: Protection, rho: Fraction) -> list[Payment]:
    """The pieces that are measured for a plan, in the order of their draws; their rho adds up to `rho`."""
    share = statistic_shares(plan.statistics)
    found: list[Payment] = []
    for statistic in plan.statistics:
        if statistic == "presence":
            found += _presence(plan, window, protection, rho, share[statistic])
        elif statistic == "flows":
            found += _flows(plan, protection, rho, share[statistic])
    return found


def levels(plan: Plan, window: Window, protection: Protection, paid: list[Payment]) -> list[Level]:
    """What to expect of each level that the plan publishes, for what is `paid`."""
    hidden = protection.facts(plan, window)["rows_withheld"]
    devices = CITY_DEVICES * sum(h3.cell_area(int(cell)) for cell in protection.region.leaves)
    found = []
    for piece in paid:
        if piece.resolution is None or piece.noise_sd is None:
            continue
        statistic, resolution, flows = piece.statistic, piece.resolution, piece.statistic == "flows"
        size = int(protection.region.cells(resolution).size) ** (2 if flows else 1)
        for period in plan.levels(statistic).periods:
            slots, hours = _slots(period, window)
            sd = piece.noise_sd if flows else _mean(piece.noise_sd, hours)
            asked = plan.publish.minimum, plan.publish.max_relative_halfwidth
            start = published_from(sd[0], *asked), published_from(sd[1], *asked)
            crowd = _span(start, _harmonic(size))
            most = devices * (_TRIPS_A_DAY * window.hours / 24 / slots if flows else 1.0)
            gone = int(hidden.get(statistic, {}).get(f"{resolution}/{period}", 0))
            found.append(Level(statistic, resolution, period, size * slots, gone, sd, start, crowd, crowd[0] > most))
    return found


def published_from(noise_sd: float, minimum: float, max_relative_halfwidth: float) -> float:
    """The count from which a row of so much noise is published: 1.96 noise_sd is at most the asked share of it."""
    return max(minimum, _Z95 * noise_sd / max_relative_halfwidth)


def _presence(plan: Plan, window: Window, protection: Protection, rho: Fraction, share: Fraction) -> Iterator[Payment]:
    """A device is in one cell an hour: its squared norm is at most the number of hours."""
    for resolution, part in presence_shares(plan.presence.resolutions).items():
        values = int(protection.region.cells(resolution).size) * window.hours
        sd = _sd(window.hours, rho * share * part)
        yield _payment("presence", resolution, "hours", rho, share * part, values, (sd, sd), 1)


def _flows(plan: Plan, protection: Protection, rho: Fraction, share: Fraction) -> Iterator[Payment]:
    """Lengths of vectors, totals, and pairs, as :mod:`hereabouts.acts.measuring.flows` draws them."""
    sizes = {resolution: int(protection.region.cells(resolution).size) for resolution in range(LEAF + 1)}
    chain = flow_chain(plan.flows.resolutions, sizes)
    yield _payment("flows", None, "norms", rho, share * FLOW_NORMS, (1 + len(chain)) * NORM_BINS, None, 1)
    yield _payment("flows", None, "totals", rho, share * FLOW_TOTALS, 4 * len(chain), None, SCALE)
    for step in chain:
        part = share * FLOW_PAIRS * step.share
        pairs = sizes[step.resolution] ** 2
        noise = _span(TRIPS_BOUND, _sd(1, rho * part))
        values = pairs if step.full else min(pairs, MOST_PAIRS)
        yield _payment("flows", step.resolution, "pairs", rho, part, values, noise, SCALE)


def _payment(
    statistic: str,
    resolution: int | None,
    part: str,
    rho: Fraction,
    share: Fraction,
    values: int,
    noise: Span | None,
    unit: int,
) -> Payment:
    # Noise that is too wide for a table, or is drawn too seldom to be worth one, is drawn one by one.
    wide = noise is None or noise[1] * unit > min(values, _WIDE)
    took = values * (_SECONDS_A_WIDE_DRAW if wide else _SECONDS_A_DRAW)
    return Payment(statistic, resolution, part, rho * share, float(share), values, noise, took)


def _sd(squared_sensitivity: int, rho: Fraction) -> float:
    return scale_of(variance_for(squared_sensitivity, rho))


def _slots(period: str, window: Window) -> tuple[int, Span]:
    """How many rows a place has at a period, and of how few and how many hours they are means."""
    slots = {
        HOURLY: np.arange(window.hours),
        DAILY: window.day_of_hour,
        HOUR_OF_DAY: window.hour_of_day()[1],
        TYPICAL_WEEK: window.typical_week()[1],
    }
    sizes = np.bincount(slots.get(period, np.zeros(window.hours, dtype=np.int64)))
    return int(sizes.size), (float(sizes.min()), float(sizes.max()))


def _mean(noise_sd: Span, hours: Span) -> Span:
    """The noise of means over so many hours."""
    return noise_sd[0] / math.sqrt(hours[1]), noise_sd[1] / math.sqrt(hours[0])


def _span(span: Span, factor: float) -> Span:
    return span[0] * factor, span[1] * factor


def _harmonic(number: int) -> float:
    """1 + 1/2 + ... + 1/number, to within 1/2 %."""
    return math.log(number + 0.5) + float(np.euler_gamma)
