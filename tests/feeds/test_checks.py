from __future__ import annotations

import dataclasses
import math
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hereabouts.errors import BadInputError
from hereabouts.feeds.checks import DAY, EARLIEST, REASONS, CheckedPings, Gate, check
from hereabouts.feeds.profile import CANONICAL

NOW = 1_700_000_000
GATE = Gate(max_accuracy=500.0, now=NOW, consent_by_supplier=False)
GOOD: dict[str, Any] = {
    "device_id": "a",
    "timestamp": NOW - 3600,
    "latitude": 39.5,
    "longitude": 116.25,
    "horizontal_accuracy": 12.0,
    "consent": True,
    "limit_ad_tracking": False,
    "source_type": "sdk",
}
ZERO = "00000000-0000-0000-0000-000000000000"

TYPES = {
    "device_id": pa.string(),
    "timestamp": pa.int64(),
    "latitude": pa.float64(),
    "longitude": pa.float64(),
    "horizontal_accuracy": pa.float64(),
    "consent": pa.bool_(),
    "limit_ad_tracking": pa.bool_(),
    "source_type": pa.string(),
}


def batch(*rows: dict[str, Any], without: tuple[str, ...] = ()) -> pa.RecordBatch:
    fields = [(name, kind) for name, kind in TYPES.items() if name not in without]
    return pa.RecordBatch.from_pylist([{**GOOD, **row} for row in rows], schema=pa.schema(fields))


def reason(pings: CheckedPings) -> str | None:
    found = [name for name, count in pings.counts.items() if count]
    return found[0] if found else None


def judged(row: dict[str, Any]) -> str | None:
    """The reason for which one row is left out, between two good ones."""
    pings = check(batch({}, row, {}), CANONICAL, GATE)
    assert pings.rows == 3
    return reason(pings)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, None),
        ({"device_id": None}, "unreadable"),
        ({"device_id": " "}, "unreadable"),
        ({"device_id": "x" * 1025}, "unreadable"),
        ({"device_id": "x" * 1024}, None),
        ({"timestamp": None}, "unreadable"),
        ({"latitude": None}, "unreadable"),
        ({"latitude": math.nan}, "unreadable"),
        ({"longitude": None}, "unreadable"),
        ({"longitude": math.nan}, "unreadable"),
        ({"latitude": math.inf}, "position"),
        ({"longitude": -math.inf}, "position"),
        ({"latitude": 90.0}, None),
        ({"latitude": 90.0000001}, "position"),
        ({"longitude": -180.0}, None),
        ({"longitude": -180.0000001}, "position"),
        ({"latitude": 0.0, "longitude": 0.0}, "position"),
        ({"latitude": -0.0, "longitude": 0.0}, "position"),
        ({"latitude": 0.0}, None),
        ({"timestamp": EARLIEST}, None),
        ({"timestamp": EARLIEST - 1}, "time"),
        ({"timestamp": NOW + DAY}, None),
        ({"timestamp": NOW + DAY + 1}, "time"),
        ({"horizontal_accuracy": None}, None),
        ({"horizontal_accuracy": 500.0}, None),
        ({"horizontal_accuracy": 500.001}, "accuracy"),
        ({"horizontal_accuracy": math.inf}, "accuracy"),
        ({"horizontal_accuracy": -1.0}, "accuracy"),
        ({"horizontal_accuracy": math.nan}, "unreadable"),
        ({"source_type": "bidstream"}, "bidstream"),
        ({"source_type": " BidStream "}, "bidstream"),
        ({"source_type": "RTB"}, "bidstream"),
        ({"source_type": "bid-stream"}, "bidstream"),
        ({"source_type": "exchange"}, "bidstream"),
        ({"source_type": "sdk2"}, "bidstream"),
        ({"source_type": " SDK "}, None),
        ({"source_type": "other"}, None),
        ({"source_type": " "}, None),
        ({"source_type": None}, None),
    ],
)
def test_each_row_is_judged_by_the_contract(row: dict[str, Any], expected: str | None) -> None:
    assert judged(row) == expected


def test_rule_rtb_ban_holds_whatever_consent_says() -> None:
    """RTB-BAN: by no word of consent does a ping from an auction come in."""
    covered = dataclasses.replace(GATE, consent_by_supplier=True)
    assert check(batch({"source_type": "bidstream"}), CANONICAL, covered).counts["bidstream"] == 1


@pytest.mark.parametrize(("word", "count"), [("rtb", 1), ("sdk", 0), ("Other", 0), ("", 0), (None, 0)])
def test_rule_rtb_ban_knows_its_words_in_a_dictionary_too(word: str | None, count: int) -> None:
    rows = batch({}, {"source_type": word})
    at = rows.schema.names.index("source_type")
    coded = rows.set_column(at, "source_type", rows.column(at).dictionary_encode())
    assert check(coded, CANONICAL, GATE).counts["bidstream"] == count


def test_a_row_is_counted_once_under_the_first_reason() -> None:
    wrong: list[dict[str, str]] = [
        {"device_id": ""},
        {"latitude": "99.0"},
        {"timestamp": "0"},
        {"horizontal_accuracy": "9e9"},
        {"consent": ""},
        {"consent": "false"},
        {"consent": "what"},
        {"limit_ad_tracking": "true"},
        {"device_id": ZERO},
        {"source_type": "bidstream"},
    ]
    for first, expected in enumerate(REASONS):
        # What is wrong with the same value twice is so for the earlier reason.
        row = {name: value for part in reversed(wrong[first:]) for name, value in part.items()}
        assert check(text_batch(**row), CANONICAL, GATE).counts == {**dict.fromkeys(REASONS, 0), expected: 1}


