from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.feeds.profile import TimeUnit
from hereabouts.feeds.values.instants import UNREADABLE, joined, seconds

NOON = 1_699_963_200  # 2023-11-14T12:00:00Z


@pytest.mark.parametrize(
    "text",
    [
        "2023-11-14T12:00:00Z",
        "2023-11-14t12:00:00z",
        "2023-11-14 12:00:00",
        " 2023-11-14T12:00\n",
        "2023-11-14T12:00:00.999999999Z",
        "2023-11-14T12:00:00,5Z",
        "2023-11-14T20:00:00+08:00",
        "2023-11-14T20:00:00+0800",
        "2023-11-14 20:00:00+08",
        "2023-11-14T06:30:00.1-05:30",
        "2023-11-14T11:59:60Z",
        "1699963200",
        "1699963200.75",
        "1699963200000",
        "1699963200999",
        "+1699963200",
    ],
)
def test_one_instant_in_all_its_spellings(text: str) -> None:
    assert seconds(pa.array([text]), "auto").tolist() == [NOON]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "noon",
        "2023-11-14",
        "2023-11-14T12",
        "2023-11-14T12:00:0Z",
        "2023-11-14T12:00:00.Z",
        "2023-11-14T12:00:00 Z",
        "2023-11-14T12:00:00Zulu",
        "2023-11-14T12:00:00+8",
        "2023-11-14T12:00:00+08:0",
        "2023-11-14T12:00:00+24:00",
        "2023-11-14T24:00:00Z",
        "2023-11-14T12:60:00Z",
        "2023-02-29T12:00:00Z",
        "2023-13-01T12:00:00Z",
        "2023-00-10T12:00:00Z",
        "2023-11-00T12:00:00Z",
        "14-11-2023T12:00:00Z",
        "2023/11/14 12:00:00",
        "1.7e9",
        "1699963200s",
        "--5",
        "-",
        ".",
        "1" * 40,
    ],
)
def test_what_is_no_time_is_unreadable(text: str) -> None:
    assert seconds(pa.array([text, None, "1699963200"]), "auto").tolist() == [UNREADABLE, UNREADABLE, NOON]


