from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest

from hereabouts.report.findings import findings, relative_halfwidth, share_of_fullest
from hereabouts.report.geometry import View, shapes_of
from hereabouts.report.levels import cells_by_resolution, read_levels
from hereabouts.report.manifest import read_manifest
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


def test_finer_levels_hold_a_share_of_the_fullest(read: Any) -> None:
    levels = read[0]
    shares = {level.key: share_of_fullest(level, levels) for level in levels if level.statistic == "presence"}
    fine, middle, coarse = (shares[f"{resolution}/PT1H"] or 0 for resolution in (7, 6, 5))
    assert 0 < fine < middle < coarse <= 1
    assert max(share or 0 for share in shares.values()) == 1


def test_visitors_have_no_share_as_they_cannot_be_added_up(full_release: Any) -> None:
    levels = read_levels(full_release.tables, read_manifest(full_release.manifest).window)
    assert {share_of_fullest(level, levels) for level in levels if level.statistic == "visitors"} == {None}


def test_a_value_of_nothing_is_infinitely_unsure(read: Any) -> None:
    level = read[0][0]
    nothing = type(level)(**{**vars(level), "value": np.zeros(level.rows)})
    assert np.isinf(relative_halfwidth(nothing)).all()
