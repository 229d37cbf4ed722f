"""A released table, taken apart into its levels: one (resolution, period) each, as arrays.

Presence, visitors and flows differ in how many cells a row names, one or two; everything after that is the same,
so all are a :class:`Level`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import h3.api.basic_int as h3
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hereabouts.errors import BadInputError
from hereabouts.report.manifest import Window
from hereabouts.report.slots import RECURRING, Slot, SlotKey, slots_of

PRESENCE = "presence"
VISITORS = "visitors"
FLOWS = "flows"
BY_AREA = (PRESENCE, VISITORS)
"""Those whose rows are of one area."""

CELL_COLUMNS: Mapping[str, tuple[str, ...]] = {
    PRESENCE: ("cell",),
    VISITORS: ("cell",),
    FLOWS: ("origin", "destination"),
}
VALUE_COLUMN: Mapping[str, str] = {PRESENCE: "devices", VISITORS: "devices", FLOWS: "trips"}
ERROR_COLUMNS = ("noise_sd", "ci95_low", "ci95_high")

_PERIOD_ORDER = ("PT1H", "P1D", "P7D")


@dataclass(frozen=True)
class Level:
    """The published rows of one statistic at one resolution and period.

    Attributes
    ----------
    cells
        The cells that occur in any row of the release at this resolution, sorted; shape (cells,).
    slots
        The moments of the period, in order.
    ends
        For each row the positions in ``cells`` of its cell, or of its origin and destination; shape (rows, 1
        or 2).
    slot
        For each row the position in ``slots``; shape (rows,).
    value, noise_sd, low, high
        Devices or trips, the standard deviation of the error, the 95 % interval; shape (rows,).
    """

    statistic: str
    resolution: int
    period: str
    cells: NDArray[np.uint64]
    slots: tuple[Slot, ...]
    ends: NDArray[np.int64]
    slot: NDArray[np.int64]
    value: NDArray[np.float64]
    noise_sd: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def key(self) -> str:
        """The level's name, as in the manifest: ``7/PT1H``."""
        return f"{self.resolution}/{self.period}"

    @property
    def rows(self) -> int:
        """Number of published rows."""
        return int(self.value.size)


def read_levels(tables: Mapping[str, pa.Table], window: Window) -> tuple[Level, ...]:
    """Take the tables of a release apart.

    Parameters
    ----------
    tables
        ``presence``, ``visitors`` and ``flows`` with the columns of a release; any may be absent or empty. Others
        are ignored.
    window
        The release's window: gives each level its moments.

    Returns
    -------
    tuple of Level
        Presence, visitors, flows; coarse before fine, short periods before long ones.

    Raises
    ------
    BadInputError
        A column is missing, holds nulls where a number belongs, or a cell is not an H3 index.
    """
    parts = [part for name in CELL_COLUMNS if name in tables for part in _parts(name, tables[name], window)]
    cells = {
        resolution: np.unique(np.concatenate([p.cells[p.ends].ravel() for p in parts if p.resolution == resolution]))
        for resolution in {part.resolution for part in parts}
    }
    return tuple(_renumbered(part, cells[part.resolution]) for part in sorted(parts, key=_order))


def cells_by_resolution(levels: Iterable[Level]) -> dict[int, NDArray[np.uint64]]:
    """Return the cells that occur at each resolution, coarse ones first; shapes (cells,)."""
    return {level.resolution: level.cells for level in sorted(levels, key=lambda level: level.resolution)}


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


def period_rank(period: str) -> tuple[int, str]:
    """Return a sort key: hours, days, weeks, other durations, recurring slots."""
    if period in _PERIOD_ORDER:
        return _PERIOD_ORDER.index(period), period
    return (90 if period in RECURRING else 50), period


def _order(level: Level) -> tuple[int, int, tuple[int, str]]:
    return [*CELL_COLUMNS].index(level.statistic), level.resolution, period_rank(level.period)


def _renumbered(level: Level, cells: NDArray[np.uint64]) -> Level:
    return Level(**{**vars(level), "cells": cells, "ends": np.searchsorted(cells, level.cells)[level.ends]})


