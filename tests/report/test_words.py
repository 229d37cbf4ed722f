from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from hereabouts.report import words
from hereabouts.report.levels import read_levels
from hereabouts.report.manifest import read_manifest


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.126, "0.13"), (3.14159, "3.1"), (20.0, "20"), (99.96, "100"), (1234.6, "1,235")],
)
def test_counts_have_as_many_digits_as_help(value: float, text: str) -> None:
    assert words.figure(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (0.004, "under 1 %"), (0.5, "50 %"), (0.996, "over 99 %"), (1, "100 %")],
)
def test_almost_is_not_all(share: float, text: str) -> None:
    assert words.percent(share).replace("\u00a0", " ") == text


def test_small_losses_stay_readable() -> None:
    assert words.epsilon(1e-6) == "1e-6"
    assert words.epsilon(1.0) == "1"
    assert words.epsilon(None) == "not stated"
    assert words.rho(Fraction(33, 2000)) == "0.0165"
    assert words.one_in(1e-6) == "one in 1,000,000"


def test_areas_are_said_in_two_digits() -> None:
    assert words.areas(5.1612) == "about 5.2 km² each, 2.4 km across"
    assert words.areas(1234.0) == "about 1,200 km² each, 38 km across"


def test_what_is_known_no_better_is_said_in_two_digits() -> None:
    assert [words.rounded(value) for value in (7.4, 38.6, 482.0, 4079.0)] == ["7", "39", "480", "4,100"]


def test_trips_by_the_hour_of_the_day_are_of_all_days_together(full_release: Any) -> None:
    levels = read_levels(full_release.tables, read_manifest(full_release.manifest).window)
    counted = {(level.statistic, level.period): words.counted(level) for level in levels}
    assert counted["flows", "hour-of-day"] == "trips, all days together"
    assert counted["flows", "P1D"] == "trips"
    assert counted["visitors", "P1D"] == "different devices"
    assert counted["presence", "typical-week"] == "devices, on average over such hours"
