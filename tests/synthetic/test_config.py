"""A configuration that makes no sense is refused, with a message that says what would."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from hereabouts.errors import UsageError
from hereabouts.synthetic import TownConfig


def test_starts_on_a_monday_by_default() -> None:
    assert TownConfig(devices=1, days=1).start.weekday() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"devices": 0},
        {"devices": 1.5},
        {"devices": True},
        {"days": 0},
        {"days": 4_000_000},
        {"seed": -1},
        {"seed": 2**64},
        {"pings_per_day": 0},
        {"pings_per_day": float("nan")},
        {"pings_per_day": 1e6},
        {"latitude": 90.0},
        {"longitude": float("inf")},
        {"consent_refusal": 1.1},
        {"limit_ad_tracking": -0.1},
        {"timezone": "Atlantis/Capital"},
        {"timezone": ""},
        {"start": "2024-03-04"},
        {"start": dt.datetime(2024, 3, 4, tzinfo=dt.UTC)},
        {"start": dt.date(9999, 12, 31), "days": 2},
    ],
)
def test_refuses_what_makes_no_sense_and_names_it(wrong: dict[str, Any]) -> None:
    sensible: dict[str, Any] = {"devices": 1, "days": 1}
    with pytest.raises(UsageError, match=rf"{next(iter(wrong))} is|past the calendar"):
        TownConfig(**(sensible | wrong))


def test_local_days_may_have_23_or_25_hours() -> None:
    spring = TownConfig(1, 2, start=dt.date(2024, 3, 31), timezone="Europe/London").midnights()
    autumn = TownConfig(1, 2, start=dt.date(2024, 10, 27), timezone="Europe/London").midnights()
    assert np.diff(spring).tolist() == [23 * 3600, 24 * 3600]
    assert np.diff(autumn).tolist() == [25 * 3600, 24 * 3600]
