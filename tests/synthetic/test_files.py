"""The feed on disk: readable in every format, the same bytes again, and never over somebody's files."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.json as pajson
import pyarrow.parquet as pq
import pytest

from hereabouts.errors import MachineError, UsageError
from hereabouts.synthetic import FEED_SCHEMA, FeedFormat, TownConfig, files, pings, write_feed

CONFIG = TownConfig(devices=150, days=3, seed=6)


@pytest.fixture(scope="module")
def expected() -> pa.Table:
    return pa.Table.from_batches(pings(CONFIG), FEED_SCHEMA)


def read(path: Path) -> pa.Table:
    if path.suffix == ".parquet":
        return pq.read_table(path)
    if path.suffix == ".csv":
        return pacsv.read_csv(path).cast(FEED_SCHEMA)
    return pajson.read_json(path, parse_options=pajson.ParseOptions(explicit_schema=FEED_SCHEMA))


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_what_is_written_reads_back(tmp_path: Path, expected: pa.Table, form: FeedFormat) -> None:
    seen: list[int] = []
    summary = write_feed(CONFIG, tmp_path / "new" / "feed", form, progress=seen.append)
    paths = sorted((tmp_path / "new" / "feed").iterdir())
    assert [path.name for path in paths] == [f"part-{number:04d}.{form}" for number in range(3)]
    back = pa.concat_tables([read(path) for path in paths])
    assert back.schema.equals(FEED_SCHEMA)
    assert back.equals(expected)
    assert (summary.pings, summary.files) == (expected.num_rows, 3)
    assert sum(seen) == summary.pings


def test_devices_are_those_that_have_a_row(tmp_path: Path, expected: pa.Table) -> None:
    ids = {one.strip().lower().replace("-", "") for one in expected["device_id"].to_pylist()}
    assert write_feed(CONFIG, tmp_path).devices == len(ids)


def test_parquet_holds_plain_strings_and_zstd(tmp_path: Path) -> None:
    write_feed(CONFIG, tmp_path)
    file = pq.ParquetFile(tmp_path / "part-0000.parquet")
    assert str(file.schema.column(0).logical_type) == "String"
    assert "isAdjustedToUTC=true, timeUnit=milliseconds" in str(file.schema.column(5).logical_type)
    assert {file.metadata.row_group(0).column(column).compression for column in range(9)} == {"ZSTD"}


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_equal_configurations_give_equal_bytes(tmp_path: Path, form: FeedFormat) -> None:
    write_feed(CONFIG, tmp_path / "a", form)
    write_feed(CONFIG, tmp_path / "b", form)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_days_that_are_made_one_by_one_are_those_of_the_whole(tmp_path: Path) -> None:
    whole = write_feed(CONFIG, tmp_path / "whole")
    made = [write_feed(CONFIG, tmp_path / str(day), day=day) for day in (1, 2, 3)]
    assert sum(one.pings for one in made) == whole.pings
    assert max(one.devices for one in made) < whole.devices <= CONFIG.devices
    for number, path in enumerate(sorted((tmp_path / "whole").iterdir())):
        (alone,) = (tmp_path / str(number + 1)).iterdir()
        assert (alone.name, alone.read_bytes()) == (path.name, path.read_bytes())


@pytest.mark.parametrize("day", [0, 4])
def test_refuses_a_day_that_is_not_among_them(day: int, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="from 1 to 3"):
        write_feed(CONFIG, tmp_path / "feed", day=day)


def test_refuses_a_directory_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(UsageError, match="not empty"):
        write_feed(CONFIG, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_refuses_a_file_in_place_of_a_directory(tmp_path: Path) -> None:
    (tmp_path / "feed").write_text("")
    with pytest.raises(UsageError, match="not a directory"):
        write_feed(CONFIG, tmp_path / "feed")


def test_refuses_an_unknown_format(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="avro"):
        write_feed(CONFIG, tmp_path, "avro")  # type: ignore[arg-type]


def test_leaves_nothing_behind_when_the_machine_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, batches: object) -> None:
        path.write_bytes(b"half a file")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_write_parquet", full)
    with pytest.raises(MachineError, match="No space left"):
        write_feed(CONFIG, tmp_path / "feed")
    assert list((tmp_path / "feed").iterdir()) == []


def test_leaves_nothing_behind_when_it_is_stopped(tmp_path: Path) -> None:
    def stop(rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_feed(CONFIG, tmp_path / "feed", progress=stop)
    assert list((tmp_path / "feed").iterdir()) == []
