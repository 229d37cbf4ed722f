"""What phones report: where people are, as often and as exactly as phones do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.synthetic import TownConfig
from hereabouts.synthetic.people import settle
from hereabouts.synthetic.sampling import day_curves, sample_day
from hereabouts.synthetic.town import METRES_PER_DEGREE, build_town

CONFIG = TownConfig(devices=3000, days=7, seed=8)
HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def people() -> NDArray[Any]:
    return settle(CONFIG, build_town(CONFIG), 0, CONFIG.devices)


@pytest.fixture(scope="module")
def week(people: NDArray[Any]) -> list[NDArray[Any]]:
    return [sample_day(CONFIG, people, 0, day) for day in range(7)]


def distance(rows: NDArray[Any], spots: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres from each row to its spot, x and y from the centre."""
    y = (rows["latitude"] - CONFIG.latitude) * METRES_PER_DEGREE
    x = (rows["longitude"] - CONFIG.longitude) * METRES_PER_DEGREE * np.cos(np.radians(CONFIG.latitude))
    away: NDArray[np.float64] = np.hypot(x - spots[:, 0], y - spots[:, 1])
    return away


def at(rows: NDArray[Any], hour: float, hours: float = 1.0) -> NDArray[Any]:
    return rows[(rows["time"] >= hour * HOUR_MS) & (rows["time"] < (hour + hours) * HOUR_MS)]


def test_curves_rise_from_0_to_1() -> None:
    curves = day_curves()
    assert curves.shape == (3, 25)
    assert np.all(np.diff(curves, axis=1) >= 0)
    np.testing.assert_array_equal(curves[:, [0, -1]], [[0, 1]] * 3)


def test_a_device_has_the_same_rows_in_any_chunk(people: NDArray[Any], week: list[NDArray[Any]]) -> None:
    some = sample_day(CONFIG, people[700:800], 700, 3)
    same = week[3][(week[3]["device"] >= 700) & (week[3]["device"] < 800)]
    for column in ("time", "latitude", "longitude", "accuracy", "spelling"):
        np.testing.assert_array_equal(some[column], same[column])


def test_as_many_as_asked_for(week: list[NDArray[Any]]) -> None:
    rows = sum(len(day) for day in week)
    assert rows / CONFIG.devices / 7 == pytest.approx(CONFIG.pings_per_day, rel=0.06)


def test_nights_are_spent_at_home(people: NDArray[Any], week: list[NDArray[Any]]) -> None:
    night = at(np.concatenate(week), 2.5, 1.5)
    night = night[people["lag"][night["device"]] == 0]
    away = distance(night, people["home"][night["device"]])
    assert np.median(away) < 50
    assert np.mean(away < 500) > 0.97


def test_weekday_mornings_are_spent_at_work_by_many(people: NDArray[Any], week: list[NDArray[Any]]) -> None:
    def at_work(day: int) -> float:
        rows = at(week[day], 10.0)
        return float(np.mean(distance(rows, people["office"][rows["device"]]) < 200))

    assert at_work(1) > 0.4
    assert at_work(1) > 3 * at_work(6)


def test_some_are_seen_on_their_way(people: NDArray[Any], week: list[NDArray[Any]]) -> None:
    rows = at(week[2], 8.0)
    places = [people[name][rows["device"]] for name in ("home", "office", "far")]
    places += [people["haunts"][rows["device"], haunt] for haunt in range(4)]
    elsewhere = np.min([distance(rows, place) for place in places], axis=0) > 300
    assert 0.03 < elsewhere.mean() < 0.3


def test_positions_are_off_by_as_much_as_they_say(people: NDArray[Any], week: list[NDArray[Any]]) -> None:
    night = at(np.concatenate(week), 3.0)
    night = night[people["lag"][night["device"]] == 0]
    within = distance(night, people["home"][night["device"]]) <= night["accuracy"]
    assert within.mean() == pytest.approx(0.68, abs=0.03)


def test_accuracies_are_good_but_for_a_few(week: list[NDArray[Any]]) -> None:
    accuracy = np.concatenate(week)["accuracy"]
    assert 8 < np.median(accuracy) < 30
    assert np.mean(accuracy > 500) == pytest.approx(CONFIG.poor_fixes, rel=0.3)
    assert accuracy.min() > 0


def test_sampling_is_irregular(people: NDArray[Any], week: list[NDArray[Any]]) -> None:
    day = week[1][np.lexsort((week[1]["time"], week[1]["device"]))]
    gap = np.diff(day["time"].astype(np.float64))[np.diff(day["device"]) == 0]
    assert gap.std() > 1.5 * gap.mean()  # a Poisson process would have them equal
    assert np.mean(gap < 3 * 60_000) > 0.3  # bursts
    assert np.mean(gap > 2 * HOUR_MS) > 0.05  # gaps


def test_some_phones_are_silent_at_night_and_all_on_some_days(people: NDArray[Any], week: list[NDArray[Any]]) -> None:
    seen_at_night = np.unique(np.concatenate([at(day, 1.0, 3.0)["device"] for day in week]))
    early_sleepers = (people["rhythm"] == 0) & (people["lag"] == 0)
    assert not early_sleepers[seen_at_night].any()
    days_seen = np.bincount(np.concatenate([np.unique(day["device"]) for day in week]), minlength=len(people))
    assert np.mean(days_seen < 7) > 0.4
    assert np.mean(days_seen >= 5) > 0.6


def test_a_few_rows_come_twice(week: list[NDArray[Any]]) -> None:
    rows = np.concatenate(
        [np.rec.fromarrays([day[c] for c in ("device", "time", "latitude", "longitude")]) for day in week[:1]]
    )
    assert 1 - len(np.unique(rows)) / len(rows) == pytest.approx(CONFIG.duplicates, rel=0.5)


def test_a_day_stays_within_its_24_hours(week: list[NDArray[Any]]) -> None:
    time = np.concatenate(week)["time"]
    assert time.min() >= 0
    assert time.max() < 24 * HOUR_MS
