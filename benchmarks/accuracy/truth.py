"""The exact answer to each question, and the exact rows that every peer is given.

Both are read from the sealed tables of a store, so what differs between us and a peer is the mechanism alone. A
question's domain is public: the cells whose resolution-7 ancestor has its centre in the region, and their parents.
A key is a whole number: for presence and visitors cell × periods + period, for flows origin × cells + destination.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import h3
import numpy as np
import polars as pl
import polars_h3 as plh
from numpy.typing import NDArray

from benchmarks.accuracy.data import Dataset

REGION_RESOLUTION = 7


@dataclass(frozen=True)
class Question:
    """One statistic at one level.

    Parameters
    ----------
    statistic
        ``presence``, ``visitors`` or ``flows``.
    resolution
        H3 resolution.
    period
        ``PT1H``, ``P1D`` or ``P7D``.
    """

    statistic: str
    resolution: int
    period: str

    @property
    def level(self) -> str:
        return f"{self.resolution}/{self.period}"

    def __str__(self) -> str:
        return f"{self.statistic} {self.level}"


@dataclass(frozen=True)
class Grain:
    """Rows of devices under whole-number keys, from 0 up to `size`, and how they answer a question.

    Parameters
    ----------
    rows
        Columns device and key; a device may have several rows under one key.
    size
        How many keys the public domain has.
    to
        For each key, the question's key that it is part of.
    divisor
        What a question's key is divided by: the hours of its period, for a mean.
    parts
        For each key, which of the periods it lies in (a peer that can only report one period at a time).
    """

    rows: pl.DataFrame
    size: int
    to: NDArray[np.int64]
    divisor: NDArray[np.float64]
    parts: NDArray[np.int64]

    def answer(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values by key, as values by the question's key."""
        return np.bincount(self.to, weights=values, minlength=self.divisor.size) / self.divisor

    def exact(self) -> NDArray[np.float64]:
        """The truth by the question's key."""
        keys = self.rows["key"].to_numpy()
        return self.answer(np.bincount(keys, minlength=self.size).astype(np.float64))


class Truth:
    """All that is exactly known of one data set."""

    def __init__(self, data: Dataset, store: Path) -> None:
        self.data = data
        (folder,) = [path for path in (store / "sealed").iterdir() if path.name.startswith(data.first)]
        self._presence = self._coded(folder / "presence", ["cell"])
        self._trips = self._coded(folder / "trips", ["origin", "destination"])

    @cached_property
    def hours(self) -> pl.DataFrame:
        """The window's hours in order: start (UTC), day (0, 1, ...), in_day (how many hours that day has)."""
        zone = ZoneInfo(self.data.timezone)
        first, after = (
            dt.datetime.fromisoformat(day).replace(tzinfo=zone) for day in (self.data.first, self.data.after)
        )
        starts = pl.datetime_range(
            first.astimezone(dt.UTC), after.astimezone(dt.UTC), "1h", closed="left", time_zone="UTC", eager=True
        )
        local = starts.dt.convert_time_zone(self.data.timezone).dt.date()
        table = pl.DataFrame({"start": starts.dt.cast_time_unit("ms"), "day": (local - local[0]).dt.total_days()})
        return table.with_columns(in_day=pl.len().over("day").cast(pl.Float64)).with_row_index("hour")

    def cells(self, resolution: int) -> NDArray[np.uint64]:
        """The public cells of a resolution, in order."""
        west, south, east, north = self.data.bbox
        area = h3.LatLngPoly([(south, west), (south, east), (north, east), (north, west)])
        inside = pl.DataFrame(
            {"cell": [h3.str_to_int(cell) for cell in h3.polygon_to_cells(area, REGION_RESOLUTION)]},
            schema={"cell": pl.UInt64},
        )
        parents = inside.select(plh.cell_to_parent("cell", resolution).cast(pl.UInt64).unique().sort())
        return parents.to_series().to_numpy()

    def starts(self, period: str) -> list[dt.datetime]:
        """When each period of the window begins (UTC)."""
        if period == "PT1H":
            return self.hours["start"].to_list()
        if period == "P1D":
            return self.hours.group_by("day", maintain_order=True).first()["start"].to_list()
        return [self.hours["start"][0]]

    def grain(self, question: Question, period: str | None = None) -> Grain:
        """The rows that answer a question, keyed by its own period, or by a finer one whose sums answer it too."""
        cells = self.cells(question.resolution)
        if question.statistic == "flows":
            rows = self._trips.select("device", *self._index(question.resolution, ["origin", "destination"]))
            rows = rows.select("device", key=pl.col("origin") * cells.size + pl.col("destination"))
            size = cells.size**2
            return Grain(rows, size, np.arange(size), np.ones(size), np.zeros(size, np.int64))
        fine = period or question.period
        rows = self._presence.select("device", "hour", "day", *self._index(question.resolution, ["cell"]))
        ours, theirs = self._slots(question.period), self._slots(fine)
        count, slots = ours.max() + 1, theirs.max() + 1
        slot = pl.Series(theirs).gather(rows["hour"])
        rows = rows.select("device", key=pl.col("cell") * int(slots) + slot)
        coarser = np.zeros(slots, np.int64)
        coarser[theirs] = ours
        size = cells.size * int(slots)
        parts = np.tile(np.arange(slots), cells.size)
        to = np.repeat(np.arange(cells.size), slots) * count + coarser[parts]
        if question.statistic == "visitors":
            return Grain(rows.unique(), size, to, np.ones(cells.size * count), parts)
        return Grain(rows, size, to, np.tile(np.bincount(ours).astype(np.float64), cells.size), parts)

    def _slots(self, period: str) -> NDArray[np.int64]:
        """For each hour of the window, the number of the period that it is in."""
        if period == "PT1H":
            return np.arange(self.hours.height)
        if period == "P1D":
            return self.hours["day"].cast(pl.Int64).to_numpy()
        return np.zeros(self.hours.height, np.int64)

    def _index(self, resolution: int, columns: list[str]) -> list[pl.Expr]:
        """Store cells as numbers of their parents in the public domain."""
        order = pl.Series(self.cells(resolution))
        return [
            plh.cell_to_parent(name, resolution)
            .cast(pl.UInt64)
            .replace_strict(order, np.arange(len(order)), return_dtype=pl.Int64)
            .alias(name)
            for name in columns
        ]

    def _coded(self, folder: Path, columns: list[str]) -> pl.DataFrame:
        """One sealed table, cut to the region, with small numbers for devices and hours."""
        rows = pl.read_parquet(folder / "*.parquet")
        allowed = pl.Series(self.cells(REGION_RESOLUTION))
        for name in columns:
            cells = rows.select(pl.col(name).unique())
            kept = cells.filter(plh.cell_to_parent(name, REGION_RESOLUTION).cast(pl.UInt64).is_in(allowed.implode()))
            rows = rows.join(kept, on=name, how="semi")
        rows = rows.join(self.hours, on="start", how="inner")
        return rows.select(
            pl.col("device").rank("dense").cast(pl.Int64), pl.col("hour").cast(pl.Int64), pl.col("day"), *columns
        )
