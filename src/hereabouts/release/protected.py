"""What protected areas withhold from a release: which cells, at which resolutions and periods.

Closed outward: a protected area is its *parents*, all cells of its finest resolution that it touches. Below a parent
no row of a finer resolution is published; for a parent and all above it no row of a finer period; a flow counts by
either end. A region never cuts a parent: it holds it whole, or leaves it out. So whatever is published, of all plans
on a window, is made of numbers that know a parent only as one cell over whole periods (``protected.md``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h3.api.numpy_int as h3
import numpy as np
from numpy.typing import NDArray

from hereabouts.errors import BadInputError, RefusedError, UsageError
from hereabouts.hexagons import parents_of
from hereabouts.release.plan import DAILY, HOUR_OF_DAY, HOURLY, TYPICAL_WEEK, Area, Plan
from hereabouts.release.region import LEAF, Region, touching
from hereabouts.rules.protected import ProtectedArea
from hereabouts.windows import Window

Cells = NDArray[np.uint64]
Flags = NDArray[np.bool_]
Spans = NDArray[np.int64]

HOUR, DAY, WINDOW = 0, 1, 2
"""How long a period is, in the only order that matters here: what is shorter than a day counts as an hour."""
_LONGER = 3


@dataclass(frozen=True)
class Guarded:
    """One area, within the region of a plan.

    Attributes
    ----------
    area
        As the policy says it.
    span
        The shortest period that is published of it: HOUR, DAY or WINDOW.
    parents
        The parents that lie in the region, sorted.
    """

    area: ProtectedArea
    span: int
    parents: Cells


@dataclass(frozen=True)
class Protection:
    """The protected areas of one plan.

    Attributes
    ----------
    region
        What may be measured: the plan's region without the parents that it cuts.
    left_out
        How many resolution-7 cells of the plan's region that leaves out.
    areas
        Those that have a parent in the plan's region, left out or not, in the policy's order.
    """

    region: Region
    left_out: int
    areas: tuple[Guarded, ...]

    def topmost(self, cells: Cells, resolution: int) -> Cells:
        """For each cell the coarsest parent that it lies strictly below, or itself where there is none, shape (n,)."""
        found = cells.copy()
        for guarded in sorted(self.areas, key=lambda each: -each.area.finest_resolution):
            coarser = guarded.area.finest_resolution
            if coarser < resolution:
                above = parents_of(cells, coarser)
                below = np.isin(above, guarded.parents)
                found[below] = above[below]
        return found

    def hidden(self, cells: Cells, resolution: int) -> Flags:
        """Which cells lie strictly below a parent: nothing of them is published, shape (n,)."""
        return np.asarray(self.topmost(cells, resolution) != cells)

    def spans(self, cells: Cells, resolution: int) -> Spans:
        """The shortest period of which rows may be published (for a hidden cell: of its topmost parent), shape (n,).

        The longest one that any area asks for which has a parent below the cell, above it, or in its place.
        """
        found = np.full(cells.size, HOUR, dtype=np.int64)
        for guarded in self.areas:
            common = min(guarded.area.finest_resolution, resolution)
            touched = np.isin(parents_of(cells, common), parents_of(guarded.parents, common))
            found[touched] = np.maximum(found[touched], guarded.span)
        # A parent is one cell: what is asked for in one place below it holds for all of it.
        _, position = np.unique(self.topmost(cells, resolution), return_inverse=True)
        whole = np.full(cells.size, HOUR, dtype=np.int64)
        np.maximum.at(whole, position, found)
        return np.asarray(whole[position])

    def withheld(self, cells: Cells, resolution: int, period: str, window: Window) -> Flags:
        """Which cells have no row of this resolution and period, shape (n,): public, whatever the data."""
        span = span_of(period, window)
        return np.asarray(self.hidden(cells, resolution) | (self.spans(cells, resolution) > span))

    def facts(self, plan: Plan, window: Window) -> dict[str, Any]:
        """What the manifest says of it, as JSON-like values.

        Rows are counted over the domain, published or not: the counts follow from policy and plan alone.
        """
        areas = [
            {
                "name": guarded.area.name,
                "finest_resolution": guarded.area.finest_resolution,
                "finest_period": guarded.area.finest_period,
            }
            for guarded in self.areas
        ]
        rows: dict[str, dict[str, int]] = {}
        for statistic in plan.by_cell if areas else ():
            levels = plan.levels(statistic)
            rows[statistic] = {
                f"{resolution}/{period}": self._rows_withheld(statistic == "flows", resolution, period, window)
                for resolution in levels.resolutions
                for period in levels.periods
            }
        return {"areas": areas, "region_cells_left_out": self.left_out, "rows_withheld": rows}

    def _rows_withheld(self, pairs: bool, resolution: int, period: str, window: Window) -> int:
        cells = self.region.cells(resolution)
        gone = int(self.withheld(cells, resolution, period, window).sum())
        if pairs:
            return int(cells.size) ** 2 - (int(cells.size) - gone) ** 2
        slots = {
            HOURLY: window.hours,
            DAILY: int(window.day_starts().size),
            TYPICAL_WEEK: len(window.typical_week()[0]),
            HOUR_OF_DAY: len(window.hour_of_day()[0]),
        }
        return gone * slots.get(period, 1)


def protect(areas: Sequence[ProtectedArea], store: Path, region: Region, window: Window) -> Protection:
    """Find what protected areas withhold from releases of a region and window.

    Parameters
    ----------
    areas
        The policy's.
    store
        The store's folder, which relative paths to GeoJSON files count from.
    region
        The plan's.
    window
        The window, whose length decides what a period is.

    Raises
    ------
    RefusedError
        When parents that the region cuts are all there is in it (rule ``protected-area``).
    UsageError
        When an area is none, or its file cannot be read: nothing is released until it can.
    """
    found = [(area, _span(area, window), _parents(area, store, region)) for area in areas]
    left: Cells = region.leaves
    # Leaving out one area's parent may cut a larger parent of another around it.
    while True:
        cut = np.zeros(left.size, dtype=bool)
        for area, span, parents in found:
            cut |= _cut(left, area.finest_resolution, parents, whole=span == _LONGER)
        if not cut.any():
            break
        left = left[~cut]
    if not left.size:
        raise RefusedError(
            "protected-area",
            "the plan's region lies in protected areas of which it holds no part that may be published (a parent cell "
            "at their finest resolution is in a region as a whole, or not at all): draw a larger region",
        )
    guarded = tuple(
        Guarded(area, min(span, WINDOW), np.intersect1d(parents, parents_of(left, area.finest_resolution)))
        for area, span, parents in found
        if parents.size
    )
    return Protection(Region(left), int(region.leaves.size - left.size), guarded)


def span_of(period: str, window: Window) -> int:
    """How long the period of a row is: HOUR, DAY or WINDOW; one that nobody knows counts as an hour."""
    if period == window.duration:
        return WINDOW
    return DAY if period == DAILY else HOUR


def _span(area: ProtectedArea, window: Window) -> int:
    """The shortest period that may be published of an area in windows of this length."""
    length = (window.after - window.first).days
    days = length if area.days is None else area.days
    if days > length:
        return _LONGER
    return HOUR if days == 0 else DAY if days == 1 < length else WINDOW


def _parents(area: ProtectedArea, store: Path, region: Region) -> Cells:
    """The area's parents that have a cell in the region."""
    file = None if area.geojson is None else store / area.geojson
    if file is not None and not file.is_file():
        raise UsageError(
            f"the policy's protected area '{area.name}' names the file {file}, and there is none: put it there"
        )
    place = Area(bbox=area.bbox, geojson=None if file is None else str(file), cells=area.cells)
    try:
        touched = touching(place, area.finest_resolution)
    except (BadInputError, UsageError) as error:
        raise UsageError(f"the policy's protected area '{area.name}' cannot be used: {error}") from None
    return np.intersect1d(touched, parents_of(region.leaves, area.finest_resolution))


def _cut(leaves: Cells, resolution: int, parents: Cells, *, whole: bool) -> Flags:
    """Which leaves lie below a parent of which some are missing; with `whole`, below any parent."""
    above = parents_of(leaves, resolution)
    protected = np.isin(above, parents)
    if whole or not protected.any():
        return protected
    there, position, counts = np.unique(above[protected], return_inverse=True, return_counts=True)
    full = np.array([h3.cell_to_children_size(int(cell), LEAF) for cell in there])
    cut = np.zeros(leaves.size, dtype=bool)
    cut[protected] = (counts < full)[position]
    return cut
