"""Parquet files as they are opened here: column by column from the disk, unpacked first where they are compressed."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Sequence
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from hereabouts.feeds.source import Source

_READ_AHEAD_BYTES = 1 << 20


def unpacked(source: Source) -> IO[bytes] | None:
    """Unpack a file that is compressed as a whole to an unnamed temporary one; ``None`` if it is not."""
    if source.compression is None:
        return None
    packed, raw = source.open()
    target: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as what reads it
    try:
        with raw, packed:
            shutil.copyfileobj(packed, target, _READ_AHEAD_BYTES)
    except BaseException:
        target.close()
        raise
    return target


def opened(
    source: Source,
    content: IO[bytes] | None = None,
    *,
    metadata: pq.FileMetaData | None = None,
    dictionaries: Sequence[str] = (),
) -> pq.ParquetFile:
    """Open a Parquet file.

    Parameters
    ----------
    source
        The file.
    content
        What :func:`unpacked` gave, so that it is not done again.
    metadata
        The file's own, where it was read before.
    dictionaries
        Text columns whose values come as places in a dictionary, and are not copied row by row.
    """
    own = unpacked(source) if content is None else None
    content = content or own
    try:
        file = pq.ParquetFile(
            pa.OSFile(str(source.path)) if content is None else pa.PythonFile(content, "r"),
            metadata=metadata,
            read_dictionary=list(dictionaries),
            # Else a whole row group would be fetched before the first of its rows is decoded.
            pre_buffer=False,
            buffer_size=_READ_AHEAD_BYTES,
            page_checksum_verification=True,
        )
    except BaseException:
        if own is not None:
            own.close()
        raise
    if own is not None:
        weakref.finalize(file, own.close)
    return file
