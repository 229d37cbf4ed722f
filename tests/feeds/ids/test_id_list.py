"""Lists of ids: one a line, in any spelling; a line that can be no id is counted, and none is ever shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hereabouts.errors import BadInputError, MachineError
from hereabouts.feeds.ids.id_list import read_ids
from hereabouts.feeds.ids.identifiers import ID_BYTES

ZERO = "00000000-0000-0000-0000-000000000000"


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "ids.txt"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "ids", "given_", "invalid"),
    [
        (b"a\nb\n", 2, 2, 0),
        (b"a\nb", 2, 2, 0),
        (b"a\r\n\r\n b \r\n\n\n", 2, 2, 0),
        (b"\xef\xbb\xbfa\n", 1, 1, 0),
        (b"a\na\n", 2, 2, 0),
        (f"{ZERO}\na\n".encode(), 1, 2, 1),
        (b"\xff\xfd\na\n", 1, 2, 1),
        (b"a\t\n\tb\r\r\n\f\nc\r", 3, 3, 0),
        (b"o'neill's\n", 1, 1, 0),
        (b"a\nid\n", 2, 2, 0),
        (b"x" * (ID_BYTES + 1) + b"\na\n", 1, 2, 1),
        ("Gerät 7\n".encode(), 1, 1, 0),
    ],
)
def test_lines_are_counted(content: bytes, ids: int, given_: int, invalid: int, tmp_path: Path) -> None:
    found = read_ids(written(tmp_path, content))
    assert (len(found.ids), found.given, found.invalid) == (ids, given_, invalid)


def test_a_byte_order_mark_is_no_part_of_an_id(tmp_path: Path) -> None:
    assert read_ids(written(tmp_path, b"\xef\xbb\xbfa\nb")).ids.to_pylist() == [b"a\n", b"b"]


@given(st.binary(max_size=200))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_list_or_refused(tmp_path: Path, content: bytes) -> None:
    try:
        found = read_ids(written(tmp_path, content))
    except BadInputError:
        return
    assert not set(content) & {0, 1, 31, 127, *b',;"'}
    lines = [line for line in content.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip()]
    assert found.given == len(lines)
    assert 0 < len(found.ids) == found.given - found.invalid


@pytest.mark.parametrize(
    ("content", "rows", "words"),
    [
        (b'"secret-1"\n"secret-2"\n\n', 2, "a quotation mark"),
        (b"'secret-1'\n'secret-2'\n", 2, "a quotation mark at an end"),
        (b"secret-1,\nsecret-2,,\nc\n", 2, "a comma or a semicolon"),
        (b"secret-1;2024-03-04\n", 1, "a comma or a semicolon"),
        (b"a\nsecret-1\t2024-03-04\n", 1, "a tab"),
        (b"secret-1\rsecret-2\rc\r", 1, "an end of line without a line feed"),
        (b"secret-1\x0bb\r\nc\x0cd\r\n", 2, "an end of line without a line feed"),
        (b"secret-1\x07\nb\n", 1, "a control character"),
        (b"secret-1\x7f\n", 1, "a control character"),
        (b"s\0e\0c\0\n\0", 2, "a NUL"),
        (b"device_id\nsecret-1\n", 1, "the first line is the name of a column"),
        (b"\xef\xbb\xbf IDFA\r\nsecret-1\r\n", 1, "the first line is the name of a column"),
    ],
)
def test_a_file_that_names_nobody_is_refused(content: bytes, rows: int, words: str, tmp_path: Path) -> None:
    """WITHDRAW: it would be filed as done, and the devices would stay."""
    with pytest.raises(BadInputError, match=words) as refusal:
        read_ids(written(tmp_path, content))
    assert refusal.value.rows == rows
    assert "expected ids alone, one a line, in UTF-8" in str(refusal.value)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_list_in_utf_16_is_refused(encoding: str, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="is in UTF-16; expected ids alone"):
        read_ids(written(tmp_path, "\ufeffa\nb\n".encode(encoding)))


@pytest.mark.parametrize("content", [b"", b"\n \n", ZERO.encode(), "a\nb\n".encode("utf-16")[1:2] * 9])
def test_a_file_without_an_id_is_none(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="expected ids, one a line") as refusal:
        read_ids(written(tmp_path, content))
    assert "0000-" not in str(refusal.value)


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no such file"):
        read_ids(tmp_path / "none.txt")
    with pytest.raises(BadInputError, match="is not a file"):
        read_ids(tmp_path)


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = written(tmp_path, b"a\n")
    path.chmod(0)
    us = os.geteuid()
    if us == 0:
        os.seteuid(65534)  # root may read everything, so be nobody for a moment
    try:
        with pytest.raises(MachineError, match="cannot read"):
            read_ids(path)
    finally:
        os.seteuid(us)
