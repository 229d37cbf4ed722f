from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from hereabouts.errors import BadInputError
from hereabouts.report.manifest import read_manifest

WINDOW = {
    "name": "2008-W05",
    "start": "2008-02-02T00:00:00+08:00",
    "end": "2008-02-09T00:00:00+08:00",
    "timezone": "Asia/Shanghai",
}


def test_a_whole_manifest_is_read(small_release: Any) -> None:
    facts = read_manifest(small_release.manifest)
    assert facts.name == "weekday-movement"
    assert facts.bbox == (115.4, 39.4, 117.5, 41.1)
    assert facts.privacy.cost.rho == Fraction(33, 2000)
    assert facts.privacy.lifetime_windows == 3
    assert facts.rows["presence", 4, "PT1H"].domain == 38 * 168
    assert {level.statistic for level in facts.measured} == {"presence", "flows"}


def test_of_flows_each_period_has_the_noise_of_its_own_measurement(full_release: Any) -> None:
    noise = {
        (m.statistic, m.resolution, p): m.noise_sd
        for m in read_manifest(full_release.manifest).measured
        for p in m.periods
    }
    assert noise["flows", 6, "P7D"] == 7.0
    assert noise["flows", 6, "hour-of-day"] == 5.0


def test_distributions_that_were_measured_are_known(full_release: Any, small_release: Any) -> None:
    assert len(read_manifest(full_release.manifest).distributions) == 6
    assert read_manifest(small_release.manifest).distributions == frozenset()


def test_a_name_and_a_window_are_enough() -> None:
    facts = read_manifest({"name": "bare", "window": WINDOW})
    absent = (facts.purpose, facts.bbox, facts.minimum, facts.privacy.cost.epsilon)
    assert set(absent) == {None}
    assert facts.measured == ()
    assert facts.rows == {}


def test_a_region_of_cells_may_be_a_count_or_a_list() -> None:
    for cells in (2, ["8731aa429ffffff", "8731aa431ffffff"]):
        facts = read_manifest({"name": "x", "window": WINDOW, "region": {"cells": cells}})
        assert facts.region_cells == 2
        assert facts.bbox is None


def test_no_limit_of_sureness_may_be_written_as_inf() -> None:
    manifest = {"name": "x", "window": WINDOW, "publish": {"minimum": 0, "max_relative_halfwidth": "inf"}}
    assert read_manifest(manifest).max_relative_halfwidth == float("inf")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"window": None}, "window"),
        ({"window": {**WINDOW, "timezone": "Asia/Nowhere"}}, "unknown time zone"),
        ({"window": {**WINDOW, "start": "2008-02-02T00:00:00"}}, "no UTC offset"),
        ({"window": {**WINDOW, "end": WINDOW["start"]}}, "not after its start"),
        ({"privacy": [1]}, "expected an object"),
        ({"privacy": {"rho": "1/0"}}, "Fraction(1, 0)"),
        ({"publish": {"minimum": "nan"}}, "NaN"),
        ({"region": {"bbox": [1, 2, 3]}}, "unpack"),
    ],
)
def test_what_cannot_be_read_is_said(change: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInputError, match=r"release\.json") as problem:
        read_manifest({"name": "x", "window": WINDOW, **change})
    assert says in str(problem.value)
