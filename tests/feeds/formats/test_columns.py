from __future__ import annotations

import time

import pyarrow as pa
import pytest

from hereabouts.errors import BadInputError
from hereabouts.feeds.formats import columns
from hereabouts.feeds.formats.columns import check_names, check_types, has_needed, is_value, listed
from hereabouts.feeds.profile import CANONICAL, Profile

REQUIRED = ["device_id", "timestamp", "latitude", "longitude"]


def test_the_canonical_columns_are_those_of_the_contract() -> None:
    contract = [
        *REQUIRED, "id_type", "horizontal_accuracy", "consent", "consent_framework", "limit_ad_tracking",
        "source_type", "ip_address",
    ]  # fmt: skip
    check_names("feed.csv", contract, CANONICAL)
    check_names("feed.csv", REQUIRED, CANONICAL)
    assert {*CANONICAL.read, *CANONICAL.unread} == set(contract)
    assert "ip_address" not in CANONICAL.read


def test_missing_columns_are_named_with_what_was_found() -> None:
    with pytest.raises(BadInputError) as caught:
        check_names("feed.csv", ["device_id", "lat", "lon"], CANONICAL)
    message = str(caught.value)
    assert "feed.csv: missing columns: timestamp, latitude, longitude; found device_id, lat, lon" in message
    assert "a profile that maps" in message


def test_an_unknown_column_refuses_the_file_until_a_profile_speaks_of_it() -> None:
    with pytest.raises(BadInputError, match=r"unknown columns: venue; .* use a profile that reads or ignores them"):
        check_names("feed.csv", [*REQUIRED, "venue"], CANONICAL)
    check_names("feed.csv", [*REQUIRED, "venue"], Profile("check-ins", ignored=frozenset({"venue"})))


def test_a_column_that_is_there_twice_is_ambiguous() -> None:
    with pytest.raises(BadInputError, match="more than once: latitude"):
        check_names("feed.csv", [*REQUIRED, "latitude"], CANONICAL)


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("latitude", pa.struct([("degrees", pa.float64())]), "numbers"),
        ("longitude", pa.bool_(), "numbers"),
        ("latitude", pa.null(), "numbers"),
        ("device_id", pa.float64(), "text or whole numbers"),
        ("device_id", pa.list_(pa.string()), "text or whole numbers"),
        ("timestamp", pa.date32(), "timestamps, ISO 8601 text or epoch numbers"),
        ("timestamp", pa.bool_(), "timestamps, ISO 8601 text or epoch numbers"),
        ("horizontal_accuracy", pa.timestamp("s"), "numbers"),
        ("consent", pa.int8(), "booleans or text"),
        ("limit_ad_tracking", pa.float32(), "booleans or text"),
        ("source_type", pa.int64(), "text"),
        ("consent_framework", pa.bool_(), "text"),
    ],
)
def test_a_column_of_a_wrong_type_is_named(name: str, kind: pa.DataType, expected: str) -> None:
    with pytest.raises(BadInputError, match=rf"column {name} is of type .*, expected {expected}$"):
        check_types("feed.parquet", pa.schema([(name, kind)]), CANONICAL)


def test_many_or_strange_names_stay_one_readable_line() -> None:
    assert listed([]) == "none"
    assert listed(["a\nb"]) == "a\\nb"
    assert listed(["x" * 99]) == "x" * 57 + "..."
    assert listed(f"c{k}" for k in range(25)).endswith("c18, c19 and 5 more")
    assert listed(["", "a"]) == "'', a"


VALUES = [
    "39.9",
    "-7",
    "1e5",
    ".5",
    "2008-02-02 13:30:45",
    "02/02/2008",
    "13:30:45",
    "someone@example.org",
    "6d92078a-8246-4ba4-9b5b-76104861e7dc",
    "{6D92078A82464BA49B5B76104861E7DC}",
    "192.168.0.1",
    "+44 7700 900123",
]


@pytest.mark.parametrize("value", VALUES)
def test_no_message_holds_a_value_that_stands_where_a_name_should(value: str) -> None:
    assert is_value(value)
    assert value not in listed(["device", value])
    with pytest.raises(BadInputError, match="its first line holds values, and no names of columns") as caught:
        check_names("feed.csv", [value, "x"], CANONICAL)
    assert value not in str(caught.value)


@pytest.mark.parametrize("name", ["@." * 50_000 + " x", "a@" * 50_000, "1" * 100_000 + "x", "+1" + "-" * 100_000])
def test_a_long_name_is_looked_at_no_longer_than_a_short_one(name: str) -> None:
    """JSON has a name in every line, written by whoever sends the feed: none may hold up the reading of the rest."""
    before = time.process_time()
    assert len(listed([name])) <= 60
    assert time.process_time() - before < 0.1


def test_of_many_names_only_those_are_looked_at_that_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []

    def shown(name: str) -> str:
        looked_at.append(name)
        return name

    monkeypatch.setattr(columns, "shown", shown)
    with pytest.raises(BadInputError, match=r"unknown columns: c0, c1, .* and 980 more"):
        check_names("feed.csv", [*REQUIRED, *(f"c{k}" for k in range(1000))], CANONICAL)
    assert set(looked_at) <= {*CANONICAL.read, *CANONICAL.unread, *(f"c{k}" for k in range(20))}


@pytest.mark.parametrize("name", ["", "latitude", "latitudeE7", "t", "geo_hash", "24h", "e5", "col_1", "POI-2", "-"])
def test_names_are_no_values(name: str) -> None:
    assert not is_value(name)


def test_a_profile_may_need_one_column_of_two() -> None:
    profile = Profile("exports", time="timestamp", time_or="timestampMs")
    rest = ["device_id", "latitude", "longitude"]
    for times in (["timestamp"], ["timestampMs"], ["timestamp", "timestampMs"]):
        assert has_needed([*rest, *times], profile)
        check_names("feed.csv", [*rest, *times], profile)
    with pytest.raises(BadInputError, match="missing columns: timestamp or timestampMs"):
        check_names("feed.csv", rest, profile)
    check_types("feed", pa.schema([("timestamp", pa.null()), ("timestampMs", pa.int64())]), profile)


def test_days_and_times_of_the_day_have_types_of_their_own() -> None:
    profile = Profile("split", time="(date and time)", time_parts=("date", "time"))
    check_types("feed", pa.schema([("date", pa.date32()), ("time", pa.time64("us"))]), profile)
    check_types("feed", pa.schema([("date", pa.string()), ("time", pa.binary())]), profile)
    with pytest.raises(BadInputError, match=r"column date is of type timestamp.*, expected dates, or text such as"):
        check_types("feed", pa.schema([("date", pa.timestamp("s"))]), profile)
    with pytest.raises(BadInputError, match="column time is of type int64, expected times, or text such as"):
        check_types("feed", pa.schema([("time", pa.int64())]), profile)


def test_a_header_that_runs_on_into_the_first_row_tells_nothing_of_it() -> None:
    """A file whose first line end was lost: the last name goes on with the first row's id."""
    name = "source_type6d92078a-8246-4ba4-9b5b-761048600000"
    with pytest.raises(BadInputError) as refused:
        check_names("feed.csv", [*CANONICAL.required, name], CANONICAL)
    assert "source_type" in str(refused.value)
    assert not any(part in str(refused.value) for part in ("6d92078a", "8246", "761048600000"))
