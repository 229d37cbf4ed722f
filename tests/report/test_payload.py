from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hereabouts.report import payload as module
from hereabouts.report.geometry import View, shapes_of
from hereabouts.report.levels import cells_by_resolution, read_levels
from hereabouts.report.manifest import read_manifest
from hereabouts.report.packing import unpack
from hereabouts.report.payload import Payload, build_payload

VIEW = View(115.4, 39.4, 117.5, 41.1)


def build(release: Any) -> tuple[Any, Payload]:
    facts = read_manifest(release.manifest)
    levels = read_levels(release.tables, facts.window)
    shapes = {res: shapes_of(cells, res, 116.0) for res, cells in cells_by_resolution(levels).items()}
    return levels, build_payload(facts, levels, shapes, VIEW, (), None)


def test_the_page_holds_every_presence_figure(release: Any) -> None:
    levels, payload = build(release)
    entries = {entry["block"]: entry for entry in payload.model["levels"]}
    for level in (one for one in levels if one.statistic == "presence"):
        entry = entries[f"presence-{level.resolution}-{level.period}"]
        planes = unpack(payload.blocks[entry["block"]]).reshape(3, level.cells.size, -1).astype(np.int64)
        assert planes.shape[2] == len(entry["slots"])
        value, below, above = planes[:, level.ends[:, 0], level.slot] * entry["step"]
        value -= entry["step"]
        assert value == pytest.approx(level.value, abs=0.51 * entry["step"])
        assert (value - below <= level.low + 1e-4).all()
        assert (value + above >= level.high - 1e-4).all()
        assert np.count_nonzero(planes[0]) == level.rows  # what is not published is 0, and nothing else is


def test_of_many_flows_the_largest_are_kept(release: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FLOWS", 50)
    monkeypatch.setattr(module, "MOST_FLOWS_OF_MANY", 5)
    levels, payload = build(release)
    flows = [level for level in levels if level.statistic == "flows"][-1]
    entries = {entry["block"]: entry for entry in payload.model["levels"]}
    entry = entries[f"flows-{flows.resolution}-{flows.period}"]
    columns = unpack(payload.blocks[entry["block"]]).reshape(6, -1)
    assert columns.shape[1] == entry["kept"] == 50
    kept = (columns[3].astype(float) - 1) * entry["step"]
    assert kept == pytest.approx(np.sort(flows.value)[::-1][:50], abs=entry["step"])


def test_no_moment_goes_without_its_largest_flows(full_release: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FLOWS", 50)
    monkeypatch.setattr(module, "MOST_FLOWS_OF_MANY", 3)
    levels = read_levels(full_release.tables, read_manifest(full_release.manifest).window)
    hours = next(level for level in levels if (level.statistic, level.key) == ("flows", "5/hour-of-day"))
    kept = module.kept_flows(hours)
    assert np.bincount(hours.slot[kept]).tolist() == [3] * 24
    for slot in (0, 13):
        best = np.sort(hours.value[hours.slot == slot])[::-1][:3]
        assert np.sort(hours.value[kept[hours.slot[kept] == slot]])[::-1] == pytest.approx(best)


def test_outlines_and_indexes_come_back(small_release: Any) -> None:
    levels, payload = build(small_release)
    cells = cells_by_resolution(levels)[5]
    high, low = unpack(payload.blocks["index-5"]).reshape(2, -1).astype(np.uint64)
    assert np.array_equal((high << np.uint64(32)) | low, cells)
    entry = payload.model["cells"]["5"]
    steps = unpack(payload.blocks["outline-5"]).view(np.int32).reshape(entry["count"], entry["corners"], 2)
    corners = np.cumsum(steps, axis=1) / payload.model["grid"]
    assert corners == pytest.approx(shapes_of(cells, 5, 116.0).outlines, abs=1e-5)


def test_levels_that_do_not_fit_are_left_out_the_finest_first(release: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _, whole = build(release)
    monkeypatch.setattr(module, "MOST_BLOCK_BYTES", whole.size - 1)
    _, payload = build(release)
    assert [level.key for level in payload.left_out] == ["7/PT1H"]
    assert {entry["statistic"] for entry in payload.model["levels"]} == {"presence", "flows"}


def test_a_level_too_large_for_a_browser_is_left_out(small_release: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FIGURES", 5000)
    _, payload = build(small_release)
    assert {level.period for level in payload.left_out} == {"PT1H"}
