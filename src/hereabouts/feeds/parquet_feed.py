"""Parquet feeds."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from hereabouts.errors import BadInputError
from hereabouts.feeds.columns import check_names, check_types
from hereabouts.feeds.feed import Feed
from hereabouts.feeds.profile import Profile
from hereabouts.feeds.source import Source, faults

BATCH_ROWS = 1 << 18
"""Measured: at a million rows a batch no longer fits the processor's cache, and reading is a fifth slower."""

_READ_AHEAD_BYTES = 1 << 20


class ParquetFeed(Feed):
    """A Parquet file; one that is compressed as a whole is unpacked to an unnamed temporary file first.

    Parameters
    ----------
    batch_rows
        Most rows of a batch.
    threads
        Whether columns are decoded on several cores.

    Raises
    ------
    BadInputError
        If the file is not readable Parquet, has no rows, or other columns than its profile.
    """

    def __init__(self, source: Source, profile: Profile, *, batch_rows: int, threads: bool) -> None:
        super().__init__(source, profile)
        self._batch_rows = batch_rows
        self._threads = threads
        self._unpacked: IO[bytes] | None = None
        with faults(source.path):
            if source.compression is not None:
                self._unpacked = self._unpack()
            file = self._open(dictionaries=[])
            self._schema = file.schema_arrow
            self._rows = file.metadata.num_rows
        check_names(source.path, self._schema.names, profile)
        check_types(source.path, self._schema, profile)
        if self._rows == 0:
            raise BadInputError(source.path, "no rows: expected at least one")

    def _unpack(self) -> IO[bytes]:
        packed, raw = self.source.open()
        unpacked: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the feed
        weakref.finalize(self, unpacked.close)
        with raw, packed:
            shutil.copyfileobj(packed, unpacked, _READ_AHEAD_BYTES)
        return unpacked

    def _open(self, dictionaries: list[str]) -> pq.ParquetFile:
        packed = self._unpacked is not None
        return pq.ParquetFile(
            pa.PythonFile(self._unpacked, "r") if packed else pa.OSFile(str(self.source.path)),
            read_dictionary=dictionaries,
            # Else a whole row group would be fetched before the first of its rows is decoded.
            pre_buffer=False,
            buffer_size=_READ_AHEAD_BYTES,
            page_checksum_verification=True,
        )

    def _batches(self) -> Iterator[pa.RecordBatch]:
        wanted = [name for name in self.profile.read if name in self._schema.names]
        # The few words of this column come as places in a dictionary, and are not copied row by row.
        words = [name for name in wanted if name == self.profile.source_type]
        rows = 0
        for batch in self._open(words).iter_batches(self._batch_rows, columns=wanted, use_threads=self._threads):
            rows += batch.num_rows
            self.progress = rows / self._rows
            yield batch
        if rows != self._rows:
            raise BadInputError(
                self.source.path,
                f"damaged: {rows} rows found, {self._rows} promised in its footer; get it again",
            )