def test_positions_in_parts_of_a_degree_are_brought_to_degrees() -> None:
    e7 = dataclasses.replace(CANONICAL, degrees_per_unit=1e-7)
    whole = [{"latitude": 395000001.0, "longitude": -1162500000.0}, {"latitude": 900000001.0}, {"latitude": 0.0}]
    rows = batch(*({"longitude": 0.0} | row for row in whole))
    for kind in (pa.float64(), pa.int64(), pa.string()):
        columns = {name: rows.column(name) for name in TYPES}
        for name in ("latitude", "longitude"):
            columns[name] = rows.column(name).cast(pa.int64()).cast(kind)
        pings = check(pa.RecordBatch.from_pydict(columns), e7, GATE)
        assert (pings.latitude.tolist(), pings.longitude.tolist()) == ([39.5000001], [-116.25])
        assert pings.counts["position"] == 2


def test_accepted_rows_keep_their_order_and_values() -> None:
    rows = [{"device_id": f"d{i}", "latitude": float(i), "timestamp": NOW - i} for i in range(1, 8)]
    rows[2]["consent"] = rows[5]["latitude"] = None
    pings = check(batch(*rows), CANONICAL, GATE)
    assert pings.device.to_pylist() == ["d1", "d2", "d4", "d5", "d7"]
    assert pings.latitude.tolist() == [1.0, 2.0, 4.0, 5.0, 7.0]
    assert pings.longitude.tolist() == [116.25] * 5
    assert pings.time.tolist() == [NOW - i for i in (1, 2, 4, 5, 7)]
    assert [str(values.dtype) for values in (pings.latitude, pings.time)] == ["float64", "int64"]
    assert pings.rows == 7


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("device_id", pa.large_string()),
        ("device_id", pa.binary()),
        ("device_id", pa.string_view()),
        ("device_id", pa.dictionary(pa.int32(), pa.string())),
        ("timestamp", pa.timestamp("ns", "UTC")),
        ("timestamp", pa.float64()),
        ("latitude", pa.float32()),
        ("longitude", pa.decimal128(9, 4)),
        ("horizontal_accuracy", pa.int32()),
        ("source_type", pa.dictionary(pa.int8(), pa.string())),
    ],
)
def test_columns_come_in_many_types(name: str, kind: pa.DataType) -> None:
    good = batch({}, {}, {"source_type": "bidstream"}, {"latitude": None})
    column = good.column(name)
    if name == "timestamp" and pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("s", "UTC"))
    column = column.dictionary_encode().cast(kind) if pa.types.is_dictionary(kind) else column.cast(kind)
    pings = check(good.set_column(good.schema.names.index(name), name, column), CANONICAL, GATE)
    assert pings.device.to_pylist() == ["a", "a"]
    assert pings.time.tolist() == [GOOD["timestamp"]] * 2


def test_whole_numbers_are_ids() -> None:
    columns = {name: batch({}, {}).column(name) for name in TYPES}
    columns["device_id"] = pa.array([7, None])
    pings = check(pa.RecordBatch.from_pydict(columns), CANONICAL, GATE)
    assert pings.device.to_pylist() == ["7"]
    assert reason(pings) == "unreadable"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("horizontal_accuracy", None),
        ("limit_ad_tracking", None),
        ("source_type", None),
        ("consent", "consent_missing"),
    ],
)
def test_an_optional_column_of_nulls_alone_is_missing_in_every_row(name: str, expected: str | None) -> None:
    covered = dataclasses.replace(GATE, consent_by_supplier=True)
    good = batch({}, {})
    nulls = good.set_column(good.schema.names.index(name), name, pa.nulls(2))
    assert reason(check(nulls, CANONICAL, covered)) == expected


def test_a_sliced_batch_is_judged_like_its_rows() -> None:
    rows = batch(*({"device_id": f"d{i}", "consent": i % 3 != 0, "source_type": None} for i in range(20)))
    pings = check(rows.slice(5, 9), CANONICAL, GATE)
    assert pings.device.to_pylist() == [f"d{i}" for i in range(5, 14) if i % 3 != 0]


def test_a_batch_of_no_rows_has_no_pings() -> None:
    pings = check(batch(), CANONICAL, GATE)
    assert (len(pings.device), pings.rows) == (0, 0)


def test_a_column_of_a_wrong_type_is_refused() -> None:
    good = batch({})
    wrong = good.set_column(good.schema.names.index("latitude"), "latitude", pa.array([True]))
    with pytest.raises(BadInputError, match="column latitude is of type bool, expected numbers"):
        check(wrong, CANONICAL, GATE)


values = st.one_of(
    st.sampled_from(["true", "false", "sdk", "bidstream", "", "39.5", "1690000000", "2023-10-10T10:10:10Z", "nan"]),
    st.text(max_size=5),
    st.none(),
)


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(TYPES, values)), min_size=1, max_size=12))
def test_every_row_is_counted_and_judged_by_itself(rows: list[dict[str, str | None]]) -> None:
    schema = pa.schema([(name, pa.string()) for name in TYPES])
    together = check(pa.RecordBatch.from_pylist(rows, schema=schema), CANONICAL, GATE)
    alone = [check(pa.RecordBatch.from_pylist([row], schema=schema), CANONICAL, GATE) for row in rows]
    assert together.rows == len(rows)
    assert together.counts == {name: sum(pings.counts[name] for pings in alone) for name in REASONS}
    assert together.device.to_pylist() == [device for pings in alone for device in pings.device.to_pylist()]


def text_batch(**changed: str) -> pa.RecordBatch:
    row = {name: str(value) for name, value in GOOD.items()} | changed
    return pa.RecordBatch.from_pylist([row], schema=pa.schema([(name, pa.string()) for name in TYPES]))
