"""Days are local, hours are held in UTC: what clocks do in spring and autumn must not lose or double an hour."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.errors import UsageError
from hereabouts.windows import DEFAULT_ANCHOR, HOUR, Calendar, Window, local_midnight

ZONES = [
    "UTC",
    "Europe/Paris",
    "America/Sao_Paulo",  # skipped midnight until 2018
    "Africa/Cairo",  # skips midnight
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # moves its clocks by half an hour
    "America/St_Johns",  # put them back from 00:01 to 23:01 until 2011
    "America/Havana",  # midnight comes twice
    "Antarctica/Casey",  # put back from 02:00 to 23:00 in 2010
    "Pacific/Apia",  # left out 2011-12-30
    "Pacific/Kiritimati",
]
days = st.dates(dt.date(1990, 1, 1), dt.date(2037, 12, 1))
zones = st.sampled_from(ZONES)


def window(first: str, after: str, timezone: str) -> Window:
    return Window(dt.date.fromisoformat(first), dt.date.fromisoformat(after), timezone)


def utc(text: str) -> int:
    return int(dt.datetime.fromisoformat(text + "+00:00").timestamp())


# --- windows and their hours -----------------------------------------------------------------------------------------


def test_a_window_is_named_by_its_ends() -> None:
    week = window("2008-02-02", "2008-02-09", "Asia/Shanghai")
    assert (week.name, week.folder, week.duration) == ("2008-02-02/2008-02-09", "2008-02-02_2008-02-09", "P7D")
    assert (week.start, week.end) == (utc("2008-02-01T16:00"), utc("2008-02-08T16:00"))
    assert week.hours == 168
    assert week.day_of_hour.tolist() == [day for day in range(7) for _ in range(24)]
    assert week.hour_starts()[[0, 1, -1]].tolist() == [week.start, week.start + HOUR, week.end - HOUR]
    assert week.day_starts().tolist() == list(range(week.start, week.end, 24 * HOUR))


@pytest.mark.parametrize(
    ("day", "timezone", "hours"),
    [
        ("2024-03-31", "Europe/Paris", 23),
        ("2024-10-27", "Europe/Paris", 25),
        ("2024-03-30", "Europe/Paris", 24),
        ("2018-11-04", "America/Sao_Paulo", 23),
        ("2018-02-17", "America/Sao_Paulo", 25),
        ("2024-04-26", "Africa/Cairo", 23),
        ("2024-10-31", "Africa/Cairo", 25),
        ("2024-03-10", "America/Havana", 23),
        ("2024-11-03", "America/Havana", 25),
        ("2024-07-01", "Asia/Kolkata", 24),
        ("2024-07-01", "Asia/Kathmandu", 24),
        ("2010-11-06", "America/St_Johns", 24),
        ("2010-11-07", "America/St_Johns", 25),
    ],
)
def test_a_day_has_as_many_hours_as_its_clocks_show(day: str, timezone: str, hours: int) -> None:
    first = dt.date.fromisoformat(day)
    found = Window(first, first + dt.timedelta(1), timezone)
    assert found.hours == hours
    assert found.end - found.start == hours * HOUR
    assert found.day_of_hour.tolist() == [0] * hours


@pytest.mark.parametrize(
    ("first", "after", "timezone", "by_day"),
    [
        ("2024-03-25", "2024-04-01", "Europe/Paris", [24] * 6 + [23]),
        ("2024-10-21", "2024-10-28", "Europe/Paris", [24] * 6 + [25]),
        ("2018-10-29", "2018-11-05", "America/Sao_Paulo", [24] * 6 + [23]),
        ("2024-04-22", "2024-04-29", "Africa/Cairo", [24] * 4 + [23, 24, 24]),
        ("2010-11-01", "2010-11-08", "America/St_Johns", [24] * 6 + [25]),
    ],
)
def test_the_long_and_the_short_day_of_a_week(first: str, after: str, timezone: str, by_day: list[int]) -> None:
    found = window(first, after, timezone)
    assert np.bincount(found.day_of_hour).tolist() == by_day
    assert (np.diff(np.append(found.day_starts(), found.end)) / HOUR).tolist() == by_day


@pytest.mark.parametrize(("timezone", "minutes"), [("Asia/Kolkata", 30), ("Asia/Kathmandu", 15)])
def test_hours_are_those_of_the_local_clock(timezone: str, minutes: int) -> None:
    """Where the offset is no whole hour, an hour of the zone begins at half or a quarter past the hour of UTC."""
    found = window("2024-07-01", "2024-07-08", timezone)
    assert {second % HOUR for second in found.hour_starts().tolist()} == {60 * minutes}
    assert found.hours == 168


def test_half_an_hour_more_or_less_makes_a_short_last_hour() -> None:
    """Lord Howe moves its clocks by 30 minutes: from there on hours begin at half past, and the last is cut short."""
    spring = window("2024-09-30", "2024-10-07", "Australia/Lord_Howe")
    autumn = window("2024-04-01", "2024-04-08", "Australia/Lord_Howe")
    assert (spring.end - spring.start) / HOUR == 167.5
    assert (autumn.end - autumn.start) / HOUR == 168.5
    assert (spring.hours, autumn.hours) == (168, 169)
    for found in (spring, autumn):
        last = int(found.hour_starts()[-1])
        assert last < found.end < last + HOUR
        assert np.unique(found.day_of_hour).tolist() == list(range(7))


def test_a_day_left_out_at_the_date_line_is_no_day() -> None:
    """Samoa went from Thursday to Saturday: a mean over the Friday between would be one over nothing."""
    found = window("2011-12-26", "2012-01-02", "Pacific/Apia")
    assert found.hours == 6 * 24
    assert np.bincount(found.day_of_hour).tolist() == [24] * 6
    assert len(found.day_starts()) == 6
    friday = window("2011-12-30", "2011-12-31", "Pacific/Apia")
    assert (friday.hours, friday.day_of_hour.size, friday.day_starts().size) == (0, 0, 0)
    thursday = window("2011-12-29", "2011-12-31", "Pacific/Apia")
    assert thursday.day_starts().tolist() == [thursday.start]


@given(first=days, length=st.integers(1, 31), timezone=zones)
def test_days_and_hours_fit_into_their_window(first: dt.date, length: int, timezone: str) -> None:
    found = Window(first, first + dt.timedelta(length), timezone)
    starts, hours, numbers = found.day_starts(), found.hour_starts(), found.day_of_hour
    assert hours.size == numbers.size == found.hours
    assert numbers.dtype == np.int64
    if not found.hours:
        return
    assert starts[0] == hours[0] == found.start
    assert (np.diff(starts) > 0).all()
    assert starts[-1] < found.end
    assert hours[-1] < found.end <= hours[-1] + HOUR
    assert np.unique(numbers).tolist() == list(range(starts.size)), "no day without an hour"
    assert (np.diff(numbers) >= 0).all()
    assert (starts[numbers] <= hours).all()


@given(first=days, timezone=st.sampled_from([z for z in ZONES if z != "Antarctica/Casey"]))
@settings(max_examples=50)
def test_an_hour_belongs_to_the_date_that_its_beginning_shows(first: dt.date, timezone: str) -> None:
    found = Window(first, first + dt.timedelta(7), timezone)
    dates = [dt.datetime.fromtimestamp(int(s), ZoneInfo(timezone)).date() for s in found.hour_starts()]
    shown = [dt.datetime.fromtimestamp(int(s), ZoneInfo(timezone)).date() for s in found.day_starts()]
    assert [shown[number] for number in found.day_of_hour] == dates


# --- midnight --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "timezone", "begins"),
    [
        ("2024-03-31", "Europe/Paris", "2024-03-30T23:00"),
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00"),  # shows 01:00 then
        ("2018-02-18", "America/Sao_Paulo", "2018-02-18T03:00"),  # 23:00 came twice before it
        ("2024-04-26", "Africa/Cairo", "2024-04-25T22:00"),
        ("2024-11-01", "Africa/Cairo", "2024-10-31T22:00"),
        ("2024-11-03", "America/Havana", "2024-11-03T04:00"),  # the first of two midnights
        ("2010-11-07", "America/St_Johns", "2010-11-07T02:30"),  # before clocks go back to the day before
        ("2024-07-01", "Asia/Kolkata", "2024-06-30T18:30"),
        ("2024-07-01", "Asia/Kathmandu", "2024-06-30T18:15"),
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00"),
        ("2011-12-31", "Pacific/Apia", "2011-12-30T10:00"),
    ],
)
def test_a_day_begins_when_its_date_first_shows(day: str, timezone: str, begins: str) -> None:
    assert local_midnight(dt.date.fromisoformat(day), timezone) == utc(begins)


@given(day=days, timezone=zones)
def test_the_second_before_a_day_shows_an_earlier_date(day: dt.date, timezone: str) -> None:
    second, zone = local_midnight(day, timezone), ZoneInfo(timezone)
    assert dt.datetime.fromtimestamp(second - 1, zone).date() < day <= dt.datetime.fromtimestamp(second, zone).date()


# --- calendars -------------------------------------------------------------------------------------------------------


def test_windows_are_iso_weeks_unless_asked_otherwise() -> None:
    calendar = Calendar.of("Asia/Shanghai", "P7D", None)
    assert calendar == Calendar.of("Asia/Shanghai", "P1W", DEFAULT_ANCHOR)
    assert calendar.at(utc("2008-02-05T12:00")).name == "2008-02-04/2008-02-11"
    assert all(calendar.window(number).first.isoweekday() == 1 for number in range(0, 2000, 97))


def test_windows_count_from_the_anchor() -> None:
    """T-Drive begins on a Saturday; any Saturday will do as an anchor, before or after it."""
    for anchor in (dt.date(2008, 2, 2), dt.date(2000, 1, 1), dt.date(2030, 1, 5)):
        calendar = Calendar.of("Asia/Shanghai", "P7D", anchor)
        assert calendar.at(utc("2008-02-05T12:00")).name == "2008-02-02/2008-02-09"
        assert calendar.window(0).first == anchor
        assert calendar.window(-1).after == anchor


@pytest.mark.parametrize(("duration", "length"), [("P1D", 1), ("P7D", 7), ("P2W", 14), ("P366D", 366), ("P52W", 364)])
def test_lengths_are_whole_days_or_weeks(duration: str, length: int) -> None:
    calendar = Calendar.of("UTC", duration, None)
    assert calendar.days == length
    assert calendar.window(3).duration == f"P{length}D"


@pytest.mark.parametrize(
    "duration",
    ["", "7", "P7", "7D", "P0D", "P0W", "P367D", "P53W", "P1M", "P1Y", "PT1H", "P1DT1H", "P-7D", "P7D ", "p7d"],
)
def test_another_length_is_refused_by_name(duration: str) -> None:
    with pytest.raises(UsageError, match=f"got window length '{duration}'.*such as P7D"):
        Calendar.of("UTC", duration, None)


@pytest.mark.parametrize(
    "name", ["", "Europe", "Europe/paris", "Mars/Olympus", "../zone", "/etc/hosts", "a\0b", "x" * 999]
)
def test_a_time_zone_that_is_none_is_refused_by_name(name: str) -> None:
    with pytest.raises(UsageError, match=r"got time zone '.*expected an IANA name such as Europe/Paris"):
        Calendar.of(name, "P7D", None)


@given(number=st.integers(-50, 2000), length=st.integers(1, 30), anchor=days, timezone=zones)
def test_a_window_is_found_again_by_number_and_by_name(
    number: int, length: int, anchor: dt.date, timezone: str
) -> None:
    calendar = Calendar(timezone, length, anchor)
    found = calendar.window(number)
    assert calendar.number(found) == number
    assert calendar.named(found.name) == found
    assert calendar.window(number + 1).start == found.end


@given(
    second=st.integers(utc("1990-01-01T00:00"), utc("2037-01-01T00:00")),
    length=st.integers(1, 30),
    timezone=zones,
)
@settings(max_examples=300)
def test_every_second_lies_in_the_window_that_it_is_given(second: int, length: int, timezone: str) -> None:
    found = Calendar(timezone, length, DEFAULT_ANCHOR).at(second)
    assert found.start <= second < found.end


def test_clocks_put_back_over_midnight_do_not_reopen_a_window() -> None:
    """In St John's 2010-11-07 had begun for a minute when clocks showed 23:01 of the day before, again."""
    calendar = Calendar.of("America/St_Johns", "P1D", None)
    for minute in range(-90, 90):
        found = calendar.at(utc("2010-11-07T02:30") + 60 * minute)
        assert found.name == ("2010-11-06/2010-11-07" if minute < 0 else "2010-11-07/2010-11-08")


