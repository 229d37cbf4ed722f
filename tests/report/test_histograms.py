from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from hereabouts.errors import BadInputError
from hereabouts.privacy.bins import BINS
from hereabouts.report.histograms import TOLD, WIDTH, bin_label, histograms


def table(*rows: tuple[str, float, float, str, float]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "statistic": name,
                "bin_low": low,
                "bin_high": high,
                "unit": unit,
                "devices_or_trips": value,
                "noise_sd": 10.0,
                "ci95_low": max(0.0, value - 20),
                "ci95_high": value + 20,
            }
            for name, low, high, unit, value in rows
        ]
    )


@pytest.mark.parametrize(
    ("low", "high", "unit", "text"),
    [
        (0, 0.5, "km", "under 0.5 km"),
        (2, 4, "km", "2 to 4 km"),
        (128, float("inf"), "km", "128 km or more"),
        (0, 0.001, "km", "0 km"),
        (0.001, 0.5, "km", "up to 0.5 km"),
        (0, 5, "minutes", "under 5 min"),
        (20, 40, "minutes", "20 to 40 min"),
        (80, 160, "minutes", "80 min to 2 h 40 min"),
        (120, 180, "minutes", "2 to 3 h"),
        (2560, float("inf"), "minutes", "42 h 40 min or more"),
        (0, 1, "trips", "0 trips"),
        (1, 2, "trips", "1 trip"),
        (5, 7, "trips", "5 or 6 trips"),
        (7, 10, "cells", "7 to 9 cells"),
        (15, float("inf"), "cells", "15 cells or more"),
    ],
)
def test_a_bin_in_words(low: float, high: float, unit: str, text: str) -> None:
    assert bin_label(low, high, unit) == text


def test_every_distribution_that_there_is_has_words() -> None:
    assert set(TOLD) == set(BINS)


def test_bars_are_in_order_and_none_is_longer_than_the_drawing(full_release: Any) -> None:
    made = histograms(full_release.tables["distributions"])
    assert [one.statistic for one in made] == list(TOLD)
    for one in made:
        assert max(bar.high for bar in one.bars) == WIDTH
        assert all(0 <= bar.low <= bar.end <= bar.high for bar in one.bars)


def test_the_middle_is_said_where_nothing_is_missing() -> None:
    ranges = BINS["trips-per-device-day"].ranges()
    whole = [("trips-per-device-day", low, high, "trips", 100.0) for low, high in ranges]
    (made,) = histograms(table(*whole))
    assert (made.middle, made.missing, made.unit) == ("4 trips", 0, "Trips")
    assert made.shares
    assert made.bars[0].label == "0"
    assert made.bars[0].interval == "80 to 120"


def test_the_middle_is_said_where_what_is_missing_cannot_move_it() -> None:
    """At the most a missing bin holds 40: twice the widest half of an interval, or the minimum."""
    name, ranges = "trip-lengths", BINS["trip-lengths"].ranges()
    clear = table((name, *ranges[2], "km", 900.0), (name, *ranges[3], "km", 2000.0), (name, *ranges[4], "km", 900.0))
    (made,) = histograms(clear, 20, 0.5)
    assert made.middle == "2 to 4 km"
    close = table((name, *ranges[2], "km", 1000.0), (name, *ranges[3], "km", 1010.0))
    (made,) = histograms(close, 20, 0.5)
    assert made.middle is None


def test_bins_that_were_not_published_keep_their_places() -> None:
    (made,) = histograms(table(("trip-lengths", 2.0, 4.0, "km", 300.0)), 20, 0.5)
    assert [bar.value for bar in made.bars] == [None] * 3 + ["300"] + [None] * 6
    assert made.bars[0].label == "under 0.5"
    assert made.missing == 9


def test_no_share_is_told_where_what_is_missing_could_be_much() -> None:
    """Nine bins of up to 40 beside one of 300, and beside one of 30,000."""
    for value, told in ((300.0, False), (30_000.0, True)):
        (made,) = histograms(table(("trip-lengths", 2.0, 4.0, "km", value)), 20, 0.5)
        assert made.shares == told


def test_a_distribution_that_is_not_known_is_shown_all_the_same() -> None:
    (made,) = histograms(table(("speed-of-light", 1.0, 2.0, "km", 300.0)))
    assert (made.told.title, made.missing) == ("Speed of light", 0)


def test_no_table_no_histograms() -> None:
    assert histograms(None) == ()
    assert histograms(table(("trip-lengths", 2.0, 4.0, "km", 300.0)).slice(0, 0)) == ()


def test_a_table_that_is_none_of_a_release_is_refused() -> None:
    good = table(("trip-lengths", 2.0, 4.0, "km", 300.0))
    with pytest.raises(BadInputError, match="missing unit"):
        histograms(good.drop_columns(["unit"]))
    with pytest.raises(BadInputError, match="ci95_low has nulls"):
        histograms(good.set_column(6, "ci95_low", pa.array([None], pa.float64())))
