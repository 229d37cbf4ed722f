from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest

from hereabouts.report.findings import findings, relative_halfwidth
from hereabouts.report.geometry import View, shapes_of
from hereabouts.report.histograms import histograms
from hereabouts.report.levels import cells_by_resolution, read_levels
from hereabouts.report.manifest import read_manifest
from hereabouts.report.missing import gaps
from hereabouts.report.towns import towns_in


@pytest.fixture(scope="module")
def read(release: Any) -> Any:
    levels = read_levels(release.tables, read_manifest(release.manifest).window)
    shapes = {res: shapes_of(cells, res, 116.0) for res, cells in cells_by_resolution(levels).items()}
    return levels, shapes, towns_in(View(115.4, 39.4, 117.5, 41.1))


def test_findings_are_the_extremes_of_the_tables(release: Any, read: Any) -> None:
    found = {finding.about: finding.text for finding in findings(*read)}
    assert set(found) == {"Busiest hour", "Busiest area", "Largest flow between two areas", "How sure"}
    presence = release.tables["presence"]
    window = presence.filter((pc.field("resolution") == 7) & (pc.field("period") == "P7D"))
    assert f"{max(window.column('devices').to_pylist()):.1f} devices on average" in found["Busiest area"]
    hourly = presence.filter((pc.field("resolution") == 5) & (pc.field("period") == "PT1H"))
    sums = hourly.group_by("start").aggregate([("devices", "sum")]).column("devices_sum").to_pylist()
    assert f"{max(sums):,.0f} devices" in found["Busiest hour"]


def test_an_hour_with_few_published_areas_is_not_called_quiet(read: Any) -> None:
    found = {finding.about: finding.text for finding in findings(*read)}
    assert "Quietest" not in found["Busiest hour"]


def test_no_figures_no_findings() -> None:
    assert findings((), {}, ()) == []


def test_of_all_nine_visitors_the_middle_trip_and_what_is_missing_are_told(full_release: Any) -> None:
    facts = read_manifest(full_release.manifest)
    levels = read_levels(full_release.tables, facts.window)
    shapes = {res: shapes_of(cells, res, 116.0) for res, cells in cells_by_resolution(levels).items()}
    shown = histograms(full_release.tables["distributions"], facts.minimum, facts.max_relative_halfwidth)
    found = {f.about: f.text for f in findings(levels, shapes, (), shown, gaps(facts, levels, shapes))}
    assert "different devices over the window" in found["Most visited area"]
    assert found["The middle trip"] == "goes 2 to 4 km and takes 20 to 40 min: half of them are no more, half no less."
    assert "little or nothing (and of" in found["What is missing"]


def test_a_statistic_without_any_row_is_told_first(full_release: Any) -> None:
    facts = read_manifest(full_release.manifest)
    tables = {"presence": full_release.tables["presence"]}
    levels = read_levels(tables, facts.window)
    shapes = {res: shapes_of(cells, res, 116.0) for res, cells in cells_by_resolution(levels).items()}
    found = {f.about: f.text for f in findings(levels, shapes, (), (), gaps(facts, levels, shapes))}
    assert found["What is missing"].startswith("no visitors at all; no flows at all; of devices present")


def test_a_value_of_nothing_is_infinitely_unsure(read: Any) -> None:
    level = read[0][0]
    nothing = type(level)(**{**vars(level), "value": np.zeros(level.rows)})
    assert np.isinf(relative_halfwidth(nothing)).all()
