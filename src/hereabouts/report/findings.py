"""What a reader would look for first, computed from the published rows alone.

Each finding is one sentence with its interval. They are extremes, so they are a little flattered by noise,
and the page says that beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hereabouts.report import words
from hereabouts.report.geometry import CellShapes
from hereabouts.report.histograms import Histogram
from hereabouts.report.levels import FLOWS, PRESENCE, VISITORS, Level
from hereabouts.report.missing import Gap, called
from hereabouts.report.slots import HOUR
from hereabouts.report.towns import Town, place_name

_STEADY = 0.9
_ROUGH = 0.25


@dataclass(frozen=True)
class Finding:
    """A sentence in two parts: what it is about, and what was found."""

    about: str
    text: str


def findings(
    levels: tuple[Level, ...],
    shapes: dict[int, CellShapes],
    towns: tuple[Town, ...],
    shown: tuple[Histogram, ...] = (),
    lacking: Sequence[Gap] = (),
) -> list[Finding]:
    """Return the sentences that the release has figures for, and how many levels hold little."""
    return [
        *_busiest_moment(levels),
        *_busiest_area(levels, shapes, towns),
        *_most_visited(levels, shapes, towns),
        *_largest_flow(levels, shapes, towns),
        *_middle_trip(shown),
        *_sureness(levels, shapes),
        *_lacking(levels, lacking),
    ]


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


def _most_visited(levels: tuple[Level, ...], shapes: dict[int, CellShapes], towns: tuple[Town, ...]) -> list[Finding]:
    longest = [level for level in _pick(levels, VISITORS) if len(level.slots) == 1]
    if not longest:
        return []
    level = longest[-1]
    row = int(np.argmax(level.value))
    where = place_name(shapes[level.resolution].centres[level.ends[row, 0]], towns)
    size = words.measure(shapes[level.resolution].area_km2)
    text = (
        f"{where}: {words.figure(level.value[row])} different devices over the window "
        f"({words.interval(level.low[row], level.high[row])}) in an area of about {size} km²."
    )
    return [Finding("Most visited area", text)]


def _middle_trip(shown: tuple[Histogram, ...]) -> list[Finding]:
    middle = {one.statistic: one.middle for one in shown if one.middle}
    said = [
        f"{verb} {middle[name]}"
        for name, verb in (("trip-lengths", "goes"), ("trip-durations", "takes"))
        if name in middle
    ]
    return (
        [Finding("The middle trip", f"{' and '.join(said)}: half of them are no more, half no less.")] if said else []
    )


def _lacking(levels: tuple[Level, ...], gaps: Sequence[Gap]) -> list[Finding]:
    if not gaps:
        return []
    present = {level.statistic for level in levels if level.rows}
    nothing = [f"no {called(name)} at all" for name in dict.fromkeys(g.statistic for g in gaps) if name not in present]
    little = [gap for gap in gaps if gap.statistic in present]
    if little:
        size = little[-1].area.split(" each")[0]
        some = f"of {little[-1].level.lower()}, of areas of {size}, little or nothing"
        more = f" (and of {len(little) - 1} other level{'s' * (len(little) != 2)})" if len(little) > 1 else ""
        nothing.append(some + more)
    return [Finding("What is missing", f"{'; '.join(nothing)}. Below is why, and where they are counted.")]


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


def _sureness(levels: tuple[Level, ...], shapes: dict[int, CellShapes]) -> list[Finding]:
    hourly = _pick(levels, PRESENCE, HOUR)
    if not hourly:
        return []
    level = hourly[-1]
    relative = relative_halfwidth(level)
    middle = words.percent(float(np.median(relative)))
    share = float(np.mean(relative > _ROUGH))
    rough = "all" if share == 1 else words.percent(share)
    size = words.measure(shapes[level.resolution].area_km2)
    text = (
        f"half of the figures by the hour for areas of {size} km² are within ±{middle} "
        f"of the value or better; {rough} are less sure than "
        f"±{words.percent(_ROUGH)}, and are hatched on the map."
    )
    return [Finding("How sure", text)] if np.isfinite(np.median(relative)) else []


def relative_halfwidth(level: Level) -> NDArray[np.float64]:
    """Return half of each row's interval over its value, shape (rows,); infinite where the value is 0."""
    half = (level.high - level.low) / 2
    return np.asarray(np.divide(half, level.value, out=np.full(level.rows, np.inf), where=level.value > 0))
