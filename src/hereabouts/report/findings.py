"""What a reader would look for first, computed from the published rows alone.

Each finding is one sentence with its interval. They are extremes, so they are a little flattered by noise,
and the page says that beside them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hereabouts.report import words
from hereabouts.report.geometry import CellShapes
from hereabouts.report.levels import FLOWS, PRESENCE, VISITORS, Level
from hereabouts.report.slots import HOUR
from hereabouts.report.towns import Town, place_name

_STEADY = 0.9
_ROUGH = 0.25


@dataclass(frozen=True)
class Finding:
    """A sentence in two parts: what it is about, and what was found."""

    about: str
    text: str


def findings(levels: tuple[Level, ...], shapes: dict[int, CellShapes], towns: tuple[Town, ...]) -> list[Finding]:
    """Return the sentences that the release has figures for."""
    return [
        *_busiest_moment(levels),
        *_busiest_area(levels, shapes, towns),
        *_largest_flow(levels, shapes, towns),
        *_sureness(levels),
    ]


def share_of_fullest(level: Level, levels: tuple[Level, ...]) -> float | None:
    """Return how much of what the statistic's fullest level holds a level's rows hold.

    Devices are means over moments, so their moments are averaged; trips of all moments add up. ``None`` for visitors,
    who cannot be added up, and where nothing is published at all.
    """
    if level.statistic == VISITORS:
        return None
    fullest = max(_held(other) for other in levels if other.statistic == level.statistic)
    return _held(level) / fullest if fullest > 0 else None


def _held(level: Level) -> float:
    total = float(level.value.sum())
    return total if level.statistic == FLOWS else total / max(len(level.slots), 1)


def _pick(levels: tuple[Level, ...], statistic: str, period: str | None = None) -> list[Level]:
    return [level for level in levels if level.statistic == statistic and level.rows and period in (None, level.period)]


def _busiest_moment(levels: tuple[Level, ...]) -> list[Finding]:
    hourly = _pick(levels, PRESENCE, HOUR)
    if not hourly:
        return []
    level = hourly[0]
    totals, low, high, areas = (
        np.bincount(level.slot, weights=column, minlength=len(level.slots))
        for column in (level.value, level.low, level.high, np.ones(level.rows))
    )
    most, least = int(np.argmax(totals)), int(np.argmin(totals))

    def said(at: int) -> str:
        return f"{words.figure(totals[at])} devices ({words.interval(low[at], high[at])})"

    text = f"{level.slots[most].label}: {said(most)} in the published areas together."
    # Where many areas are not published, an hour only looks quiet.
    if areas[least] >= _STEADY * areas.max():
        text += f" Quietest: {level.slots[least].label}, {said(least)}."
    return [Finding("Busiest hour", text)]


def _busiest_area(levels: tuple[Level, ...], shapes: dict[int, CellShapes], towns: tuple[Town, ...]) -> list[Finding]:
    longest = [level for level in _pick(levels, PRESENCE) if len(level.slots) == 1]
    if not longest:
        return []
    level = longest[-1]
    row = int(np.argmax(level.value))
    where = place_name(shapes[level.resolution].centres[level.ends[row, 0]], towns)
    size = words.measure(shapes[level.resolution].area_km2)
    text = (
        f"{where}: {words.figure(level.value[row])} devices on average over the window "
        f"({words.interval(level.low[row], level.high[row])}) in an area of about {size} km²."
    )
    return [Finding("Busiest area", text)]


def _largest_flow(levels: tuple[Level, ...], shapes: dict[int, CellShapes], towns: tuple[Town, ...]) -> list[Finding]:
    longest = [level for level in _pick(levels, FLOWS) if len(level.slots) == 1]
    if not longest:
        return []
    level = longest[-1]
    between = np.flatnonzero(level.ends[:, 0] != level.ends[:, 1])
    if between.size == 0:
        return []
    row = int(between[np.argmax(level.value[between])])
    centres = shapes[level.resolution].centres
    origin, destination = (place_name(centres[end], towns) for end in level.ends[row])
    text = (
        f"from {origin} to {destination}: {words.figure(level.value[row])} trips over the window "
        f"({words.interval(level.low[row], level.high[row])})."
    )
    return [Finding("Largest flow between two areas", text)]


def _sureness(levels: tuple[Level, ...]) -> list[Finding]:
    hourly = _pick(levels, PRESENCE, HOUR)
    if not hourly:
        return []
    level = hourly[-1]
    relative = relative_halfwidth(level)
    middle = words.percent(float(np.median(relative)))
    rough = words.percent(float(np.mean(relative > _ROUGH)))
    text = (
        f"half of the hourly figures for the smallest areas are within ±{middle} "
        f"of the value or better; {rough} are less sure than "
        f"±{words.percent(_ROUGH)}, and are hatched on the map."
    )
    return [Finding("How sure", text)] if np.isfinite(np.median(relative)) else []


def relative_halfwidth(level: Level) -> NDArray[np.float64]:
    """Return half of each row's interval over its value, shape (rows,); infinite where the value is 0."""
    half = (level.high - level.low) / 2
    return np.asarray(np.divide(half, level.value, out=np.full(level.rows, np.inf), where=level.value > 0))
