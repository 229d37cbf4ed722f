"""The largest rows as tables: what the maps show, for those who cannot or would not use a map."""

from __future__ import annotations

from dataclasses import dataclass

import h3.api.basic_int as h3

from hereabouts.report import words
from hereabouts.report.geometry import CellShapes
from hereabouts.report.levels import CELL_COLUMNS, FLOWS, PRESENCE, VISITORS, Level, period_rank, share_of_fullest
from hereabouts.report.manifest import ReleaseFacts
from hereabouts.report.payload import top_rows
from hereabouts.report.towns import Town, place_name

MOST_ROWS = 10
_TITLES = {PRESENCE: "Presence in areas", VISITORS: "Visitors of areas", FLOWS: "Flows between areas"}


@dataclass(frozen=True)
class Row:
    """A row in words: places and cells (one, or origin and destination), when, how many, between what."""

    places: tuple[str, ...]
    cells: tuple[str, ...]
    when: str
    value: str
    interval: str


@dataclass(frozen=True)
class LargestRows:
    """The largest rows of one level."""

    title: str
    flows: bool
    timed: bool
    counted: str
    rows: tuple[Row, ...]
    published: str


@dataclass(frozen=True)
class LevelSummary:
    """A level in the list of what was measured and what of it was published."""

    statistic: str
    area: str
    resolution: int
    period: str
    rows: str
    share: str
    holds: str
    noise: str


def largest_rows(
    facts: ReleaseFacts, levels: tuple[Level, ...], shapes: dict[int, CellShapes], towns: tuple[Town, ...]
) -> tuple[LargestRows, ...]:
    """Return a table a level, of the rows with the largest values; fine areas and long periods first."""
    filled = [level for level in levels if level.rows]
    statistics = [*CELL_COLUMNS]
    order = sorted(filled, key=lambda one: (statistics.index(one.statistic), -one.resolution, len(one.slots)))
    return tuple(_largest(level, facts, shapes[level.resolution], towns) for level in order)


def level_summaries(
    facts: ReleaseFacts, levels: tuple[Level, ...], shapes: dict[int, CellShapes]
) -> tuple[LevelSummary, ...]:
    """Return what the manifest says was possible and what the tables hold, a line a level."""
    noise = {(m.statistic, m.resolution, period): m.noise_sd for m in facts.measured for period in m.periods}
    held = {(level.statistic, level.resolution, level.period): level for level in levels}
    statistics = [*CELL_COLUMNS]
    # Levels of which nothing was published have no rows, and are worth telling all the more.
    keys = sorted({*held, *facts.rows}, key=lambda k: (statistics.index(k[0]), k[1], period_rank(k[2])))
    lines = []
    for statistic, resolution, period in keys:
        level = held.get((statistic, resolution, period))
        published = facts.rows.get((statistic, resolution, period))
        rows = level.rows if level else published.rows if published else 0
        domain = published.domain if published else None
        drawn = noise.get((statistic, resolution, period))
        some = shapes.get(resolution)
        lines.append(
            LevelSummary(
                statistic=statistic,
                area=words.areas(some.area_km2 if some else h3.average_hexagon_area(resolution)),
                resolution=resolution,
                period=words.period(period, facts.window, statistic),
                rows=f"{rows:,}",
                share=f"{words.percent(rows / domain)} of {domain:,}" if domain else "not stated",
                holds=_held(level, levels),
                noise="not stated" if drawn is None else words.figure(drawn),
            )
        )
    return tuple(lines)


def _held(level: Level | None, levels: tuple[Level, ...]) -> str:
    if level is None:
        return "none"
    share = share_of_fullest(level, levels)
    if share is None:
        return "–" if level.rows else "none"
    return words.percent(share)


def _largest(level: Level, facts: ReleaseFacts, shapes: CellShapes, towns: tuple[Town, ...]) -> LargestRows:
    flows = level.statistic == FLOWS
    top = top_rows(level, MOST_ROWS)
    period = words.period(level.period, facts.window, level.statistic)
    return LargestRows(
        title=f"{_TITLES[level.statistic]} of {words.areas(shapes.area_km2)}: {period}",
        flows=flows,
        timed=len(level.slots) > 1,
        counted=words.counted(level),
        rows=tuple(
            Row(
                places=_places(level, row, shapes, towns),
                cells=tuple(f"{int(level.cells[end]):x}" for end in level.ends[row]),
                when=level.slots[level.slot[row]].label,
                value=words.figure(level.value[row]),
                interval=words.interval(level.low[row], level.high[row]),
            )
            for row in top
        ),
        published=f"{level.rows:,}",
    )


def _places(level: Level, row: int, shapes: CellShapes, towns: tuple[Town, ...]) -> tuple[str, ...]:
    ends = level.ends[row].tolist()
    names = [place_name(shapes.centres[end], towns) for end in ends]
    return tuple(names) if len(set(ends)) == len(ends) else (names[0], "the same area")
