from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from hereabouts.errors import UsageError
from hereabouts.objects import AnyPath, ObjectPath
from hereabouts.store.blobs import folders_in, in_files, parquet, remove_tree, replacing, write_table

if TYPE_CHECKING:
    from tests.conftest import ObjectStorage

TABLE = pa.table({"cell": pa.array([1, 2, 3], pa.uint64()), "device": ["a", "b", "a"]})


@pytest.fixture(params=["files", "objects"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> AnyPath:
    """An empty folder, of files or of objects."""
    if request.param == "files":
        return tmp_path
    storage: ObjectStorage = request.getfixturevalue("object_storage")
    return ObjectPath.of(storage.bucket("blobs")) / tmp_path.name


def test_a_table_is_read_as_it_was_written(folder: AnyPath) -> None:
    path = folder / "new" / "x.parquet"
    write_table(TABLE, path, compression="zstd")
    with parquet(path) as file:
        assert (file.metadata.num_rows, file.read()) == (3, TABLE)
    with parquet(path) as file:
        assert file.read(columns=["cell"]).column_names == ["cell"]


def test_a_file_is_replaced_at_the_end_or_not_at_all(folder: AnyPath) -> None:
    path = folder / "x"
    path.write_bytes(b"old")
    with replacing(path) as target:
        target.write(b"new ")
        target.write(b"content")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new content"
    with pytest.raises(KeyboardInterrupt):
        _cut_off(path)
    assert path.read_bytes() == b"new content"
    assert list(folder.glob("*")) == [path]


def _cut_off(path: AnyPath) -> None:
    with replacing(path) as target:
        target.write(b"half")
        raise KeyboardInterrupt


def test_a_tree_is_deleted_whole(folder: AnyPath) -> None:
    for name in ("a", "b"):
        write_table(TABLE, folder / "window" / name / "x.parquet")
    assert folders_in(folder / "window") == [folder / "window" / "a", folder / "window" / "b"]
    remove_tree(folder / "window" / "a")
    assert folders_in(folder / "window") == [folder / "window" / "b"]
    remove_tree(folder / "window")
    remove_tree(folder / "window")
    assert folders_in(folder) == folders_in(folder / "window") == []


def test_who_needs_files_is_not_given_objects(tmp_path: Path) -> None:
    assert in_files(tmp_path) == tmp_path
    with pytest.raises(UsageError, match=r"s3://bucket/store.*--engine local"):
        in_files(ObjectPath("bucket", "store"))
