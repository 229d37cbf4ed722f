from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hereabouts.errors import BadInputError, UsageError
from hereabouts.feeds.checks import Gate, check
from hereabouts.feeds.formats.readers import feed_files, open_feed
from hereabouts.feeds.profile import CANONICAL, Profile

Row = dict[str, Any]
Write = Callable[[str, Sequence[Row]], Path]

FORMATS = ["parquet", "csv", "jsonl"]
ONE_EACH = Profile("one-each", device="(file)", device_from_file=True, time="timestamp")


def pings(path: Path, profile: Profile, gate: Gate) -> list[tuple[str, int, float, float]]:
    """The accepted pings of all feed files that a path stands for."""
    found: list[tuple[str, int, float, float]] = []
    for file in feed_files(path):
        for batch in open_feed(file, profile).batches():
            one = check(batch, profile, gate)
            found += zip(
                one.device.to_pylist(), one.time.tolist(), one.latitude.tolist(), one.longitude.tolist(), strict=True
            )
    return sorted(found)


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_may_be_one_persons_and_named_after_them(form: str, write: Write, gate: Gate, good_row: Row) -> None:
    del good_row["device_id"]
    for name in ("p017", "042"):
        write(f"{name}.{form}.gz", [good_row])
    path = write(f"p1.{form}", [good_row, good_row]).parent
    assert [device for device, *_ in pings(path, ONE_EACH, gate)] == ["042", "p017", "p1", "p1"]


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_with_everybodys_name_is_refused(form: str, write: Write, good_row: Row) -> None:
    """Else two people in two folders would become one device."""
    path = write(f"Records.{form}", [good_row])
    with pytest.raises(UsageError, match=r"two people would become one device.*name each file after its participant"):
        open_feed(path, ONE_EACH)
    open_feed(path, CANONICAL)


@pytest.mark.parametrize("form", FORMATS)
def test_a_copy_of_a_file_is_refused(form: str, write: Write, good_row: Row) -> None:
    """Else one person would become two devices, each protected alone."""
    path = write(f"p017 (1).{form}", [good_row])
    with pytest.raises(UsageError, match=r"one person would become two devices.*the same name, such as p017\.json"):
        open_feed(path, ONE_EACH)
    open_feed(path, CANONICAL)


def test_the_id_is_the_files_name_in_lower_case(write: Write, gate: Gate, good_row: Row) -> None:
    del good_row["device_id"]
    write("P017.csv", [good_row])
    path = write("p017.jsonl", [good_row]).parent
    assert [device for device, *_ in pings(path, ONE_EACH, gate)] == ["p017", "p017"]


def test_receipts_do_not_keep_a_devices_id(write: Write, good_row: Row) -> None:
    path = write("p017.csv", [good_row])
    assert open_feed(path, CANONICAL).label == "p017.csv"
    del good_row["device_id"]
    assert "p017" not in open_feed(write("p017.csv", [good_row]), ONE_EACH).label


def test_a_column_of_ids_in_a_file_named_after_its_device_is_unknown(write: Write, good_row: Row) -> None:
    with pytest.raises(BadInputError, match="unknown columns: device_id"):
        open_feed(write("p017.csv", [good_row]), ONE_EACH)


@pytest.mark.parametrize("form", FORMATS)
def test_days_and_times_in_two_columns(form: str, write: Write, gate: Gate, good_row: Row) -> None:
    profile = Profile("split", time="(date and time)", time_parts=("date", "time"))
    expected = pings(write(f"one.{form}", [good_row]), CANONICAL, gate)
    del good_row["timestamp"]
    bad = {**good_row, "date": None, "time": "12:00"}
    path = write(f"two.{form}", [{**good_row, "date": "2023-11-14", "time": "12:00:00Z"}, bad])
    assert pings(path, profile, gate) == expected
    (batch,) = open_feed(path, profile).batches()
    assert check(batch, profile, gate).counts["unreadable"] == 1


@pytest.mark.parametrize("form", FORMATS)
def test_several_files_a_day_are_one_feed(form: str, write: Write, gate: Gate, good_row: Row, tmp_path: Path) -> None:
    rows = [{**good_row, "device_id": f"d{k}"} for k in range(6)]
    for k in range(3):
        write(f"2023-11-14-{k}.{form}", rows[2 * k : 2 * k + 2])
    assert [device for device, *_ in pings(tmp_path, CANONICAL, gate)] == [f"d{k}" for k in range(6)]


@pytest.mark.parametrize("form", FORMATS)
def test_scaled_integers_and_microseconds_are_the_pings_of_plain_ones(
    form: str, write: Write, gate: Gate, good_row: Row
) -> None:
    profile = Profile("e7", degrees_per_unit=1e-7, time_unit="us")
    plain = [{**good_row, "latitude": 41.4216106, "longitude": -2.1684775, "device_id": f"d{k}"} for k in range(3)]
    scaled = [
        {**row, "latitude": 414216106, "longitude": -21684775, "timestamp": 1699963200 * 10**6 + 5} for row in plain
    ]
    assert pings(write(f"e7.{form}", scaled), profile, gate) == pings(write(f"p.{form}", plain), CANONICAL, gate)


def test_canonical_parquet_comes_as_the_reader_gave_it(write: Write, good_row: Row) -> None:
    """The path of a billion pings: no column is copied or made anew."""
    path = write("feed.parquet", [good_row])
    (batch,) = open_feed(path, CANONICAL).batches()
    table = pq.read_table(path)
    assert batch.schema.names == table.schema.names
    assert batch.equals(table.to_batches()[0])
    assert batch.schema.field("timestamp").type == pa.string()


@pytest.mark.parametrize("name", ["feed.parquet", "feed.parquet.gz", "feed.csv", "feed.jsonl.zst"])
def test_a_sample_has_all_columns_and_changes_nothing(name: str, write: Write, good_row: Row, gate: Gate) -> None:
    rows = [{**good_row, "ip_address": "10.0.0.1", "id_type": "aaid"}] * 3
    feed = open_feed(write(name, rows), CANONICAL)
    before = [batch.to_pydict() for batch in feed.batches()]
    sample = feed.sample()
    assert (sample.rows, set(sample.names)) == (3, set(rows[0]))
    assert [batch.to_pydict() for batch in feed.batches()] == before
