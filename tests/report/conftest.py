"""A made-up release for the report's tests: crowds around the centres of a plausible Beijing, with a day's
rhythm.

No real row is in it. The noise is fixed by a seed: here it is a drawing, not a protection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import h3.api.basic_str as h3
import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from hereabouts.privacy.bins import BINS

BBOX = (115.4, 39.4, 117.5, 41.1)
ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2008, 2, 2, tzinfo=ZONE)
HOURS = 168

# longitude, latitude, devices at noon, spread in degrees
CENTRES = (
    (116.40, 39.91, 5200, 0.085),
    (116.32, 39.98, 1500, 0.035),
    (116.66, 39.90, 420, 0.04),
    (116.23, 40.22, 300, 0.05),
    (116.65, 40.13, 350, 0.05),
    (116.60, 40.07, 480, 0.02),
    (116.33, 39.73, 330, 0.05),
    (116.71, 39.53, 130, 0.04),
    (116.40, 40.00, 700, 0.3),
)


@dataclass(frozen=True)
class MadeRelease:
    """What :func:`hereabouts.report.write_report` takes."""

    manifest: dict[str, Any]
    tables: Mapping[str, pa.Table]


@pytest.fixture(scope="session")
def make_release() -> Callable[..., MadeRelease]:
    """Return a function that makes a release; see :func:`_make`."""
    return _make


@pytest.fixture(scope="session")
def release(make_release: Callable[..., MadeRelease]) -> MadeRelease:
    """A release as the defaults publish it: at least 20 devices, half-width at most half of the value."""
    return make_release()


@pytest.fixture(scope="session")
def full_release(release: MadeRelease) -> MadeRelease:
    """All nine statistics; of fine areas, the busy hours of a week and few flows by the hour."""
    return _full(release)


@pytest.fixture(scope="session")
def small_release(make_release: Callable[..., MadeRelease]) -> MadeRelease:
    """A quick one: coarse areas alone."""
    return make_release(presence=(4, 5), flows=(4,))


def _make(
    presence: tuple[int, ...] = (5, 6, 7),
    flows: tuple[int, ...] = (5, 6),
    *,
    minimum: float = 20,
    max_relative_halfwidth: float = 0.5,
    flow_rows: int = 40_000,
    window_start: datetime = START,
    whole: bool = True,
) -> MadeRelease:
    """Make a release; ``whole`` rounds hourly figures to whole devices, as counts are."""
    rng = np.random.default_rng(7)
    west, south, east, north = BBOX
    box = h3.LatLngPoly([(south, west), (south, east), (north, east), (north, west)])
    cells = np.array(sorted(h3.polygon_to_cells(box, 7)))
    mean = _devices(cells)
    rhythm = 0.5 + 0.5 * np.clip(np.sin((np.arange(HOURS) % 24 - 7) / 24 * 2 * np.pi), -0.9, 1)
    rhythm[48:] *= 1 - 0.05 * np.arange(HOURS - 48) / 24
    keep = _rule(minimum, max_relative_halfwidth)
    parts, counts = [], {}
    for resolution in presence:
        names, member = _ancestors(cells, resolution)
        truth = np.bincount(member, weights=mean, minlength=len(names))[:, None] * rhythm
        hourly, sd = _noisy(truth, 9.0, rng)
        for period, length in (("PT1H", 1), ("P1D", 24), ("P7D", HOURS)):
            value = hourly.reshape(len(names), -1, length).mean(axis=2)
            error = sd.reshape(len(names), -1, length).mean(axis=2) / np.sqrt(length)
            part = _presence(names, resolution, period, length, value, error, window_start, keep, whole=whole)
            counts[f"{resolution}/{period}"] = {"rows": part.num_rows, "domain": int(value.size)}
            parts.append(part)
    tables = {"presence": pa.concat_tables(parts)} if parts else {}
    flow_counts = {}
    if flows:
        made = [_flows(cells, mean, resolution, flow_rows, window_start, keep, rng) for resolution in flows]
        tables["flows"] = pa.concat_tables(made)
        flow_counts = {f"{r}/P7D": {"rows": t.num_rows, "domain": 1_827_904} for r, t in zip(flows, made, strict=True)}
    manifest = _manifest(presence, flows, minimum, max_relative_halfwidth, window_start)
    manifest["rows"] = {"presence": counts, "flows": flow_counts}
    return MadeRelease(manifest, tables)


def _devices(cells: NDArray[np.str_]) -> NDArray[np.float64]:
    where = np.array([h3.cell_to_latlng(cell) for cell in cells])
    mean = np.zeros(len(cells))
    for longitude, latitude, devices, spread in CENTRES:
        away = ((where[:, 1] - longitude) * 0.77) ** 2 + (where[:, 0] - latitude) ** 2
        weight = np.exp(-away / (2 * spread**2))
        mean += devices * weight / weight.sum()
    return mean


def _ancestors(cells: NDArray[np.str_], resolution: int) -> tuple[NDArray[np.str_], NDArray[np.int64]]:
    parents = np.array([h3.cell_to_parent(cell, resolution) for cell in cells])
    names, member = np.unique(parents, return_inverse=True)
    return names, member


def _noisy(
    truth: NDArray[np.float64], noise_sd: float, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return estimates as shrinkage leaves them: surer where there is little."""
    sd = noise_sd * np.sqrt((truth + 0.3) / (truth + 6)) * rng.uniform(0.85, 1.15, truth.shape)
    return np.maximum(0, truth + rng.normal(0, sd)), sd


