"""The town's feed on disk: one file a part, as a supplier would deliver it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from hereabouts.errors import MachineError, UsageError
from hereabouts.synthetic.config import TownConfig
from hereabouts.synthetic.feed import BATCH_ROWS, FEED_SCHEMA, Part, part_batches, parts_of
from hereabouts.synthetic.town import build_town

FeedFormat = Literal["parquet", "csv", "jsonl"]

_WRITERS = 2  # each holds one part; more would take more memory
_TEXT_ROWS = 1 << 17
_WORDS = ["id_type", "source_type"]  # columns of few values


@dataclass(frozen=True)
class FeedSummary:
    """What was written: rows, devices that have at least one, and files."""

    pings: int
    devices: int
    files: int


def write_feed(
    config: TownConfig,
    out: Path,
    format: FeedFormat = "parquet",  # noqa: A002
    progress: Callable[[int], None] | None = None,
    day: int | None = None,
) -> FeedSummary:
    """Write the town's pings as a directory of files, ``part-0000.parquet`` and so on, in the order of days.

    One file holds one local day (of at most about 7 M rows: a larger day has several files, of other
    devices each), sorted by time, not by device. Two files are in the making at a time.

    Parameters
    ----------
    config
        The town, its days and its seed.
    out
        A directory that is empty, or does not exist and is made.
    format
        ``parquet`` (zstd), ``csv`` (with a header) or ``jsonl``; times in text are ISO 8601 with a Z.
    progress
        Called with the number of rows after each batch that was written, by one thread at a time.
    day
        Write only the files of this day, 1 being the first, under the names that they have among those of all
        days: a week that no disk holds at once can be had a day at a time.

    Returns
    -------
    FeedSummary
        Counts of pings, devices and files.

    Raises
    ------
    UsageError
        For an unknown format, a day that is none of the days, or an `out` that holds something already.
    MachineError
        When the files cannot be written; those that were are removed again.
    """
    if format not in get_args(FeedFormat):
        raise UsageError(f"format is {format!r}: give one of {', '.join(get_args(FeedFormat))}")
    if day is not None and not 1 <= day <= config.days:
        raise UsageError(f"day is {day!r}: give a whole number from 1 to {config.days}, the number of days")
    named = [(out / f"part-{number:04d}.{format}", part) for number, part in enumerate(parts_of(config))]
    chosen = [(path, part) for path, part in named if day is None or part.day == day - 1]
    paths, parts = [path for path, _ in chosen], [part for _, part in chosen]
    tally = _Tally(config.devices, progress)
    try:
        _require_empty(out)
        out.mkdir(parents=True, exist_ok=True)
        _write_parts(config, parts, paths, tally, _write_parquet if format == "parquet" else _write_text)
    except OSError as error:
        raise MachineError(f"cannot write to {out}: {error}; free space or choose another place") from error
    return FeedSummary(pings=tally.rows, devices=int(tally.seen.sum()), files=len(parts))


class _Tally:
    """What was written so far, counted by several threads."""

    def __init__(self, devices: int, progress: Callable[[int], None] | None) -> None:
        self.rows = 0
        self.seen: NDArray[np.bool_] = np.zeros(devices, np.bool_)
        self._progress = progress
        self._one_at_a_time = threading.Lock()

    def count(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Pass `batches` on, and count each when its taker comes back for the next."""
        for batch in batches:
            yield batch
            with self._one_at_a_time:
                self.rows += batch.num_rows
                if self._progress is not None:
                    self._progress(batch.num_rows)


def _require_empty(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is not a directory: give one that is empty or does not exist")
    if out.exists() and any(out.iterdir()):
        raise UsageError(f"{out} is not empty: give a directory that is empty or does not exist")


def _write_parts(
    config: TownConfig,
    parts: list[Part],
    paths: list[Path],
    tally: _Tally,
    write: Callable[[Path, Iterator[pa.RecordBatch]], None],
) -> None:
    """Write each part to its path, some at a time; if one fails, or on Ctrl-C, leave none behind."""
    town = build_town(config)

    def write_part(part: Part, path: Path) -> None:
        write(path, tally.count(part_batches(config, town, part, tally.seen)))

    try:
        with ThreadPoolExecutor(_WRITERS) as pool:
            for _ in pool.map(write_part, parts, paths):  # on an error cancels what has not begun
                pass
    except BaseException:
        for path in paths:
            path.unlink(missing_ok=True)
        raise


def _write_parquet(path: Path, batches: Iterator[pa.RecordBatch]) -> None:
    with pq.ParquetWriter(path, FEED_SCHEMA, compression="zstd", use_dictionary=_WORDS) as file:
        for batch in batches:
            file.write_batch(batch, row_group_size=BATCH_ROWS)


def _write_text(path: Path, batches: Iterator[pa.RecordBatch]) -> None:
    with path.open("wb") as file:
        if path.suffix == ".csv":
            file.write((",".join(FEED_SCHEMA.names) + "\n").encode())
        for batch in batches:
            for begin in range(0, batch.num_rows, _TEXT_ROWS):
                file.write(_lines(batch.slice(begin, _TEXT_ROWS), path.suffix == ".csv"))


def _lines(batch: pa.RecordBatch, csv: bool) -> memoryview:
    """Rows as text, one a line. No value needs escaping: they are numbers, UUIDs, times and our own words."""
    pieces: list[pa.Array | str] = []
    for number, (field, column) in enumerate(zip(batch.schema, batch.columns, strict=True)):
        before = ("," if number else "") if csv else ("," if number else "{") + f'"{field.name}":'
        quote = "" if csv or not _is_text(field.type) else '"'
        pieces += [before + quote, _as_text(column), quote]
    pieces.append("\n" if csv else "}\n")
    lines = pc.binary_join_element_wise(*pieces, "")
    _, offsets, text = lines.buffers()
    return memoryview(text)[: np.frombuffer(offsets, np.int32)[len(lines)]]


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_timestamp(kind))


def _as_text(column: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(column.type):
        clock = column.view(pa.timestamp("ms")).cast(pa.string())  # with a zone this would be 30 times as slow
        return pc.binary_join_element_wise(pc.binary_replace_slice(clock, 10, 11, "T"), "Z", "")
    return column.cast(pa.string())