@settings(deadline=None)
@given(st.datetimes(timezones=st.just(dt.UTC)), st.integers(-23 * 60, 23 * 60))
def test_iso_text_is_read_as_python_reads_it(instant: dt.datetime, offset: int) -> None:
    zone = dt.timezone(dt.timedelta(minutes=offset))
    try:
        text = instant.astimezone(zone).isoformat()
    except OverflowError:
        return
    expected = (instant - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(seconds=1)
    assert seconds(pa.array([text]), "auto").tolist() == [expected]


@settings(deadline=None)
@given(st.lists(st.text("0123456789-+:.,TZ tz", max_size=30)))
def test_any_text_is_a_time_or_unreadable(texts: list[str]) -> None:
    alone = [seconds(pa.array([text]), "auto")[0] for text in texts]
    assert seconds(pa.array(texts, pa.string()), "auto").tolist() == alone


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Shanghai"])
def test_timestamps_of_every_unit_and_zone_are_utc_seconds_floored(unit: str, zone: str | None) -> None:
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    ticks = [NOON * per_second, NOON * per_second + per_second - 1, -1, None]
    found = seconds(pa.array(ticks, pa.int64()).cast(pa.timestamp(unit, zone)), "auto")
    assert found.tolist() == [NOON, NOON, -1, UNREADABLE]


@pytest.mark.parametrize(
    ("unit", "number", "expected"),
    [
        ("auto", NOON, NOON),
        ("auto", NOON * 1000 + 999, NOON),
        ("auto", 10**11 - 1, 10**11 - 1),
        ("auto", 10**11, 10**8),
        ("auto", -(10**11), -(10**8)),
        ("auto", -(10**11) - 1, -(10**8) - 1),
        ("s", 10**11, 10**11),
        ("ms", 1999, 1),
        ("ms", -1, -1),
        ("us", NOON * 10**6 + 999_999, NOON),
        ("us", -1, -1),
        ("us", 1_999_999, 1),
    ],
)
def test_the_profile_says_what_a_number_counts(unit: TimeUnit, number: int, expected: int) -> None:
    columns = [pa.array([number, None]), pa.array([str(number), None]), pa.array([float(number), math.nan])]
    for values in columns:
        assert seconds(values, unit).tolist() == [expected, UNREADABLE]


def test_a_fraction_of_an_epoch_is_floored_before_1970_too() -> None:
    assert seconds(pa.array(["-1.5", "1.5", "-2.0"]), "auto").tolist() == [-2, 1, -2]
    assert seconds(pa.array([-1.5, 1.5, -2.0]), "auto").tolist() == [-2, 1, -2]


def test_numbers_beyond_all_time_do_not_wrap_into_it() -> None:
    far = pa.array([math.inf, -math.inf, 1e300, math.nan])
    assert seconds(far, "auto").tolist() == [UNREADABLE] * 4
    wrapped = seconds(pa.array([2**64 - 1, 2**63], pa.uint64()), "auto")
    assert (wrapped < 0).all()


def test_slices_keep_their_places() -> None:
    values = pa.array([None, "1", None, "2023-11-14T12:00:00Z", "x"])
    assert seconds(values[1:4], "auto").tolist() == [1, UNREADABLE, NOON]
    assert seconds(pa.array(np.arange(5))[2:4], "auto").tolist() == [2, 3]


@settings(deadline=None)
@given(st.integers(-(10**15), 10**15), st.sampled_from(["s", "ms", "us"]))
def test_a_count_of_any_unit_is_floored_to_seconds_whatever_its_type(count: int, unit: TimeUnit) -> None:
    expected = count // {"s": 1, "ms": 10**3, "us": 10**6}[unit]
    for values in (pa.array([count]), pa.array([str(count)]), pa.array([float(count)])):
        assert seconds(values, unit).tolist() == [expected]


DAYS = [dt.date(2023, 11, 14), None, dt.date(2023, 11, 14)]
CLOCKS = [dt.time(12), dt.time(12), None]


@pytest.mark.parametrize(
    "days", [pa.array(DAYS), pa.array(DAYS, pa.date64()), pa.array(["2023-11-14 ", None, "2023-11-14"])]
)
@pytest.mark.parametrize(
    "clocks",
    [
        pa.array(CLOCKS),
        pa.array(CLOCKS, pa.time32("s")),
        pa.array(["12:00:00.5Z", "12:00:00", None]).dictionary_encode(),
        pa.array([b" 20:00:00+08:00", b"12:00", None], pa.large_binary()),
    ],
    ids=lambda values: str(values.type),
)
def test_a_day_and_a_time_of_the_day_are_one_instant(days: pa.Array, clocks: pa.Array) -> None:
    assert seconds(joined(days, clocks), "auto").tolist() == [NOON, UNREADABLE, UNREADABLE]


@settings(deadline=None)
@given(st.lists(st.tuples(st.binary(max_size=12), st.binary(max_size=12)), min_size=1))
def test_any_two_halves_are_a_time_or_unreadable(halves: list[tuple[bytes, bytes]]) -> None:
    days, clocks = (pa.array(column, pa.binary()) for column in zip(*halves, strict=True))
    alone = [seconds(joined(days[i : i + 1], clocks[i : i + 1]), "auto")[0] for i in range(len(halves))]
    assert seconds(joined(days, clocks), "auto").tolist() == alone


@settings(deadline=None)
@given(st.dates(), st.times())
def test_splitting_a_time_and_joining_it_changes_nothing(day: dt.date, clock: dt.time) -> None:
    halves = pa.array([day.isoformat()]), pa.array([clock.isoformat()])
    whole = pa.array([f"{day.isoformat()} {clock.isoformat()}"])
    assert seconds(joined(*halves), "auto").tolist() == seconds(whole, "auto").tolist()
