from __future__ import annotations

import pytest

from hereabouts.feeds.formats.sample import Column
from hereabouts.feeds.profiles.evidence import (
    consent_of,
    degrees_of,
    has_zone,
    is_clock,
    is_days,
    is_flag,
    is_number,
    is_words,
    per_unit,
    time_of,
)


def column(*values: str, kind: str = "text") -> Column:
    return Column("c", kind, values)


@pytest.mark.parametrize(
    ("values", "what"),
    [
        (["2024-03-04T10:00:00Z", "2024-03-04 10:00"], "iso"),
        (["1709546400", "1709546401.5"], "s"),
        (["1709546400000"], "ms"),
        (["1709546400000000"], "us"),
    ],
)
def test_times_are_known_by_their_spelling_and_size(values: list[str], what: str) -> None:
    finding = time_of(column(*values))
    assert finding is not None
    assert (finding.what, finding.share, finding.others) == (what, 1.0, ())


@pytest.mark.parametrize("values", [[], ["5"], ["2024-03-04"], ["10:00"], ["x"], ["1709546400000000000"]])
def test_what_is_no_time(values: list[str]) -> None:
    assert time_of(column(*values)) is None


def test_some_dirt_does_not_hide_what_a_column_is() -> None:
    finding = time_of(column(*["1709546400"] * 19, "x"))
    assert finding is not None
    assert finding.share == 0.95
    assert time_of(column(*["1709546400"] * 8, "x", "y")) is None


def test_types_speak_for_themselves() -> None:
    assert time_of(column(kind="timestamp[ms, tz=UTC]")) is not None
    assert has_zone(column(kind="timestamp[ms, tz=UTC]"))
    assert not has_zone(column(kind="timestamp[ms]"))
    assert is_days(column(kind="date32[day]"))
    assert is_clock(column(kind="time64[us]"))
    assert not is_clock(column(kind="timestamp[us]"))
    assert is_flag(column(kind="bool"))


def test_zones_and_halves_of_times() -> None:
    assert has_zone(column("2024-03-04T10:00:00Z", "2024-03-04 10:00:00.5+0100"))
    assert not has_zone(column("2024-03-04T10:00:00"))
    assert is_days(column("2024-03-04"))
    assert is_clock(column("10:00:00", "23:59"))
    assert not is_days(column("2024-03-04T10:00:00"))


@pytest.mark.parametrize(
    ("latitude", "longitude", "unit", "others"),
    [
        (["52.1", "-33"], ["179.9", "0.5"], "degrees", ()),
        (["414216106"], ["21684775"], "E7", ()),
        (["41421610"], ["2168477"], "E6", ("E7",)),
        (["65243790"], ["33792060"], "E6", ("E7",)),
    ],
)
def test_the_largest_unit_that_fits_is_likeliest(
    latitude: list[str], longitude: list[str], unit: str, others: tuple[str, ...]
) -> None:
    finding = degrees_of(column(*latitude), column(*longitude))
    assert finding is not None
    assert (finding.what, finding.others) == (unit, others)


@pytest.mark.parametrize(
    ("latitude", "longitude"), [([], []), (["x"], ["1"]), (["414216106.5"], ["1.5"]), (["9999999999"], ["1"])]
)
def test_what_is_no_position(latitude: list[str], longitude: list[str]) -> None:
    assert degrees_of(column(*latitude), column(*longitude)) is None


def test_units_are_parts_of_degrees() -> None:
    assert [per_unit(unit) for unit in ("degrees", "E6", "E7")] == [None, 1e-6, 1e-7]


@pytest.mark.parametrize(
    ("value", "what"),
    [("TRUE", "flag"), ("CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA", "tcf"), ("DBABLA~BVQqAAAAAgA.QA", "gpp")],
)
def test_answers_about_consent(value: str, what: str) -> None:
    finding = consent_of(column(value))
    assert finding is not None
    assert finding.what == what
    assert consent_of(column("yes")) is None


def test_numbers_and_words() -> None:
    assert is_number(column("5", "-1e3"))
    assert not is_number(column("5", "x"))
    assert is_words(column("SDK", "other"), {"sdk", "other"})
    assert not is_words(column(), {"sdk"})
