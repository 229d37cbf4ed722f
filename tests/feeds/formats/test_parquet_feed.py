from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hereabouts.errors import BadInputError
from hereabouts.feeds.checks import Gate, check
from hereabouts.feeds.formats.readers import open_feed
from hereabouts.feeds.profile import CANONICAL

Row = dict[str, Any]
Write = Callable[[str, Sequence[Row]], Path]


def table(rows: int) -> pa.Table:
    return pa.table(
        {
            "device_id": [f"d{i % 7}" for i in range(rows)],
            "timestamp": pa.array(range(1_600_000_000, 1_600_000_000 + rows), pa.timestamp("s")),
            "latitude": [39.5] * rows,
            "longitude": [116.25] * rows,
            "consent": [True] * rows,
            "source_type": ["sdk", "bidstream"] * (rows // 2),
            "ip_address": ["10.0.0.1"] * rows,
        }
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    pq.write_table(table(1000), tmp_path / "feed.parquet", row_group_size=300)
    return tmp_path / "feed.parquet"


def test_batches_are_bounded_and_hold_only_columns_that_are_read(path: Path) -> None:
    feed = open_feed(path, CANONICAL, batch_rows=128)
    batches = list(feed.batches())
    assert sum(batch.num_rows for batch in batches) == 1000
    assert max(batch.num_rows for batch in batches) <= 128
    assert "ip_address" not in batches[0].schema.names
    assert feed.progress == 1.0


def test_a_feed_can_be_read_again_and_its_progress_seen(path: Path, gate: Gate) -> None:
    feed = open_feed(path, CANONICAL, batch_rows=100, threads=False)
    for _ in range(2):
        seen = []
        for batch in feed.batches():
            seen.append(feed.progress)
            assert check(batch, CANONICAL, gate).counts["bidstream"] == batch.num_rows // 2
        assert seen == sorted(seen)
        assert 0 < seen[0] < 1


@pytest.mark.parametrize("kept", [4, 12, 0.3, 0.6, 0.99])
def test_a_file_cut_short_is_refused(path: Path, kept: float) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(kept if kept > 1 else kept * len(content))])
    with pytest.raises(BadInputError, match="damaged or cut short"):
        list(open_feed(path, CANONICAL).batches())


def test_damage_in_the_middle_shows_after_the_first_batches(tmp_path: Path) -> None:
    path = tmp_path / "feed.parquet"
    pq.write_table(table(50_000), path, row_group_size=10_000, compression="zstd", write_page_checksum=True)
    content = bytearray(path.read_bytes())
    last = pq.ParquetFile(path).metadata.row_group(4).column(0)
    content[last.data_page_offset + last.total_compressed_size // 2] ^= 0xFF
    path.write_bytes(content)
    batches = open_feed(path, CANONICAL, batch_rows=10_000).batches()
    assert next(batches).num_rows > 0
    with pytest.raises(BadInputError, match="damaged or cut short"):
        list(batches)


def test_text_that_is_called_parquet(tmp_path: Path) -> None:
    (tmp_path / "feed.parquet").write_text("device_id,latitude\n")
    with pytest.raises(BadInputError, match="damaged or cut short"):
        open_feed(tmp_path / "feed.parquet", CANONICAL)


def test_a_file_without_rows(tmp_path: Path) -> None:
    pq.write_table(table(10).slice(0, 0), tmp_path / "feed.parquet")
    with pytest.raises(BadInputError, match="no rows"):
        open_feed(tmp_path / "feed.parquet", CANONICAL)


def test_a_column_of_a_wrong_type_is_seen_before_any_row(write: Write, good_row: Row) -> None:
    path = write("feed.parquet", [{**good_row, "latitude": {"degrees": 39.5}}])
    with pytest.raises(BadInputError, match="column latitude is of type struct"):
        open_feed(path, CANONICAL)


def test_missing_and_unknown_columns_are_seen_before_any_row(write: Write, good_row: Row) -> None:
    with pytest.raises(BadInputError, match="unknown columns: venue"):
        open_feed(write("feed.parquet", [{**good_row, "venue": "x"}]), CANONICAL)
    del good_row["longitude"]
    with pytest.raises(BadInputError, match="missing columns: longitude"):
        open_feed(write("feed.parquet", [good_row]), CANONICAL)


def test_words_come_as_places_in_a_dictionary(tmp_path: Path, gate: Gate) -> None:
    words = table(10).set_column(4, "consent", pa.array(["true", "false"] * 5))
    pq.write_table(words, tmp_path / "feed.parquet")
    (batch,) = open_feed(tmp_path / "feed.parquet", CANONICAL).batches()
    dictionaries = {field.name for field in batch.schema if pa.types.is_dictionary(field.type)}
    assert dictionaries == {"consent", "source_type"}
    checked = check(batch, CANONICAL, gate)
    assert (checked.counts["consent_refused"], len(checked.time)) == (5, 5)


def test_a_file_is_cut_between_row_groups(path: Path) -> None:
    feed = open_feed(path, CANONICAL, batch_rows=128)
    assert feed.pieces(10_000) == [(0, 1, 2, 3)]
    assert feed.pieces(400) == [(0, 1), (2, 3)]
    assert feed.pieces(1) == [(0,), (1,), (2,), (3,)]
    for rows in (1, 400, 10_000):
        parts = [pa.Table.from_batches(feed.piece(piece).batches()) for piece in feed.pieces(rows)]
        assert pa.concat_tables(parts) == pa.Table.from_batches(feed.batches())


def test_what_cannot_be_cut_is_one_piece(write: Write, path: Path) -> None:
    row = {"device_id": "a", "timestamp": 1, "latitude": 1, "longitude": 1, "consent": True}
    feed = open_feed(write("feed.csv", [row]), CANONICAL)
    (piece,) = feed.pieces(1)
    assert feed.piece(piece) is feed
    with pytest.raises(ValueError, match="read whole"):
        feed.piece((1,))