def _rule(minimum: float, halfwidth: float) -> Callable[..., NDArray[np.bool_]]:
    def keep(value: NDArray[np.float64], half: NDArray[np.float64]) -> NDArray[np.bool_]:
        wide = np.divide(half, value, out=np.full(value.shape, np.inf), where=value > 0)
        return np.asarray((value >= minimum) & (wide <= halfwidth))

    return keep


def _presence(
    names: NDArray[np.str_],
    resolution: int,
    period: str,
    length: int,
    value: NDArray[np.float64],
    sd: NDArray[np.float64],
    start: datetime,
    keep: Callable[..., NDArray[np.bool_]],
    *,
    whole: bool,
) -> pa.Table:
    cell, slot = np.nonzero(keep(value, 1.96 * sd))
    value, sd = value[cell, slot], sd[cell, slot]
    value = np.round(value) if whole and period == "PT1H" else value
    starts = np.array([int((start + timedelta(hours=int(s) * length)).timestamp()) for s in range(HOURS // length)])
    return pa.table(
        {
            "cell": pa.array(names[cell]),
            "resolution": pa.array(np.full(cell.size, resolution, np.int8)),
            "start": pa.array(starts[slot], pa.timestamp("s", "Asia/Shanghai")),
            "period": pa.array([period]).take(pa.array(np.zeros(cell.size, np.int64))),
            "devices": value,
            "noise_sd": sd,
            "ci95_low": np.maximum(0, value - 1.96 * sd),
            "ci95_high": value + 1.96 * sd,
        }
    )


def _flows(
    cells: NDArray[np.str_],
    mean: NDArray[np.float64],
    resolution: int,
    rows: int,
    start: datetime,
    keep: Callable[..., NDArray[np.bool_]],
    rng: np.random.Generator,
) -> pa.Table:
    names, member = _ancestors(cells, resolution)
    mass = np.bincount(member, weights=mean, minlength=len(names))
    where = np.array([h3.cell_to_latlng(cell) for cell in names])
    away = np.hypot(where[:, None, 0] - where[None, :, 0], (where[:, None, 1] - where[None, :, 1]) * 0.77)
    trips = np.outer(mass, mass) * np.exp(-away / 0.12) * rng.lognormal(0, 0.5, away.shape)
    trips *= 90_000 / trips.sum()
    origin, destination = np.unravel_index(np.argsort(-trips, axis=None)[:rows], trips.shape)
    value, sd = _noisy(trips[origin, destination], 7.0, rng)
    good = np.flatnonzero(keep(value, 1.96 * sd))
    moment = pa.array(np.full(good.size, int(start.timestamp())), pa.timestamp("s", "Asia/Shanghai"))
    return pa.table(
        {
            "origin": pa.array(names[origin[good]]),
            "destination": pa.array(names[destination[good]]),
            "resolution": pa.array(np.full(good.size, resolution, np.int8)),
            "start": moment,
            "period": pa.array(["P7D"] * good.size),
            "trips": value[good],
            "noise_sd": sd[good],
            "ci95_low": np.maximum(0, value[good] - 1.96 * sd[good]),
            "ci95_high": value[good] + 1.96 * sd[good],
        }
    )


FIGURES = ("noise_sd", "ci95_low", "ci95_high")


def _full(made: MadeRelease) -> MadeRelease:
    """Add what the other statistics and periods would hold: made of the hours and flows that are there."""
    presence, flows = (pl.from_arrow(made.tables[name]) for name in ("presence", "flows"))
    assert isinstance(presence, pl.DataFrame)
    assert isinstance(flows, pl.DataFrame)
    start = pl.col("start")
    days = pl.when(start.dt.weekday() >= 6).then(pl.lit("weekend-")).otherwise(pl.lit("weekday-"))
    typical = (
        presence.filter(pl.col("period") == "PT1H")
        .group_by("cell", "resolution", slot=days + start.dt.strftime("%H"))
        .agg(pl.col("devices", *FIGURES).mean())
        .with_columns(period=pl.lit("typical-week"), start=None)
    )
    longer = presence.filter(pl.col("period") != "PT1H", pl.col("resolution") < 7)
    parts: list[tuple[int, datetime | None, str, str | None]] = [
        (7, START + timedelta(days=day), "P1D", None) for day in range(7)
    ]
    parts += [(24, None, "hour-of-day", f"hour-{hour:02d}") for hour in range(24)]
    tables = {
        "presence": _joined(presence, typical),
        "visitors": longer.with_columns(pl.col("devices", *FIGURES) * 4).to_arrow(),
        "flows": _joined(flows, *(_part(flows, *part) for part in parts)),
        "distributions": _distributions(),
    }
    manifest = {**made.manifest, "rows": {}, "statistics": {**made.manifest["statistics"]}}
    for name in ("presence", "visitors", "flows"):
        counts = pl.from_arrow(tables[name].select(["resolution", "period"]))
        assert isinstance(counts, pl.DataFrame)
        manifest["rows"][name] = {
            f"{resolution}/{period}": {"rows": rows, "domain": 1_700_000}
            for resolution, period, rows in counts.group_by("resolution", "period").len().rows()
        }
    manifest["rows"]["visitors"]["7/P1D"] = {"rows": 0, "domain": 63_658}
    manifest["rows"]["distributions"] = {name: {"rows": 9, "domain": 10} for name in BINS}
    manifest["statistics"]["visitors"] = {
        "levels": [{"resolution": r, "periods": ["P1D", "P7D"], "noise_sd": 60.0, "rho": "1/400"} for r in (5, 6, 7)]
    }
    manifest["statistics"]["flows"] = {
        **made.manifest["statistics"]["flows"],
        "slots": [
            {"resolution": r, "period": p, "noise_sd": 5.0, "rho": "1/900"}
            for r in (5, 6)
            for p in ("P1D", "hour-of-day")
        ],
    }
    manifest["statistics"]["distributions"] = {"histograms": [{"statistic": name, "noise_sd": 40.0} for name in BINS]}
    return MadeRelease(manifest, tables)


def _part(flows: pl.DataFrame, parts: int, start: datetime | None, period: str, slot: str | None) -> pl.DataFrame:
    """One of so many parts of the flows over the window; of large ones alone, as small parts are not published."""
    return flows.filter(pl.col("trips") > 20 * parts).with_columns(
        pl.col("trips", *FIGURES) / parts,
        start=pl.lit(start).cast(flows.schema["start"]),
        period=pl.lit(period),
        slot=pl.lit(slot, pl.String),
    )


def _joined(first: pl.DataFrame, *others: pl.DataFrame) -> pa.Table:
    frames = [first.with_columns(slot=pl.lit(None, pl.String)), *others]
    columns = frames[0].columns
    return pl.concat([frame.select(columns).cast(frames[0].schema) for frame in frames]).to_arrow()


def _distributions() -> pa.Table:
    rows = []
    for name, bins in BINS.items():
        for place, (low, high) in enumerate(bins.ranges()):
            value = 9000.0 * np.exp(-(((place - 3) / 2.2) ** 2))
            if value > 40:
                ends = {"noise_sd": 20.0 + value / 50, "ci95_low": value * 0.94 - 40, "ci95_high": value * 1.06 + 40}
                unit = {"statistic": name, "bin_low": low, "bin_high": high, "unit": bins.unit}
                rows.append(unit | {"devices_or_trips": value} | ends)
    return pa.Table.from_pylist(rows)


def _manifest(
    presence: tuple[int, ...], flows: tuple[int, ...], minimum: float, halfwidth: float, start: datetime
) -> dict[str, Any]:
    return {
        "name": "weekday-movement",
        "purpose": "transport-planning",
        "policy": "research",
        "measured": "2008-02-20T09:30:00+00:00",
        "code_version": "0.1.0",
        "window": {
            "name": "2008-02-02/2008-02-09",
            "start": start.isoformat(),
            "end": (start + timedelta(hours=HOURS)).isoformat(),
            "timezone": "Asia/Shanghai",
        },
        "region": {"bbox": list(BBOX)},
        "region_cells": 9094,
        "privacy": {
            "unit": "all pings of one device in one window, added or removed",
            "epsilon": 1.0,
            "delta": 1e-6,
            "rho": "33/2000",
            "window_spent": {"epsilon": 1.4, "delta": 1e-6, "rho": "61/2000"},
            "window_budget": {"epsilon": 2.0, "delta": 1e-6, "rho": "61/1000"},
            "lifetime": {"epsilon": 3.1, "delta": 3e-6, "rho": "123/1000", "windows": 3},
        },
        "statistics": {
            "presence": {
                "levels": [
                    {"resolution": r, "periods": ["PT1H", "P1D", "P7D"], "noise_sd_hour": 9.0, "rho": "1/300"}
                    for r in presence
                ]
            },
            "flows": {
                "levels": [
                    {"resolution": r, "periods": ["P7D"], "bound": 16, "noise_sd": 7.0, "rho": "1/400"} for r in flows
                ]
            },
        },
        "publish": {"minimum": minimum, "max_relative_halfwidth": halfwidth},
    }
