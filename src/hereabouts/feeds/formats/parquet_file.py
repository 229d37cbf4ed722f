"""Parquet files as they are opened here: column by column, and unpacked in memory where they are compressed."""

from __future__ import annotations

import os
import weakref
from collections.abc import Sequence
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from hereabouts.errors import BadInputError
from hereabouts.feeds.formats.source import Source
from hereabouts.objects import ObjectPath

UNPACKED_BYTES = 1 << 30
"""The most that a file compressed as a whole may unpack to: it is held in memory, one such file at a time."""

_READ_AHEAD_BYTES = 1 << 20
_OBJECT_READ_AHEAD_BYTES = 8 << 20
"""Of each column: object storage takes its time to answer, however much it is asked for."""


def opened(
    source: Source, *, metadata: pq.FileMetaData | None = None, dictionaries: Sequence[str] = ()
) -> pq.ParquetFile:
    """Open a Parquet file; one that is compressed as a whole is unpacked, and stays so as long as what is returned.

    Parameters
    ----------
    source
        The file.
    metadata
        The file's own, where it was read before.
    dictionaries
        Text columns whose values come as places in a dictionary, and are not copied row by row.

    Raises
    ------
    BadInputError
        If it unpacks to more than :data:`UNPACKED_BYTES`.
    """
    content = None if source.compression is None else _unpacked(source)
    try:
        file = pq.ParquetFile(
            source.open_anywhere() if content is None else pa.PythonFile(content, "r"),
            metadata=metadata,
            read_dictionary=list(dictionaries),
            # Else a whole row group would be fetched before the first of its rows is decoded.
            pre_buffer=False,
            buffer_size=_OBJECT_READ_AHEAD_BYTES if isinstance(source.path, ObjectPath) else _READ_AHEAD_BYTES,
            page_checksum_verification=True,
        )
    except BaseException:
        if content is not None:
            content.close()
        raise
    if content is not None:
        weakref.finalize(file, content.close)
    return file


def _unpacked(source: Source) -> IO[bytes]:
    """Unpack a file into memory.

    Not to the disk: the blocks of a file that was deleted there keep its rows, in clear, until something else is
    written over them.
    """
    packed, raw = source.open()
    target = os.fdopen(os.memfd_create("feed"), "w+b")
    try:
        with raw, packed:
            while piece := packed.read(_READ_AHEAD_BYTES):
                if target.tell() + len(piece) > UNPACKED_BYTES:
                    raise BadInputError(
                        source.path,
                        f"unpacks to more than {UNPACKED_BYTES >> 20} MiB, which is expected to fit in memory; unpack "
                        "it first, or have Parquet compress its columns by itself",
                    )
                target.write(piece)
        target.flush()
    except BaseException:
        target.close()
        raise
    return target
