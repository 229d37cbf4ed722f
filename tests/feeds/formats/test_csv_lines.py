from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.feeds.formats.csv_lines import cut, header
from hereabouts.feeds.formats.lines import LINE_BYTES, batch, room, view_of
from hereabouts.movement.kernel import read_only


def rows_of(text: str, columns: int, separator: str = ",") -> tuple[list[tuple[str | None, ...]], int]:
    """All rows of some lines, and how many of them could be read."""
    block = text.encode()
    bounds = room(block, columns)
    slots = read_only(np.arange(columns), np.int64)
    rows, good, at = cut(view_of(block), 0, slots, ord(separator), bounds)
    assert at >= len(block)
    found = batch(view_of(block), bounds[:rows], {str(k): k for k in range(columns)}).to_pydict()
    return [tuple(v and v.decode() for v in row) for row in zip(*found.values(), strict=True)], good


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ("1,2,3", ("1", "2", "3")),
        ("1,2,3\r", ("1", "2", "3")),
        (",,", (None, None, None)),
        ('"1","2","3"', ("1", "2", "3")),
        ('"a,b",,"say ""hi"""', ("a,b", None, 'say "hi"')),
        ('a"b, c ,"', None),
        ('1,"",3', ("1", None, "3")),
        ("1,2", None),
        ("1,2,3,", None),
        ('1,2,"3', None),
        ('1,"2"x,3', None),
        ("no commas", None),
    ],
)
def test_a_line_is_cut_or_left_out(line: str, row: tuple[str | None, ...] | None) -> None:
    good = ("7", "8", "9")
    found, readable = rows_of(f"7,8,9\n{line}\n7,8,9\n", 3)
    assert found == [good, row or (None, None, None), good]
    assert readable == (2 if row is None else 3)


def test_a_quote_that_is_never_closed_does_not_swallow_the_next_rows() -> None:
    found, _ = rows_of('1,"2\n3,4\n5,6"\n7,8', 2)
    assert found == [(None, None), ("3", "4"), ("5", '6"'), ("7", "8")]


def test_blank_lines_are_no_rows_and_the_last_line_needs_no_end() -> None:
    assert rows_of("\n\r\n1,2\n\n3,4", 2) == ([("1", "2"), ("3", "4")], 2)


def test_a_line_over_the_limit_is_left_out() -> None:
    longest = "1," + "x" * (LINE_BYTES - 2)
    assert [good for _, good in (rows_of(longest + "\n", 2), rows_of(longest + "x\n", 2))] == [1, 0]


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8"), max_size=6), min_size=2, max_size=4))
def test_what_pythons_csv_writes_is_read(values: list[str]) -> None:
    class Lines(list[str]):
        write = list.append

    lines = Lines()
    csv.writer(lines).writerow(values)
    assert rows_of("".join(lines), len(values)) == ([tuple(value or None for value in values)], 1)


@settings(deadline=None)
@given(st.lists(st.text('ab,"\r', min_size=1, max_size=9).filter(lambda line: line != "\r"), min_size=1))
def test_every_line_is_one_row_whose_meaning_is_its_own(lines: list[str]) -> None:
    together, good = rows_of("\n".join(lines), 3)
    alone = [rows_of(line, 3) for line in lines]
    assert together == [row for rows, _ in alone for row in rows]
    assert good == sum(readable for _, readable in alone)


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_another_separator_makes_commas_part_of_a_value(separator: str) -> None:
    assert rows_of(separator.join(["1,5", '"a""b"', ""]), 3, separator) == ([("1,5", 'a"b', None)], 1)
    assert rows_of("1,2,3", 3, separator) == ([(None, None, None)], 0)


def test_a_header_is_read_by_the_first_separator_that_gives_enough_names() -> None:
    line = b'"lat";lon; t,z\r'
    assert header(line, (",", ";"), lambda names: "lon" in names) == (["lat", "lon", "t,z"], ";")
    assert header(b"lat;lon,t", (",", ";"), lambda names: "speed" in names) == (["lat;lon", "t"], ",")
    assert header(line, (",", ";", "|")) == (["lat", "lon", "t,z"], ";")


@pytest.mark.parametrize("line", [b"\xff\xfe", b'"open'])
def test_what_is_no_header_says_so(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"codec can't decode|not a line of CSV"):
        header(line, (",",))