@pytest.mark.parametrize(
    "name", ["", "2008-02-02", "2008-02-02/", "2008-02-02/x", "2008-02-30/2008-03-01", "a/b/c", "//"]
)
def test_a_name_that_is_not_two_dates_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=f"got window '{name}', expected FIRST/AFTER such as 2008-02-02/2008-02-09"):
        Calendar.of("UTC", "P7D", None).named(name)


@pytest.mark.parametrize(
    "name", ["2008-02-02/2008-02-09", "2008-02-04/2008-02-10", "2008-02-04/2008-02-18", "2008-02-11/2008-02-04"]
)
def test_dates_that_are_no_window_are_answered_with_the_one_that_is(name: str) -> None:
    with pytest.raises(UsageError, match=r"but this store's windows there are 2008-\d\d-\d\d/2008-\d\d-\d\d: use one"):
        Calendar.of("UTC", "P7D", None).named(name)


@pytest.mark.parametrize("name", ["0001-01-01/0001-01-08", "9999-12-27/9999-12-31", "1899-12-25/1900-01-01"])
def test_a_window_at_the_ends_of_the_calendar_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="expected one of the years 1900 to 8999"):
        Calendar.of("Asia/Shanghai", "P7D", None).named(name)


@pytest.mark.parametrize("timezone", ZONES)
def test_starts_sort_every_time_into_its_window(timezone: str) -> None:
    calendar = Calendar(timezone, 7, DEFAULT_ANCHOR)
    until = utc("2020-01-01T00:00")
    first, starts = calendar.starts(until)
    assert starts[0] < utc("1990-01-01T00:00") - 24 * HOUR, "what is oldest among pings has a window"
    assert starts[-1] > until, "and so has what is newest"
    for second in np.linspace(utc("1990-01-01T00:00"), until, 200).astype(np.int64).tolist():
        number = first + int(np.searchsorted(starts, second, side="right")) - 1
        assert calendar.window(number) == calendar.at(second)
