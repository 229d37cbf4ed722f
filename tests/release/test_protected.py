"""What protected areas withhold: closed outward in space and time, by public configuration alone.

That nobody can work it out from what is published is attacked in tests/integration/test_recovery.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h3.api.numpy_int as h3
import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.errors import RefusedError, UsageError
from hereabouts.release.plan import Plan
from hereabouts.release.protected import DAY, HOUR, WINDOW, Protection, protect, span_of
from hereabouts.release.region import Region
from hereabouts.rules.protected import ProtectedArea
from hereabouts.windows import Calendar, Window

Cells = NDArray[np.uint64]

HERE = h3.latlng_to_cell(48.85, 2.35, 5)
BESIDE = min(c for c in h3.grid_disk(HERE, 1) if c != HERE)
SIX = int(h3.cell_to_children(HERE, 6)[0])
LEAF = int(h3.cell_to_children(SIX, 7)[3])


def leaves(*cells: int) -> Cells:
    return np.unique(np.concatenate([np.asarray(h3.cell_to_children(int(c), 7), dtype=np.uint64) for c in cells]))


def week(days: int = 7) -> Window:
    return Calendar.of("Europe/Paris", f"P{days}D", None).at(1_711_796_400)


def area(*cells: int, resolution: int = 6, period: str = "P1D", name: str = "corridor") -> ProtectedArea:
    names = tuple(h3.int_to_str(int(c)) for c in cells)
    return ProtectedArea(name=name, cells=names, finest_resolution=resolution, finest_period=period)


def guard(*areas: ProtectedArea, region: Cells | None = None, window: Window | None = None) -> Protection:
    return protect(areas, Path(), Region(leaves(HERE, BESIDE) if region is None else region), window or week())


def protected(found: Protection, resolution: int, period: str, window: Window | None = None) -> set[int]:
    """The cells of a level that have no row."""
    cells = found.region.cells(resolution)
    return {int(c) for c in cells[found.withheld(cells, resolution, period, window or week())]}


# --- which rows ------------------------------------------------------------------------------------------------------


def test_below_a_parent_that_it_touches_nothing_finer_is_published_in_any_period() -> None:
    found = guard(area(LEAF))
    for period in ("PT1H", "P1D", "P7D", "typical-week"):
        assert protected(found, 7, period) == {int(c) for c in leaves(SIX)}, "the leaf's six siblings too"


def test_neither_the_parent_nor_what_is_above_has_rows_of_a_finer_period() -> None:
    found = guard(area(LEAF))
    for resolution in (6, 5, 4):
        assert protected(found, resolution, "PT1H") == {h3.cell_to_parent(SIX, resolution)}
        assert protected(found, resolution, "P1D") == protected(found, resolution, "P7D") == set()
    assert h3.cell_to_parent(BESIDE, 5) not in protected(found, 5, "PT1H")


@pytest.mark.parametrize(
    ("period", "withheld"),
    [("PT1H", ()), ("P1D", ("PT1H",)), ("P2D", ("PT1H", "P1D")), ("P1W", ("PT1H", "P1D")), ("window", ("PT1H", "P1D"))],
)
def test_a_period_is_withheld_when_it_is_shorter_than_the_area_allows(period: str, withheld: tuple[str, ...]) -> None:
    found = guard(area(SIX, period=period))
    for each in ("PT1H", "P1D", "P7D"):
        assert (SIX in protected(found, 6, each)) is (each in withheld)


def test_slots_of_the_day_are_no_longer_than_an_hour() -> None:
    """Periods that later versions bring: an hour of a typical day says when, as an hour does."""
    found = guard(area(SIX))
    assert SIX in protected(found, 6, "typical-week") & protected(found, 6, "hour-of-day")


def test_in_windows_of_a_day_a_day_is_the_window() -> None:
    assert [span_of(period, week(1)) for period in ("PT1H", "P1D")] == [HOUR, WINDOW]
    assert [span_of(period, week(7)) for period in ("PT1H", "P1D", "P7D")] == [HOUR, DAY, WINDOW]
    found = guard(area(SIX), window=week(1))
    assert SIX not in protected(found, 6, "P1D", week(1))
    assert SIX in protected(found, 6, "PT1H", week(1))


def test_an_area_that_asks_for_longer_than_the_window_is_left_out_whole() -> None:
    found = guard(area(LEAF, period="P2W"))
    assert found.left_out == 7
    assert not np.isin(leaves(SIX), found.region.leaves).any()
    assert protected(found, 6, "PT1H") == set(), "what is above it does not hold it"


def test_areas_within_each_other_each_protect_all_that_they_reach() -> None:
    found = guard(area(LEAF, resolution=6, period="window"), area(HERE, resolution=5, period="PT1H"))
    assert protected(found, 6, "P7D") == {int(c) for c in h3.cell_to_children(HERE, 6)}
    assert protected(found, 5, "P1D") == {int(HERE)}, "the inner one's period holds for the outer one, which holds it"
    assert found.topmost(np.array([LEAF], dtype=np.uint64), 7).tolist() == [HERE]


def test_resolution_7_protects_hours_alone() -> None:
    found = guard(area(LEAF, resolution=7))
    assert protected(found, 7, "P1D") == set()
    assert protected(found, 7, "PT1H") == {LEAF}
    assert protected(found, 6, "PT1H") == {SIX}


# --- regions ---------------------------------------------------------------------------------------------------------


def test_a_region_holds_a_parent_whole_or_not_at_all() -> None:
    some = leaves(HERE)
    found = guard(area(LEAF), region=some[some != np.uint64(leaves(SIX)[0])])
    assert found.left_out == 6
    assert np.array_equal(found.region.leaves, np.setdiff1d(some, leaves(SIX)))
    assert found.areas[0].parents.size == 0


def test_leaving_one_out_cuts_what_is_around_it() -> None:
    """An inner parent that is left out leaves the outer one in part, which is left out then."""
    found = guard(area(LEAF, period="P4W"), area(HERE, resolution=5, name="around"))
    assert np.array_equal(found.region.leaves, leaves(BESIDE))


def test_a_pentagon_has_fewer_leaves_and_is_whole_with_them() -> None:
    pentagon = int(h3.get_pentagons(6)[3])
    found = guard(area(pentagon), region=leaves(pentagon))
    assert (found.left_out, found.areas[0].parents.tolist()) == (0, [pentagon])


def test_a_region_of_nothing_else_is_refused() -> None:
    with pytest.raises(RefusedError, match="draw a larger region") as refused:
        guard(area(HERE, resolution=5), region=leaves(SIX))
    assert (refused.value.rule, refused.value.exit_code) == ("protected-area", 3)


def test_areas_elsewhere_are_neither_mentioned_nor_felt() -> None:
    found = guard(area(h3.latlng_to_cell(-10.0, 100.0, 6), name="elsewhere"))
    assert found.areas == ()
    assert found.left_out == 0
    assert protected(found, 7, "PT1H") == set()


# --- files -----------------------------------------------------------------------------------------------------------


def write(path: Path, *points: tuple[float, float]) -> None:
    ring = [*points, points[0]]
    path.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}), encoding="utf-8")


def test_a_file_counts_from_the_store(tmp_path: Path) -> None:
    latitude, longitude = h3.cell_to_latlng(LEAF)
    write(tmp_path / "corridor.geojson", *[(longitude + x, latitude + y) for x, y in ((0, 0), (1e-4, 0), (0, 1e-4))])
    given: dict[str, Any] = {"name": "corridor", "finest_resolution": 6, "finest_period": "P1D"}
    by_file = protect(
        [ProtectedArea(geojson="corridor.geojson", **given)], tmp_path, Region(leaves(HERE, BESIDE)), week()
    )
    assert np.uint64(SIX) in by_file.areas[0].parents
    box = (longitude, latitude, longitude + 1e-4, latitude + 1e-4)
    by_box = protect([ProtectedArea(bbox=box, **given)], tmp_path, Region(leaves(HERE, BESIDE)), week())
    assert np.array_equal(by_box.areas[0].parents, by_file.areas[0].parents)


@pytest.mark.parametrize("content", [None, "{}", '{"type": "Point", "coordinates": [2, 48]}'])
def test_nothing_is_released_while_an_area_cannot_be_read(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "corridor.geojson").write_text(content, encoding="utf-8")
    broken = ProtectedArea(name="north", geojson="corridor.geojson", finest_resolution=6, finest_period="P1D")
    with pytest.raises(UsageError, match="protected area 'north'"):
        protect([broken], tmp_path, Region(leaves(HERE)), week())


def test_a_cell_that_is_none_is_refused() -> None:
    broken = ProtectedArea(name="north", cells=("nonsense",), finest_resolution=6, finest_period="P1D")
    with pytest.raises(UsageError, match="protected area 'north' cannot be used: got region cell 'nonsense'"):
        guard(broken)


# --- what the manifest says ------------------------------------------------------------------------------------------


def plan(**changes: Any) -> Plan:
    values = {
        "name": "p", "purpose": "research", "region": {"cells": [h3.int_to_str(HERE)]}, "window": week().name,
        "epsilon": 1.0, "delta": 1e-6, "statistics": ["presence", "flows"],
    }  # fmt: skip
    return Plan.model_validate(values | changes)


def test_facts_count_rows_over_the_domain() -> None:
    """By policy and plan alone, as `facts` sees nothing else. The region has 98 leaves."""
    facts = guard(area(LEAF)).facts(plan(), week())
    assert facts == {
        "areas": [{"name": "corridor", "finest_resolution": 6, "finest_period": "P1D"}],
        "region_cells_left_out": 0,
        "rows_withheld": {
            "presence": {
                "6/P1D": 0, "6/P7D": 0, "6/PT1H": 167, "7/P1D": 49, "7/P7D": 7, "7/PT1H": 7 * 167,
            },
            "flows": {"5/P7D": 0, "6/P7D": 0},
        },
    }  # fmt: skip
    fine = plan(flows={"resolutions": [7], "periods": ["P7D"]}, statistics=["flows"])
    assert guard(area(LEAF)).facts(fine, week())["rows_withheld"] == {"flows": {"7/P7D": 98**2 - 91**2}}


def test_facts_of_nothing() -> None:
    nothing = {"areas": [], "region_cells_left_out": 0, "rows_withheld": {}}
    assert guard().facts(plan(), week()) == nothing


def test_a_parent_may_be_coarser_than_any_level() -> None:
    above = h3.cell_to_parent(LEAF, 4)
    found = guard(area(LEAF, resolution=4, period="PT1H"), region=leaves(above))
    assert found.areas[0].parents.tolist() == [above]
    assert found.left_out == 0
    assert found.hidden(found.region.cells(5), 5).all()
