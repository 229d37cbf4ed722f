"""A store with protected areas and a list of sensitive places, from its policy to the folder that it lets out."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h3.api.basic_str as h3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hereabouts.acts.places import add_places, list_places
from hereabouts.release.plan import Area
from hereabouts.release.region import region_of

if TYPE_CHECKING:
    from tests.conftest import Site

    Copy = Callable[[Site], Site]

Box = tuple[float, float, float, float]

WIDE: Box = (-1.6, 52.0, -0.6, 52.6)
BOX: Box = (-1.4, 52.15, -0.8, 52.45)
CENTRE = (52.3, -1.1)
SIX = h3.latlng_to_cell(*CENTRE, 6)
LEAF = h3.latlng_to_cell(*CENTRE, 7)
_AREA = """
[[protected_areas]]
name = "{name}"
{where}
finest_resolution = {resolution}
finest_period = "{period}"
"""


@pytest.fixture
def site(town: Site, copy: Copy) -> Site:
    return copy(town)


def protect(site: Site, where: str, resolution: int = 6, period: str = "P1D", name: str = "crossing") -> None:
    path = site.store / "policy.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + _AREA.format(name=name, where=where, resolution=resolution, period=period), encoding="utf-8")


def everything(site: Site, file: str = "plan.toml", bbox: Box = BOX, **changes: Any) -> Path:
    """A plan of all estimated rows of three resolutions."""
    shown = {"minimum": 0, "max_relative_halfwidth": math.inf, "resolutions": [5, 6, 7]}
    path = site.plan(file, **(shown | changes))
    text = path.read_text(encoding="utf-8")
    assert str(list(WIDE)) in text
    path.write_text(text.replace(str(list(WIDE)), str(list(bbox))), encoding="utf-8")
    return path


def release(site: Site, plan: Path, name: str = "out") -> tuple[dict[str, Any], pa.Table]:
    out = site.folder / name
    site.ok("release", plan, "--out", out)
    manifest = json.loads((out / "release.json").read_text(encoding="utf-8"))
    return manifest, pq.read_table(out / "presence.parquet")


def rows(table: pa.Table, cell: str, period: str) -> int:
    """How many rows a cell has of a period."""
    keys = zip(table["cell"].to_pylist(), table["period"].to_pylist(), strict=True)
    return sum(key == (cell, period) for key in keys)


def test_what_an_area_withholds_is_in_no_file_of_a_release(site: Site) -> None:
    plan = everything(site)
    _, before = release(site, plan, "before")
    assert rows(before, LEAF, "PT1H") == rows(before, SIX, "PT1H") == 168, "without protection it is published"
    protect(site, f'cells = ["{LEAF}"]')
    manifest, after = release(site, plan, "after")
    children = h3.cell_to_children(SIX, 7)
    assert not set(after["cell"].to_pylist()) & set(children)
    assert [rows(after, SIX, period) for period in ("PT1H", "P1D", "P7D")] == [0, 7, 1]
    assert [rows(after, h3.cell_to_parent(SIX, 5), period) for period in ("PT1H", "P1D", "P7D")] == [0, 7, 1]
    beside = next(c for c in h3.grid_ring(SIX, 1) if h3.cell_to_parent(c, 5) == h3.cell_to_parent(SIX, 5))
    assert rows(after, beside, "PT1H") == 168, "its neighbours keep their hours"

    facts = manifest["protected_areas"]
    assert facts["areas"] == [{"name": "crossing", "finest_resolution": 6, "finest_period": "P1D"}]
    assert facts["rows_withheld"]["presence"]["7/P7D"] == 7
    assert facts["rows_withheld"]["presence"]["5/PT1H"] == 168
    told = manifest["rows"]["presence"]["7/PT1H"]
    assert told["rows"] == told["domain"] - facts["rows_withheld"]["presence"]["7/PT1H"]
    for file in ("README.md", "report.html", "release.json"):
        text = (site.folder / "after" / file).read_text(encoding="utf-8")
        assert "crossing" in text
        assert not any(child in text for child in (LEAF, *children))
    site.ok("verify", site.folder / "after")


def test_an_area_that_is_added_later_costs_nothing_to_keep(site: Site) -> None:
    """The same measurement, published again with less."""
    plan = everything(site)
    release(site, plan, "before")
    spent = site.spent()
    protect(site, f'cells = ["{SIX}"]')
    release(site, plan, "after")
    assert site.spent() == spent


def test_a_region_that_cuts_an_area_measures_none_of_it(site: Site) -> None:
    """Two plans that differ by a part of the parent would differ by that part."""
    longitude = CENTRE[1]
    protect(site, f'cells = ["{SIX}"]', period="PT1H")
    manifest, table = release(site, everything(site, bbox=(BOX[0], BOX[1], longitude, BOX[3])))
    left = manifest["protected_areas"]["region_cells_left_out"]
    assert 0 < left < 7
    drawn = {f"{int(cell):x}" for cell in region_of(Area(bbox=(BOX[0], BOX[1], longitude, BOX[3]))).leaves}
    assert manifest["region_cells"] == len(drawn) - left
    assert drawn & set(h3.cell_to_children(SIX, 7))
    assert not set(table["cell"].to_pylist()) & {SIX, *h3.cell_to_children(SIX, 7)}
    assert f"{left} cells of resolution 7 of it were left out" in (site.folder / "out" / "README.md").read_text()


def test_a_region_of_nothing_but_a_part_of_one_is_refused_and_costs_nothing(site: Site) -> None:
    protect(site, "bbox = [-1.7, 51.9, -0.5, 52.7]", resolution=4)
    done = site.run("release", everything(site, bbox=(-1.2, 52.2, -1.0, 52.4)), "--out", site.folder / "out")
    done.refuses(3, "refused by rule 'protected-area'")
    assert site.spent() == "0"
    assert not (site.folder / "out").exists()


@pytest.mark.parametrize(("content", "words"), [(None, "there is none"), ("nonsense", "expected GeoJSON")])
def test_nothing_is_released_while_an_area_cannot_be_read(site: Site, content: str | None, words: str) -> None:
    protect(site, 'geojson = "crossing.geojson"')
    if content is not None:
        (site.store / "crossing.geojson").write_text(content, encoding="utf-8")
    done = site.run("release", everything(site), "--out", site.folder / "out")
    done.refuses(2, "protected area 'crossing'", words)
    assert site.spent() == "0"


# --- SL-BLOCK --------------------------------------------------------------------------------------------------------


def listed(site: Site, latitude: float, longitude: float) -> None:
    path = site.folder / "places.csv"
    path.write_text(f"category,latitude,longitude,radius\nmedical,{latitude},{longitude},30\n", encoding="utf-8")
    add_places(path, site.store)


def test_a_region_drawn_around_a_listed_place_is_refused_and_costs_nothing(site: Site) -> None:
    small = everything(site, bbox=(-1.14, 52.27, -1.06, 52.33))
    release(site, small, "before")
    listed(site, *CENTRE)
    spent = site.spent()
    done = site.run("release", small, "--out", site.folder / "after")
    done.refuses(3, "refused by rule 'SL-BLOCK'", "draw a larger region")
    assert site.spent() == spent


def test_a_manifest_names_the_list_in_force(site: Site) -> None:
    manifest, _ = release(site, everything(site, "first.toml", epsilon=0.2), "before")
    assert manifest["sensitive_places"] is None
    listed(site, *CENTRE)
    manifest, _ = release(site, everything(site, "second.toml", epsilon=0.3), "after")
    found = list_places(site.store)
    assert found is not None
    assert manifest["sensitive_places"] == {"version": 1, "digest": found.digest}
    assert "list of sensitive places, version 1" in (site.folder / "after" / "README.md").read_text()
    site.ok("verify", site.folder / "after")
