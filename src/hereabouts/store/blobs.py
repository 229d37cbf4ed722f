"""Rows of a store in files, or in objects: one way to ask for each thing that is done differently there.

Files are written beside the old ones, flushed, and moved into place. Objects need none of that: see
:mod:`hereabouts.objects`.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from hereabouts.errors import UsageError
from hereabouts.objects import AnyPath, ObjectPath
from hereabouts.store.files import PART, sync_file, sync_folder


@contextmanager
def replacing(path: AnyPath) -> Iterator[BinaryIO]:
    """Give what to write a file's new content to; it takes the old one's place at the end, and nothing does on failure.

    Whenever the machine stops, the file is the old one or the new one. An object's content is held in memory.
    """
    if isinstance(path, ObjectPath):
        content = io.BytesIO()
        yield content
        path.write_bytes(content.getbuffer())
        return
    part = path.with_name(path.name + PART)
    try:
        with part.open("wb") as file:
            yield file
        sync_file(part)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_table(table: pa.Table, path: AnyPath, **options: Any) -> None:
    """Write a table as Parquet, in a place where it does not count yet."""
    if isinstance(path, ObjectPath):
        content = pa.BufferOutputStream()
        pq.write_table(table, content, **options)
        path.write_bytes(content.getvalue())
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path, **options)


@contextmanager
def parquet(path: AnyPath) -> Iterator[pq.ParquetFile]:
    """Open a Parquet file; of an object, what is asked for is fetched in as few requests as may be."""
    if isinstance(path, ObjectPath):
        with path.random() as content, pq.ParquetFile(content, pre_buffer=True) as file:
            yield file
    else:
        with pq.ParquetFile(path) as file:
            yield file


def remove_tree(folder: AnyPath) -> None:
    """Delete all that is below a folder, and it; nothing happens where it is not."""
    if isinstance(folder, ObjectPath):
        folder.remove_tree()
    elif folder.exists():
        shutil.rmtree(folder)


def folders_in(folder: AnyPath) -> list[AnyPath]:
    """The folders right below one, by name."""
    if isinstance(folder, ObjectPath):
        return [*folder.folders()]
    return [path for path in sorted(folder.glob("*")) if path.is_dir()]


def in_files(folder: AnyPath) -> Path:
    """A folder of files, for who can do nothing with objects.

    Raises
    ------
    UsageError
        Where rows lie on object storage.
    """
    if isinstance(folder, ObjectPath):
        raise UsageError(
            f"the rows of this store lie on object storage ({folder}), and the Spark engine writes files that all of "
            "its executors see: use --engine local, or make a store whose rows are in a folder"
        )
    return folder
