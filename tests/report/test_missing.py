from __future__ import annotations

from typing import Any

import pytest

from hereabouts.report.histograms import histograms
from hereabouts.report.levels import read_levels
from hereabouts.report.manifest import ReleaseFacts, read_manifest
from hereabouts.report.missing import empty_distributions, gaps, not_asked


@pytest.fixture(scope="module")
def full(full_release: Any) -> tuple[ReleaseFacts, Any, Any]:
    facts = read_manifest(full_release.manifest)
    return facts, read_levels(full_release.tables, facts.window), {}


def test_of_all_nine_nothing_was_not_asked(full: Any) -> None:
    assert not_asked(full[0]) == []


def test_statistics_that_nobody_asked_for_are_named(small_release: Any) -> None:
    said = not_asked(read_manifest(small_release.manifest))
    assert said[0] == "visitors"
    assert "how far trips go" in said
    assert len(said) == 7


def test_a_level_without_rows_says_why_and_where_its_devices_are_counted(full: Any) -> None:
    gap = next(gap for gap in gaps(*full) if gap.published == "no row")
    assert gap.level == "Visitors, day by day"
    assert gap.area == "about 5.2 km² each, 2.4 km across"
    assert gap.why == "by the noise alone, a row takes about 240 devices to be sure enough"  # 1.96 x 60 / 0.5
    assert gap.instead == "in areas of 36 km²"


def test_a_level_with_few_rows_says_how_much_they_hold(full: Any) -> None:
    levels = {gap.level: gap for gap in gaps(*full)}
    hourly = levels["Flows, hours of the day (over all days)"]
    assert "rows, with" in hourly.published
    assert "of all trips" in hourly.published
    assert "the whole window" in hourly.instead


def test_a_level_that_holds_most_of_what_there_is_lacks_nothing(full: Any) -> None:
    assert not any("180" in gap.area or "250" in gap.area for gap in gaps(*full) if gap.level.startswith("Devices"))


def test_what_is_in_no_level_is_nowhere_in_the_release(full: Any) -> None:
    facts, *_ = full
    rows = {("presence", 7, "PT1H"): type(facts.rows["presence", 7, "PT1H"])(0, 100)}
    (gap,) = gaps(ReleaseFacts(**{**vars(facts), "rows": rows}), (), {})
    assert (gap.published, gap.instead) == ("no row", "nowhere in this release")


def test_what_protected_areas_withhold_is_not_blamed_on_noise(full: Any) -> None:
    facts, *_ = full
    key = ("presence", 7, "PT1H")
    protected = type("Protected", (), {"rows": {key: 100}})()
    rows = {key: type(facts.rows[key])(0, 100)}
    (gap,) = gaps(ReleaseFacts(**{**vars(facts), "rows": rows, "protected": protected}), (), {})
    assert gap.why == "withheld: protected areas"


def test_distributions_without_a_bin_are_named(full: Any, full_release: Any) -> None:
    table = full_release.tables["distributions"]
    assert empty_distributions(full[0], histograms(table)) == []
    assert len(empty_distributions(full[0], ())) == 6