def _parts(statistic: str, table: pa.Table, window: Window) -> Iterable[Level]:
    needed = (
        *CELL_COLUMNS[statistic],
        "resolution",
        "start",
        "period",
        VALUE_COLUMN[statistic],
        *ERROR_COLUMNS,
    )
    missing = [column for column in needed if column not in table.column_names]
    if missing:
        raise BadInputError(
            f"{statistic} table",
            f"missing {', '.join(missing)}; got the columns {', '.join(table.column_names)}. "
            "Hand in the tables of a release as they were published.",
        )
    table = table.combine_chunks()
    names, ends = _cell_codes(statistic, table)
    numbers = {name: _numbers(statistic, table, name) for name in (VALUE_COLUMN[statistic], *ERROR_COLUMNS)}
    resolution = _numbers(statistic, table, "resolution").astype(np.int64)
    periods, period = _codes(table.column("period"))
    keys, moment = _moments(table)
    for res, per in sorted({*zip(resolution.tolist(), period.tolist(), strict=True)}):
        mine = np.flatnonzero((resolution == res) & (period == per))
        present, local = np.unique(moment[mine], return_inverse=True)
        slots = slots_of(window, periods[per], (keys[code] for code in present))
        position = {slot.key: index for index, slot in enumerate(slots)}
        yield Level(
            statistic=statistic,
            resolution=res,
            period=periods[per],
            cells=names,
            slots=slots,
            ends=ends[mine],
            slot=np.array([position[keys[code]] for code in present], dtype=np.int64)[local],
            value=numbers[VALUE_COLUMN[statistic]][mine],
            noise_sd=numbers["noise_sd"][mine],
            low=numbers["ci95_low"][mine],
            high=numbers["ci95_high"][mine],
        )


def _cell_codes(statistic: str, table: pa.Table) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the distinct cells of a table and each row's positions among them, shape (rows, 1 or 2)."""
    columns = [_codes(table.column(name)) for name in CELL_COLUMNS[statistic]]
    cells: list[int] = []
    shifted: list[NDArray[np.int64]] = []
    for names, codes in columns:
        shifted.append(codes + len(cells))
        cells += [_index(statistic, name) for name in names]
    return np.array(cells, dtype=np.uint64), np.stack(shifted, axis=1)


def _index(statistic: str, name: str) -> int:
    try:
        cell = h3.str_to_int(name)
        known = bool(h3.is_valid_cell(cell))
    except (ValueError, TypeError):
        known = False
    if not known:
        raise BadInputError(
            f"{statistic} table", f"{name!r} is not an H3 cell; expected an index such as 872ab2521ffffff"
        )
    return int(cell)


def _codes(column: pa.ChunkedArray[Any]) -> tuple[list[str], NDArray[np.int64]]:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    encoded = pc.dictionary_encode(column.cast(pa.string()), null_encoding="encode").combine_chunks()
    array = encoded.chunk(0) if isinstance(encoded, pa.ChunkedArray) else encoded
    return [str(name) for name in array.dictionary.to_pylist()], np.asarray(array.indices).astype(np.int64)


def _moments(table: pa.Table) -> tuple[list[SlotKey], NDArray[np.int64]]:
    """Return the distinct keys of a table's moments and each row's position among them."""
    start = table.column("start")
    if "slot" in table.column_names and start.null_count:  # ordinary periods have a start, and no slot
        names, codes = _codes(table.column("slot"))
        recurring = np.asarray(pc.is_null(start))
    else:
        names, codes, recurring = [], np.zeros(table.num_rows, np.int64), np.zeros(table.num_rows, bool)
    seconds = _seconds(start)
    starts, position = np.unique(seconds, return_inverse=True)
    keys: list[SlotKey] = [int(start) for start in starts]
    return keys + names, np.where(recurring, codes + len(keys), position)


def _seconds(start: pa.ChunkedArray[Any]) -> NDArray[np.int64]:
    if not pa.types.is_timestamp(start.type) or start.type.tz is None:
        raise BadInputError("release table", f"column start is {start.type}; expected a timestamp with a time zone")
    micros = start.cast(pa.timestamp("us", start.type.tz), safe=False).cast(pa.int64()).fill_null(0)
    return np.asarray(micros).astype(np.int64) // 1_000_000


def _numbers(statistic: str, table: pa.Table, name: str) -> NDArray[np.float64]:
    column = table.column(name)
    if column.null_count:
        raise BadInputError(
            f"{statistic} table", f"column {name} has nulls; expected a number in each row", column.null_count
        )
    numbers = np.asarray(column.cast(pa.float64()), dtype=np.float64)
    if not np.isfinite(numbers).all():
        bad = int((~np.isfinite(numbers)).sum())
        raise BadInputError(f"{statistic} table", f"column {name} is not finite; expected a number in each row", bad)
    return numbers
