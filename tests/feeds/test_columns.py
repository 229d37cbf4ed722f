from __future__ import annotations

import pyarrow as pa
import pytest

from hereabouts.errors import BadInputError
from hereabouts.feeds.columns import check_names, check_types, listed
from hereabouts.feeds.profile import CANONICAL, Profile

REQUIRED = ["device_id", "timestamp", "latitude", "longitude"]


def test_the_canonical_columns_are_those_of_the_contract() -> None:
    contract = [
        *REQUIRED, "id_type", "horizontal_accuracy", "consent", "consent_framework", "limit_ad_tracking",
        "source_type", "ip_address",
    ]  # fmt: skip
    check_names("feed.csv", contract, CANONICAL)
    check_names("feed.csv", REQUIRED, CANONICAL)
    assert {*CANONICAL.read, *CANONICAL.ignored} == set(contract)
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
    ],
)
def test_a_column_of_a_wrong_type_is_named(name: str, kind: pa.DataType, expected: str) -> None:
    with pytest.raises(BadInputError, match=rf"column {name} is of type .*, expected {expected}$"):
        check_types("feed.parquet", pa.schema([(name, kind)]), CANONICAL)


def test_many_or_strange_names_stay_one_readable_line() -> None:
    assert listed([]) == "none"
    assert listed(["a\nb"]) == "a\\nb"
    assert listed(["x" * 99]) == "x" * 57 + "..."
    assert listed(map(str, range(25))).endswith("18, 19 and 5 more")
