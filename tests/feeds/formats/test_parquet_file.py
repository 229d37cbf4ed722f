"""Parquet compressed as a whole: unpacked in memory, up to a limit, and let go with what reads it."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from hereabouts.errors import BadInputError
from hereabouts.feeds.formats import parquet_file
from hereabouts.feeds.formats.parquet_file import opened
from hereabouts.feeds.formats.readers import open_feed
from hereabouts.feeds.formats.source import source_of
from hereabouts.feeds.profile import CANONICAL

Row = dict[str, Any]
Write = Callable[[str, Sequence[Row]], Path]

PACKED = ["feed.parquet.gz", "feed.parquet.zst"]


def held() -> list[str]:
    """The files in memory that this process holds open."""
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            target = str(entry.readlink())
        except FileNotFoundError:  # the one by which this directory is read
            continue
        if target.startswith("/memfd:feed"):
            found.append(target)
    return found


@pytest.mark.parametrize("name", PACKED)
def test_what_is_unpacked_never_lies_on_a_disk(
    name: str, write: Write, good_row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deleted file's blocks keep the rows in clear."""
    monkeypatch.setattr(tempfile, "tempdir", "nowhere")
    path = write(name, [good_row] * 3)
    file = opened(source_of(path))
    assert len(held()) == 1
    assert file.read().num_rows == 3
    del file
    gc.collect()
    assert held() == []


@pytest.mark.parametrize("name", PACKED)
def test_of_many_opened_feeds_none_is_held_unpacked_that_is_not_read(name: str, write: Write, good_row: Row) -> None:
    """All files of an intake are opened before the first is taken."""
    path = write(name, [good_row] * 3)
    feeds = [open_feed(path, CANONICAL, batch_rows=1) for _ in range(3)]
    assert [feed.sample().rows for feed in feeds] == [3, 3, 3]
    gc.collect()
    assert held() == []
    batches = feeds[0].batches()
    next(batches)
    assert len(held()) == 1
    assert len(list(batches)) == 2
    del batches
    gc.collect()
    assert held() == []


@pytest.mark.parametrize("name", PACKED)
def test_a_file_that_unpacks_to_too_much_is_refused(
    name: str, write: Write, good_row: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(name, [good_row])
    with pa.OSFile(str(path)) as raw, pa.CompressedInputStream(raw, source_of(path).compression) as packed:
        size = len(packed.read())
    monkeypatch.setattr(parquet_file, "UNPACKED_BYTES", size)
    open_feed(path, CANONICAL)
    monkeypatch.setattr(parquet_file, "UNPACKED_BYTES", size - 1)
    with pytest.raises(BadInputError, match="which is expected to fit in memory; unpack it first"):
        open_feed(path, CANONICAL)
    assert list(tmp_path.iterdir()) == [path]
    gc.collect()
    assert held() == []
