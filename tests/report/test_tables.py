from __future__ import annotations

from typing import Any

import pytest

from hereabouts.report.geometry import View, shapes_of
from hereabouts.report.levels import cells_by_resolution, read_levels
from hereabouts.report.manifest import ReleaseFacts, read_manifest
from hereabouts.report.tables import MOST_ROWS, largest_rows, level_summaries
from hereabouts.report.towns import towns_in


@pytest.fixture(scope="module")
def read(small_release: Any) -> Any:
    facts = read_manifest(small_release.manifest)
    levels = read_levels(small_release.tables, facts.window)
    shapes = {res: shapes_of(cells, res, 116.0) for res, cells in cells_by_resolution(levels).items()}
    return facts, levels, shapes


def test_tables_hold_the_largest_rows_with_their_exact_cells(small_release: Any, read: Any) -> None:
    facts, levels, shapes = read
    made = largest_rows(facts, levels, shapes, towns_in(View(115.4, 39.4, 117.5, 41.1)))
    assert all(0 < len(table.rows) <= MOST_ROWS for table in made)
    finest = made[0]
    rows = [r for r in small_release.tables["presence"].to_pylist() if r["resolution"] == 5]
    best = max((r for r in rows if r["period"] == "P7D"), key=lambda r: float(r["devices"]))
    assert finest.rows[0].cells == (best["cell"],)
    assert "Beijing" in finest.rows[0].places[0]


def test_a_trip_within_an_area_says_so(read: Any) -> None:
    facts, levels, shapes = read
    flows = largest_rows(facts, levels, shapes, ())[-1]
    assert flows.flows
    inside = [row for row in flows.rows if row.cells[0] == row.cells[1]]
    assert inside
    assert all(row.places[1] == "the same area" for row in inside)


def test_levels_of_which_nothing_was_published_are_told(read: Any) -> None:
    facts, levels, shapes = read
    rows = {**facts.rows, ("presence", 7, "PT1H"): type(facts.rows["presence", 4, "PT1H"])(0, 1_527_792)}
    lines = level_summaries(ReleaseFacts(**{**vars(facts), "rows": rows}), levels, shapes)
    silent = next(line for line in lines if line.resolution == 7)
    assert (silent.resolution, silent.rows, silent.holds) == (7, "0", "none")
    assert silent.share.replace("\u00a0", " ") == "0 % of 1,527,792"
