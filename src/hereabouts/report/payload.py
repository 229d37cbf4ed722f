"""What the page's script draws from: a small JSON model, and packed blocks of figures.

The page is held to 15 MB. Levels are packed from coarse to fine and from long periods to short ones; one that
would not fit is left out of the page (never out of the release), and the page says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hereabouts.report import palette, words
from hereabouts.report.geometry import GRID_PER_DEGREE, CellShapes, View
from hereabouts.report.land import land_in
from hereabouts.report.levels import FLOWS, PRESENCE, VISITORS, Level, period_rank, share_of_fullest
from hereabouts.report.manifest import ReleaseFacts
from hereabouts.report.packing import Block, figure_codes, pack, step_for
from hereabouts.report.towns import Town

MOST_BLOCK_BYTES = 13_500_000
"""Of the 15 MB; the rest is for outlines, script and words."""

MOST_FIGURES = 20_000_000
"""Cells × moments of one level: 240 MB as three planes of 32 bits in a browser."""

MOST_FLOWS = 5_000
"""Flows of one moment on the page, the largest ones: more lines than a reader can tell apart."""

MOST_FLOWS_OF_MANY = 500
"""The same for a level of many moments, that no moment goes without."""

LAND_GRID_PER_DEGREE = 10_000
_LAND_POINTS_ACROSS = 2_500
_VIEW_MARGIN = 0.8


@dataclass
class Payload:
    """The model, the blocks by name, and what had to stay out."""

    model: dict[str, Any]
    blocks: dict[str, Block] = field(default_factory=dict)
    left_out: list[Level] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes of all blocks."""
        return sum(len(block.text) for block in self.blocks.values())


def build_payload(
    facts: ReleaseFacts,
    levels: tuple[Level, ...],
    shapes: dict[int, CellShapes],
    view: View,
    towns: tuple[Town, ...],
    tile_url: str | None,
) -> Payload:
    """Gather what the maps need.

    Parameters
    ----------
    facts
        The manifest.
    levels
        The release's levels.
    shapes
        The outlines of each resolution's cells, in the order of the levels' ``cells``.
    view
        The region's box.
    towns
        Towns in and around it.
    tile_url
        Address of background tiles with ``{z}``, ``{x}`` and ``{y}``, or ``None``.
    """
    payload = Payload(
        {
            "view": [view.west, view.south, view.east, view.north],
            "bounded": facts.bbox is not None,
            "land": _land(view),
            "landGrid": LAND_GRID_PER_DEGREE,
            "towns": [[t.name, round(t.longitude, 4), round(t.latitude, 4), t.population] for t in towns],
            "tiles": tile_url,
            "ramp": palette.VALUE_RAMP,
            "surenessRamp": palette.SURENESS_RAMP,
            "surenessLimits": palette.SURENESS_LIMITS,
            "minimum": facts.minimum,
            "grid": GRID_PER_DEGREE,
            "cells": {},
            "levels": [],
        }
    )
    for resolution, some in shapes.items():
        payload.model["cells"][str(resolution)] = _cells(payload, resolution, some)
    packed = (FLOWS, VISITORS, PRESENCE)
    for level in sorted(levels, key=lambda one: (packed.index(one.statistic), one.resolution, _long_first(one))):
        _add(payload, level, facts, share_of_fullest(level, levels))
    payload.model["levels"].sort(key=lambda entry: (entry["resolution"], period_rank(entry["period"])))
    return payload


def top_rows(level: Level, most: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the positions of a level's largest rows, the largest first; ties keep the table's order."""
    return np.argsort(-level.value, kind="stable")[:most]


def kept_flows(level: Level) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the positions of the flows that are on the page, the largest of each moment; the largest first."""
    most = max(MOST_FLOWS // len(level.slots), MOST_FLOWS_OF_MANY)
    order = top_rows(level, level.rows)
    by_slot = order[np.argsort(level.slot[order], kind="stable")]
    slot = level.slot[by_slot]
    rank = np.arange(slot.size) - np.searchsorted(slot, slot)
    return np.asarray(order[np.isin(order, by_slot[rank < most])])


def _long_first(level: Level) -> int:
    return -period_rank(level.period)[0]


def _add(payload: Payload, level: Level, facts: ReleaseFacts, share: float | None) -> None:
    entry: dict[str, Any] = {
        "statistic": level.statistic,
        "resolution": level.resolution,
        "period": level.period,
        "periodLabel": words.period(level.period, facts.window, level.statistic),
        "counted": words.counted(level),
        "slots": [slot.label for slot in level.slots],
        "ticks": [slot.tick for slot in level.slots],
        "rhythm": [slot.rhythm for slot in level.slots if slot.rhythm],
        "rows": level.rows,
        "share": share,
        "step": step_for(level.noise_sd),
        "block": f"{level.statistic}-{level.resolution}-{level.period}",
    }
    block = _flow_block(level, entry) if level.statistic == FLOWS else _presence_block(level, entry)
    if block is None or payload.size + len(block.text) > MOST_BLOCK_BYTES:
        payload.left_out.append(level)
        return
    entry["width"] = block.width
    payload.model["levels"].append(entry)
    payload.blocks[entry["block"]] = block


def _presence_block(level: Level, entry: dict[str, Any]) -> Block | None:
    """Return three planes (value + 1, below, above), each cells × slots, or ``None`` if that is too many."""
    shape = (level.cells.size, len(level.slots))
    if shape[0] * shape[1] > MOST_FIGURES:
        return None
    planes = np.zeros((3, *shape), dtype=np.int64)
    planes[:, level.ends[:, 0], level.slot] = figure_codes(level.value, level.low, level.high, entry["step"])
    return pack(planes)


def _flow_block(level: Level, entry: dict[str, Any]) -> Block:
    """Return six rows (origin, destination, slot, value + 1, below, above), the largest flows first."""
    top = kept_flows(level)
    entry["kept"] = int(top.size)
    codes = figure_codes(level.value[top], level.low[top], level.high[top], entry["step"])
    return pack(np.concatenate([level.ends[top].T, level.slot[top][None], codes]))


def _cells(payload: Payload, resolution: int, shapes: CellShapes) -> dict[str, Any]:
    """Add the blocks of a resolution's cells: indexes in two halves, corners as steps from the last one."""
    corners = np.round(shapes.outlines * GRID_PER_DEGREE).astype(np.int64)
    corners[:, 1:] -= corners[:, :-1].copy()
    halves = np.stack([shapes.cells >> np.uint64(32), shapes.cells & np.uint64(0xFFFFFFFF)])
    payload.blocks[f"outline-{resolution}"] = outline = pack(corners)
    payload.blocks[f"index-{resolution}"] = index = pack(halves)
    return {
        "count": int(shapes.cells.size),
        "corners": int(shapes.outlines.shape[1]),
        "label": words.areas(shapes.area_km2),
        "outline": outline.width,
        "index": index.width,
    }


def _land(view: View) -> list[list[int]]:
    """Return rings as whole steps of a grid: x, y of the first point, then differences."""
    wide = view.grown(_VIEW_MARGIN)
    finest = max(wide.east - wide.west, wide.north - wide.south) / _LAND_POINTS_ACROSS
    return [_steps(ring) for ring in land_in(wide, finest)]


def _steps(ring: Any) -> list[int]:
    grid = np.round(np.asarray(ring) * LAND_GRID_PER_DEGREE).astype(np.int64)
    return [int(number) for number in np.diff(grid, axis=0, prepend=np.zeros((1, 2), np.int64)).ravel()]
