from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from hereabouts.errors import BadInputError, MachineError, UsageError
from hereabouts.feeds.formats.source import faults, feed_files, names_a_copy, names_one_person, source_of


@pytest.mark.parametrize(
    ("name", "form", "compression"),
    [
        ("a.parquet", "parquet", None),
        ("a.parquet.zst", "parquet", "zstd"),
        ("a.b.csv", "csv", None),
        ("A.CSV.GZ", "csv", "gzip"),
        ("a.jsonl", "jsonl", None),
        ("a.ndjson.zst", "jsonl", "zstd"),
        ("a.json.gz", "jsonl", "gzip"),
    ],
)
def test_the_name_tells_format_and_compression(tmp_path: Path, name: str, form: str, compression: str | None) -> None:
    (tmp_path / name).write_bytes(b"x")
    source = source_of(tmp_path / name)
    assert (source.format, source.compression) == (form, compression)


@pytest.mark.parametrize("name", ["a.xlsx", "a", "a.gz", "a.csv.bz2", ".csv"])
def test_another_name_is_bad_input_that_says_what_is_expected(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(BadInputError, match=r"expected a name ending in \.parquet, \.csv, .* \.zst"):
        source_of(tmp_path / name)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for look in (source_of, feed_files):
        with pytest.raises(BadInputError, match="there is no such file"):
            look(tmp_path / "a.csv")


def test_a_file_of_no_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    with pytest.raises(BadInputError, match="empty"):
        source_of(tmp_path / "a.csv")


def test_a_directory_for_a_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a directory: expected a file"):
        source_of(tmp_path)


def test_a_pipe_for_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.csv")
    with pytest.raises(UsageError, match="not a regular file"):
        source_of(tmp_path / "a.csv")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission_on_disk(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"x")
    (tmp_path / "a.csv").chmod(0)
    with pytest.raises(MachineError, match="no permission"), faults(tmp_path / "a.csv"):
        source_of(tmp_path / "a.csv").open()


def test_no_permission_and_a_failing_disk_are_the_machines_fault() -> None:
    with pytest.raises(MachineError, match=r"a\.csv: no permission to read it"), faults(Path("a.csv")):
        raise PermissionError(errno.EACCES, "Permission denied")
    with pytest.raises(MachineError, match=r"a\.csv: Input/output error"), faults(Path("a.csv")):
        raise OSError(errno.EIO, "Input/output error")


def test_a_directory_stands_for_its_feed_files_by_name(tmp_path: Path) -> None:
    for name in ("b.csv", "a.jsonl.gz", "README.md", ".hidden.csv", "_marker.csv"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "c.parquet").mkdir()
    assert feed_files(tmp_path) == [tmp_path / "a.jsonl.gz", tmp_path / "b.csv"]
    assert feed_files(tmp_path / "b.csv") == [tmp_path / "b.csv"]


def test_a_directory_without_feed_files(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no feed file in this directory"):
        feed_files(tmp_path)


@pytest.mark.parametrize(
    ("name", "stem"), [("p017.json", "p017"), ("a.b.csv.gz", "a.b"), ("ANNA.PARQUET.ZST", "ANNA"), ("x.gz.csv", "x.gz")]
)
def test_a_files_stem_is_its_name_without_format_and_compression(tmp_path: Path, name: str, stem: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert source_of(tmp_path / name).stem == stem


@pytest.mark.parametrize("stem", ["p017", "042", "anna", "user17", "participant 3", "records-p017", "7f3a"])
def test_names_that_can_be_one_participants(stem: str) -> None:
    assert names_one_person(stem)


@pytest.mark.parametrize(
    "stem",
    [
        "Records",
        "records",
        "Records (1)",
        "Copy of Records",
        "Location History",
        "LocationHistory",
        "2020_JANUARY",
        "Takeout-Records_2",
        "user",
        "part-00000-7f3a-c000.snappy",
        "20240304",
        "2024-03-04",
        "",
        " ",
        "-",
    ],
)
def test_names_that_everybodys_file_may_have(stem: str) -> None:
    assert not names_one_person(stem)


@pytest.mark.parametrize(
    "stem",
    [
        "p017 (1)",
        "p017(2)",
        "p017 copy",
        "p017 copy 2",
        "p017 - Copy",
        "p017 - Copy (2)",
        "p017_copy",
        "Copy of p017",
        "p017 part 2",
        "p017-part-00001",
        "p017.Part1",
        "p017 part 1 of 2",
    ],
)
def test_names_of_a_copy_or_a_part_of_another_file(stem: str) -> None:
    assert names_a_copy(stem)


@pytest.mark.parametrize("stem", ["p017", "042", "anna", "participant 3", "photocopy", "counterpart 2", "(1) anna"])
def test_names_of_no_copy(stem: str) -> None:
    assert not names_a_copy(stem)


@pytest.mark.parametrize(
    "name", ["P017.json", "p017.JSON.gz", " P017 .csv", "ÅSA.json", "A\u030asa.json", "\u212bsa.csv"]
)
def test_one_person_is_one_device_however_their_name_is_spelled(tmp_path: Path, name: str) -> None:
    """A file system may keep case or not, and an accent as one character or two."""
    (tmp_path / name).write_bytes(b"x")
    assert source_of(tmp_path / name).device in ("p017", "åsa")
