"""All nine statistics in one release, from pings to the folder: paid for to the last digit, sound, near the truth."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import h3.api.basic_str as h3
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hereabouts.hexagons import parents_of
from hereabouts.privacy.bins import BINS
from hereabouts.release.plan import Area, Statistic
from hereabouts.release.region import region_of

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

NINE = get_args(Statistic)
BOX = (-1.6, 52.0, -0.6, 52.6)
CENTRE = (52.3, -1.1)
SIX = h3.latlng_to_cell(*CENTRE, 6)
TABLES = {"presence", "visitors", "flows", "distributions"}
_VISITORS = """
[visitors]
resolutions = [5, 6]
periods = ["P1D", "P7D"]
"""


@pytest.fixture
def site(town: Site, copy: Copy) -> Site:
    return copy(town)


def plan(site: Site, file: str = "plan.toml", **changes: Any) -> Path:
    path = site.plan(file, statistics=list(NINE), resolutions=[5, 6], **changes)
    path.write_text(path.read_text(encoding="utf-8") + _VISITORS, encoding="utf-8")
    return path


def everything(site: Site) -> Path:
    return plan(site, minimum=0, max_relative_halfwidth=math.inf)


def release(site: Site, wanted: Path, name: str = "out") -> tuple[dict[str, Any], dict[str, pa.Table]]:
    site.ok("release", wanted, "--out", site.folder / name)
    manifest = json.loads((site.folder / name / "release.json").read_text(encoding="utf-8"))
    return manifest, {table: pq.read_table(site.folder / name / f"{table}.parquet") for table in TABLES}


def test_a_release_of_all_nine_is_sound_and_costs_what_it_says(site: Site) -> None:
    manifest, tables = release(site, plan(site))
    assert manifest["statistics"].keys() == manifest["rows"].keys() == TABLES
    assert site.ok("verify", site.folder / "out")["sound"] is True
    assert site.ok("verify", site.folder / "out", "--store", site.store)["sound"] is True
    payments = manifest["measurement"]["payments"]
    assert {payment["statistic"] for payment in payments} == set(NINE)
    paid = sum((Fraction(payment["rho"]) for payment in payments), Fraction(0))
    assert paid == Fraction(manifest["privacy"]["rho"]) == Fraction(site.spent()), "to the last digit"
    told = (site.folder / "out" / "README.md").read_text(encoding="utf-8")
    assert "`visitors.parquet`, 6, P1D" in told
    assert "`distributions.parquet`, trip-lengths" in told
    assert set(tables["distributions"]["statistic"].to_pylist()) <= set(BINS)


def test_publishing_it_again_gives_the_same_figures_for_nothing(site: Site) -> None:
    _, first = release(site, plan(site), "first")
    spent = site.spent()
    _, again = release(site, plan(site), "again")
    assert site.spent() == spent
    for table in TABLES:
        assert first[table].equals(again[table])
    more, _ = release(site, everything(site), "everything")
    assert site.spent() == spent, "and so does another [publish]"
    assert more["rows"]["visitors"]["6/P1D"]["rows"] == more["rows"]["visitors"]["6/P1D"]["domain"]


def test_figures_are_near_the_truth(site: Site) -> None:
    """What of them can be counted by hand from sealed tables, which no release could."""
    _, tables = release(site, everything(site))
    leaves = region_of(Area(bbox=BOX)).leaves
    sealed = site.tables()
    there = sealed["presence"].filter(pa.array(_inside(sealed["presence"]["cell"], leaves)))

    visitors = {
        (row["cell"], row["period"], row["start"].isoformat()[:10]): row for row in tables["visitors"].to_pylist()
    }
    cells = parents_of(there["cell"].to_numpy(), 5)
    devices = np.array(there["device"].to_pylist(), dtype=object)
    held = []
    for cell in np.unique(cells):
        row = visitors[f"{cell:x}", "P7D", "2024-03-04"]
        held.append(row["ci95_low"] <= len(set(devices[cells == cell].tolist())) <= row["ci95_high"])
    assert np.mean(held) > 0.8

    radius = _rows(tables, "radius-of-gyration")
    total = sum(row["devices_or_trips"] for row in radius)
    spread = math.sqrt(sum(row["noise_sd"] ** 2 for row in radius))
    assert abs(total - len(set(devices.tolist()))) < 4 * spread

    ends = [_inside(sealed["trips"][end], leaves) for end in ("origin", "destination")]
    minutes = sealed["trips"]["minutes"].to_numpy()[ends[0] & ends[1]]
    held = []
    for row in _rows(tables, "trip-durations"):
        truth = int(((row["bin_low"] <= minutes) & (minutes < row["bin_high"])).sum())
        held.append(row["ci95_low"] <= truth <= row["ci95_high"])
    assert np.mean(held) > 0.6


def _inside(cells: pa.ChunkedArray, leaves: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.isin(parents_of(cells.to_numpy(), 7), leaves)


def _rows(tables: dict[str, pa.Table], statistic: str) -> list[dict[str, Any]]:
    return [row for row in tables["distributions"].to_pylist() if row["statistic"] == statistic]


def test_no_visitors_below_or_within_a_protected_parent(site: Site) -> None:
    """Neither at a finer resolution nor for a shorter period, and nor in what is above it."""
    policy = site.store / "policy.toml"
    area = f'\n[[protected_areas]]\nname = "a"\ncells = ["{SIX}"]\nfinest_resolution = 6\nfinest_period = "window"\n'
    policy.write_text(policy.read_text(encoding="utf-8") + area, encoding="utf-8")
    wanted = everything(site)
    wanted.write_text(wanted.read_text(encoding="utf-8").replace("[5, 6]\nperiods", "[5, 6, 7]\nperiods"))
    manifest, tables = release(site, wanted)
    assert site.ok("verify", site.folder / "out")["sound"] is True
    rows = {(row["cell"], row["period"]) for row in tables["visitors"].to_pylist()}
    five = h3.cell_to_parent(SIX, 5)
    assert {(SIX, "P7D"), (five, "P7D")} <= rows
    assert not {(SIX, "P1D"), (five, "P1D")} & rows
    assert not {(cell, "P7D") for cell in h3.cell_to_children(SIX, 7)} & rows
    beside = next(c for c in h3.grid_ring(SIX, 1) if h3.cell_to_parent(c, 5) == five)
    assert (beside, "P1D") in rows
    withheld = manifest["protected_areas"]["rows_withheld"]["visitors"]
    assert withheld["7/P7D"] == 7
    assert withheld["5/P1D"] == 7, "one cell, seven days"
