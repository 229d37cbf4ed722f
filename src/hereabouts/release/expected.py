"""What to expect of a plan's rows before it is paid for: how many there can be, and from which count they are let out.

All of it follows from the plan, its window, its region and what is protected. Nothing is known of the data, so what is
said of a level is how large a row has to be, and how large a crowd, not how large they are. Estimates are sharpened
after the noise is drawn: what is said here is what the noise alone allows, and rows do better than that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import h3.api.numpy_int as h3
import numpy as np

from hereabouts.privacy.bins import BINS
from hereabouts.release.payments import Payment, Span
from hereabouts.release.plan import BY_CELL, DAILY, HOUR_OF_DAY, HOURLY, TYPICAL_WEEK, Plan
from hereabouts.release.protected import Protection
from hereabouts.windows import Window

CITY_DEVICES = 150.0
"""Devices a square kilometre of a crowd that a region hardly exceeds as a whole.

A city has 1,500 people a square kilometre at the least (the UN's Degree of Urbanisation, 2021), and a feed seldom has
one person in ten.
"""
_TRIPS_A_DAY = 3.0
_Z95 = 1.96


@dataclass(frozen=True)
class Level:
    """What to expect of the rows of one statistic at one resolution and period, or of the bins of a distribution.

    Attributes
    ----------
    statistic, resolution, period
        A distribution has no resolution, and is of the window.
    counted
        What a row counts: devices, trips, stays or device-days.
    rows, withheld
        Rows that there can be, and how many of these protected areas withhold, whatever the data.
    noise_sd
        Of a row, before estimates are sharpened.
    published_from
        The count from which a row is published then.
    crowd
        How many in the whole region it takes for the busiest row to be published, if rows are as unequal as the sizes
        of towns are: the largest of n has 1 part in 1 + 1/2 + ... + 1/n (Zipf 1949).
    likely_empty
        Whether even a region that is a city throughout would not have such a crowd.
    """

    statistic: str
    resolution: int | None
    period: str
    counted: str
    rows: int
    withheld: int
    noise_sd: Span
    published_from: Span
    crowd: Span
    likely_empty: bool


def levels(plan: Plan, window: Window, protection: Protection, paid: Sequence[Payment]) -> list[Level]:
    """What to expect of each level that the plan publishes, for what is `paid`."""
    hidden = protection.facts(plan, window)["rows_withheld"]
    area = sum(h3.cell_area(int(cell)) for cell in protection.region.leaves)
    asked = [piece for piece in paid if piece.noise_sd is not None and _is_published(piece, plan)]
    found = []
    for piece in asked:
        for period in _periods(piece, plan, window):
            slots, noise = _rows(piece, period, window)
            places = _places(piece, protection)
            start = tuple(published_from(sd, plan.publish.minimum, plan.publish.max_relative_halfwidth) for sd in noise)
            crowd = start[0] * _harmonic(places), start[1] * _harmonic(places)
            counted = _counted(piece.statistic)
            most = area * CITY_DEVICES * (1.0 if counted == "devices" else _TRIPS_A_DAY * window.hours / 24 / slots)
            found.append(
                Level(
                    piece.statistic,
                    piece.resolution,
                    period,
                    counted,
                    rows=places * slots,
                    withheld=int(hidden.get(piece.statistic, {}).get(f"{piece.resolution}/{period}", 0)),
                    noise_sd=noise,
                    published_from=(start[0], start[1]),
                    crowd=crowd,
                    likely_empty=crowd[0] > most,
                )
            )
    return found


def published_from(noise_sd: float, minimum: float, max_relative_halfwidth: float) -> float:
    """The count from which a row of so much noise is published: 1.96 noise_sd is at most the asked share of it."""
    return max(minimum, _Z95 * noise_sd / max_relative_halfwidth)


def _is_published(piece: Payment, plan: Plan) -> bool:
    """A coarser resolution may be measured to choose where a finer one looks, and for nothing else."""
    return piece.statistic not in BY_CELL or piece.resolution in plan.levels(piece.statistic).resolutions


def _periods(piece: Payment, plan: Plan, window: Window) -> tuple[str, ...]:
    if piece.statistic not in BY_CELL:
        return (window.duration,)
    wanted = plan.levels(piece.statistic).periods
    return wanted if piece.period is None else tuple(period for period in wanted if period == piece.period)


def _places(piece: Payment, protection: Protection) -> int:
    if piece.resolution is None:
        return piece.values
    cells = int(protection.region.cells(piece.resolution).size)
    return cells**2 if piece.statistic == "flows" else cells


def _rows(piece: Payment, period: str, window: Window) -> tuple[int, Span]:
    """How many rows a place has at a period, and the noise of one: presence is a mean over hours."""
    slots = {
        HOURLY: np.arange(window.hours),
        DAILY: window.day_of_hour,
        HOUR_OF_DAY: window.hour_of_day()[1],
        TYPICAL_WEEK: window.typical_week()[1],
    }
    hours = np.bincount(slots.get(period, np.zeros(window.hours, dtype=np.int64)))
    least, most = piece.noise_sd or (0.0, 0.0)
    if piece.statistic == "presence":
        least, most = least / math.sqrt(hours.max()), most / math.sqrt(hours.min())
    return int(hours.size), (least, most)


def _counted(statistic: str) -> str:
    if statistic in BINS:
        return BINS[statistic].counted
    return "trips" if statistic == "flows" else "devices"


def _harmonic(number: int) -> float:
    """1 + 1/2 + ... + 1/number, to within 1 %."""
    return math.log(number + 0.5) + float(np.euler_gamma)
