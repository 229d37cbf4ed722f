"""Numbers, areas and periods as a reader meets them."""

from __future__ import annotations

import math
from fractions import Fraction

from hereabouts.report.geometry import View
from hereabouts.report.levels import FLOWS, PRESENCE, VISITORS, Level
from hereabouts.report.manifest import Window
from hereabouts.report.slots import DAY, HOUR, HOUR_OF_DAY, RECURRING, TYPICAL_WEEK

NARROW = "\u00a0"
"""A space that does not break: between a number and its percent sign."""


def figure(value: float) -> str:
    """Return a count: whole and grouped from 100 on, with decimals below (a mean need not be whole)."""
    if abs(value) >= 99.95 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.2f}"


def interval(low: float, high: float) -> str:
    """Return ``1,190 to 1,260``."""
    return f"{figure(low)} to {figure(high)}"


def percent(share: float) -> str:
    """Return a share as a percentage that is not said to be all or nothing unless it is."""
    if 0 < share < 0.01:
        return f"under 1{NARROW}%"
    if 0.99 < share < 1:
        return f"over 99{NARROW}%"
    return f"{share * 100:.0f}{NARROW}%"


def epsilon(value: float | None) -> str:
    """Return ε or δ in as few digits as tell it apart."""
    if value is None:
        return "not stated"
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    if abs(value) < 1e-3:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{float(mantissa):g}e{int(exponent)}"
    return f"{value:.3g}"


def rho(value: Fraction | None) -> str:
    """Return ρ as a decimal of three digits."""
    return "not stated" if value is None else f"{float(value):.3g}"


def one_in(probability: float) -> str:
    """Return ``one in 1,000,000``."""
    return f"one in {round(1 / probability):,}"


def areas(area_km2: float) -> str:
    """Return a resolution by the size of its hexagons: ``about 5.2 km² each, 2.4 km across``.

    Across is from side to side of a regular hexagon of that area.
    """
    across = math.sqrt(2 * area_km2 / math.sqrt(3))
    return f"about {measure(area_km2)} km² each, {measure(across)} km across"


def measure(value: float) -> str:
    """Return a measure in two digits."""
    if value >= 100:
        return f"{round(value, 1 - math.floor(math.log10(value))):,.0f}"
    return f"{value:.2g}" if value < 9.95 else f"{value:.0f}"


def period(name: str, window: Window, statistic: str) -> str:
    """Return what a period is for the reader of a level."""
    mean = statistic == PRESENCE
    if name == HOUR:
        return "hour by hour"
    if name == DAY:
        return "day by day (mean over the hours of the day)" if mean else "day by day"
    if name == TYPICAL_WEEK:
        return "a typical week (hours of weekdays and weekends)"
    if name == HOUR_OF_DAY:
        return "hours of the day (over all days)"
    if is_window(name, window):
        return "the whole window (mean over all its hours)" if mean else "the whole window"
    return f"each {name}"


def counted(level: Level) -> str:
    """Return what a value of a level counts."""
    if level.statistic == FLOWS:
        return "trips, all days together" if level.period == HOUR_OF_DAY else "trips"
    if level.statistic == VISITORS:
        return "different devices"
    if level.period == HOUR:
        return "devices"
    return "devices, on average over such hours" if level.period in RECURRING else "devices, on average over the hours"


def size(view: View) -> str:
    """Return ``180 by 189 km``."""
    width, height = view.size_km
    return f"{measure(width)} by {measure(height)} km"


def rounded(value: float) -> str:
    """Return a count in two digits, for what is known no better."""
    digits = 1 - math.floor(math.log10(max(value, 1.0)))
    return f"{round(value, min(digits, 0)):,.0f}"


def is_window(name: str, window: Window) -> bool:
    """Say whether a period is the window itself."""
    days = (window.end.date() - window.start.date()).days
    return name == f"P{days}D" or (days % 7 == 0 and name == f"P{days // 7}W")
