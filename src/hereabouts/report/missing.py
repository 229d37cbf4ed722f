"""What is missing in a release, and why: statistics that nobody asked for, and levels with few rows or none.

A reader who finds nothing has to know whether there was nothing, and where what there was is counted instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import h3.api.numpy_int as h3

from hereabouts.release.expected import published_from
from hereabouts.report import words
from hereabouts.report.geometry import CellShapes
from hereabouts.report.histograms import TOLD, Histogram
from hereabouts.report.levels import FLOWS, PRESENCE, VISITORS, Level, period_rank, share_of_fullest
from hereabouts.report.manifest import ReleaseFacts
from hereabouts.report.slots import RECURRING

Key = tuple[str, int, str]

_FEW = 0.25
"""A level whose rows hold less than this share of what there is holds few."""

_CALLED: Mapping[str, str] = {
    PRESENCE: "devices present",
    VISITORS: "visitors",
    FLOWS: "flows",
    **{name: told.title[0].lower() + told.title[1:] for name, told in TOLD.items()},
}


@dataclass(frozen=True)
class Gap:
    """A level with few rows or none: which, what of it there is, why, and where the rest is counted."""

    statistic: str
    level: str
    area: str
    rows: int
    published: str
    why: str
    instead: str


def called(statistic: str) -> str:
    """Return what a reader calls a statistic."""
    return _CALLED[statistic]


def not_asked(facts: ReleaseFacts) -> list[str]:
    """Return what a release may hold and this one was not asked for, in words."""
    asked = {statistic for statistic, *_ in facts.rows} | {measured.statistic for measured in facts.measured}
    return [name for statistic, name in _CALLED.items() if statistic not in asked | facts.distributions]


def gaps(facts: ReleaseFacts, levels: tuple[Level, ...], shapes: Mapping[int, CellShapes]) -> list[Gap]:
    """Return the levels that were measured and hold little, coarse before fine."""
    held = {(level.statistic, level.resolution, level.period): level for level in levels if level.rows}
    keys = sorted({*facts.rows, *held}, key=lambda key: ([*_CALLED].index(key[0]), key[1], period_rank(key[2])))
    found = []
    for key in keys:
        share = share_of_fullest(held[key], levels) if key in held else 0.0
        if share is None or share >= _FEW:
            continue
        rows = held[key].rows if key in held else 0
        found.append(
            Gap(
                statistic=key[0],
                level=f"{_CALLED[key[0]].capitalize()}, {words.period(key[2], facts.window, key[0])}",
                area=words.areas(_size(key[1], shapes)),
                rows=rows,
                published=_published(rows, share, key),
                why=_why(key, facts),
                instead=_instead(key, held, facts, shapes),
            )
        )
    return found


def empty_distributions(facts: ReleaseFacts, shown: tuple[Histogram, ...]) -> list[str]:
    """Return the titles of distributions that were measured and of which no bin was published."""
    return [TOLD[name].title for name in TOLD if name in facts.distributions - {one.statistic for one in shown}]


def _published(rows: int, share: float, key: Key) -> str:
    if not rows:
        return "no row"
    return f"{rows:,} row{'s' * (rows != 1)}, with {words.percent(share)} of all {_counted(key)}"


def _is_whole(key: Key, facts: ReleaseFacts) -> bool:
    return words.is_window(key[2], facts.window)


def _why(key: Key, facts: ReleaseFacts) -> str:
    protected = facts.protected.rows.get(key, 0) if facts.protected else 0
    published = facts.rows.get(key)
    if published and published.domain and protected >= published.domain:
        return "withheld: protected areas"
    drawn = [
        m.noise_sd
        for m in facts.measured
        if (m.statistic, m.resolution) == key[:2] and key[2] in m.periods and m.noise_sd
    ]
    if not drawn or facts.minimum is None or facts.max_relative_halfwidth is None:
        return "too few or too unsure"
    sd = drawn[0] / _hours(key, facts) ** 0.5 if key[0] == PRESENCE else drawn[0]
    least = published_from(sd, facts.minimum, facts.max_relative_halfwidth)
    if least == facts.minimum:
        return f"most rows are under {words.figure(least)} {_counted(key)}, the least that is published"
    return f"by the noise alone, a row takes about {words.rounded(least)} {_counted(key)} to be sure enough"


def _counted(key: Key) -> str:
    return "trips" if key[0] == FLOWS else "devices"


def _hours(key: Key, facts: ReleaseFacts) -> float:
    """Over how many hours a row of presence is a mean, on average."""
    hours = (facts.window.end - facts.window.start).total_seconds() / 3600
    slots = {"PT1H": hours, "P1D": hours / 24, "typical-week": 48.0, "hour-of-day": 24.0}
    return hours / slots.get(key[2], 1.0)


def _instead(key: Key, held: Mapping[Key, Level], facts: ReleaseFacts, shapes: Mapping[int, CellShapes]) -> str:
    """Return where what is missing is counted: in the next larger areas, and in longer periods of the same ones."""
    statistic, resolution, period = key
    larger = [other for other in held if other[0] == statistic and other[2] == period and other[1] < resolution]
    longer = [
        other
        for other in held
        if other[:2] == key[:2] and other[2] != period and (_is_whole(other, facts) or _longer(other[2], period))
    ]
    places = []
    if larger:
        size = words.measure(_size(max(larger, key=lambda other: other[1])[1], shapes))
        places.append(f"in areas of {size} km²")
    if longer:
        nearest = min(longer, key=lambda other: (_is_whole(other, facts), period_rank(other[2])))
        places.append(f"in “{words.period(nearest[2], facts.window, statistic).split(' (')[0]}” of the same areas")
    return ", and ".join(places) if places else "nowhere in this release"


def _size(resolution: int, shapes: Mapping[int, CellShapes]) -> float:
    """Of the cells that occur, else of the earth's on average."""
    return shapes[resolution].area_km2 if resolution in shapes else float(h3.average_hexagon_area(resolution))


def _longer(period: str, than: str) -> bool:
    return than not in RECURRING and period not in RECURRING and period_rank(period) > period_rank(than)
