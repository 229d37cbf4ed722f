from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from hereabouts.report.manifest import Window
from hereabouts.report.slots import slots_of, span_label


def window(start: str, end: str, zone: str) -> Window:
    at = ZoneInfo(zone)
    first, after = (datetime.fromisoformat(day).replace(tzinfo=at) for day in (start, end))
    return Window("w", first, after, at)


WEEK = window("2008-02-02", "2008-02-09", "Asia/Shanghai")


def test_every_hour_of_the_window_is_a_slot_published_or_not() -> None:
    slots = slots_of(WEEK, "PT1H", [])
    assert len(slots) == 168
    assert slots[0].label == "Sat 2 Feb 2008, 00:00–01:00"
    assert slots[23].label == "Sat 2 Feb 2008, 23:00–00:00"
    assert [slot.tick for slot in slots if slot.tick] == [
        "Sat 2", "Sun 3", "Mon 4", "Tue 5", "Wed 6", "Thu 7", "Fri 8",
    ]  # fmt: skip


def test_days_begin_at_local_midnight() -> None:
    slots = slots_of(WEEK, "P1D", [])
    assert [slot.label for slot in slots[:2]] == ["Sat 2 Feb 2008", "Sun 3 Feb 2008"]
    assert slots[0].key == int(WEEK.start.timestamp())


def test_the_hour_that_comes_twice_in_autumn_is_two_slots_with_two_names() -> None:
    autumn = window("2023-10-29", "2023-10-30", "Europe/Berlin")
    labels = [slot.label for slot in slots_of(autumn, "PT1H", [])]
    assert len(labels) == len(set(labels)) == 25
    assert [label for label in labels if "UTC" in label] == [
        "Sun 29 Oct 2023, 02:00–02:00 (UTC+0200)",
        "Sun 29 Oct 2023, 02:00–03:00 (UTC+0100)",
    ]


def test_the_hour_skipped_in_spring_is_none() -> None:
    spring = window("2023-03-26", "2023-03-27", "Europe/Berlin")
    labels = [slot.label for slot in slots_of(spring, "PT1H", [])]
    assert len(labels) == 23
    assert "Sun 26 Mar 2023, 01:00–03:00" in labels
    assert not any("UTC" in label for label in labels)


def test_days_of_a_week_with_a_clock_change_are_seven() -> None:
    week = window("2023-10-23", "2023-10-30", "Europe/Berlin")
    assert len(slots_of(week, "P1D", [])) == 7


def test_the_window_itself_is_named_by_its_days() -> None:
    (slot,) = slots_of(WEEK, "P7D", [int(WEEK.start.timestamp())])
    assert slot.label == "Sat 2 Feb 2008 to Fri 8 Feb 2008"


def test_recurring_slots_are_in_the_order_of_the_day() -> None:
    slots = slots_of(WEEK, "typical-week", ["weekend-00", "weekday-10"])
    assert [slot.label for slot in slots][:2] == ["Weekdays, 00:00–01:00", "Weekdays, 01:00–02:00"]
    assert [slot.label for slot in slots][23:25] == ["Weekdays, 23:00–00:00", "Weekends, 00:00–01:00"]
    assert [slot.rhythm for slot in slots][23:25] == [("Weekdays", 23), ("Weekends", 0)]


def test_every_hour_that_a_window_has_comes_again_whether_it_was_published_or_not() -> None:
    assert len(slots_of(WEEK, "typical-week", [])) == 48
    assert [slot.label for slot in slots_of(WEEK, "hour-of-day", [])][-1] == "Every day, 23:00–00:00"
    weekdays = window("2008-02-04", "2008-02-07", "UTC")
    assert {slot.rhythm[0] for slot in slots_of(weekdays, "typical-week", []) if slot.rhythm} == {"Weekdays"}


def test_a_recurring_slot_of_another_kind_keeps_its_name() -> None:
    slots = slots_of(WEEK, "typical-week", ["holiday"])
    assert [(slot.label, slot.rhythm) for slot in slots if slot.key == "holiday"] == [("holiday", None)]


def test_a_window_that_does_not_begin_at_midnight_says_its_hours() -> None:
    zone = ZoneInfo("UTC")
    start, end = datetime(2020, 1, 1, 6, tzinfo=zone), datetime(2020, 1, 2, 6, tzinfo=zone)
    assert span_label(start, end) == "Wed 1 Jan 2020, 06:00 to Thu 2 Jan 2020, 06:00"
