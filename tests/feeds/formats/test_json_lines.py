from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.feeds.formats.json_lines import BROKEN, HARD, READ, cut, known_names, read_hard
from hereabouts.feeds.formats.lines import ABSENT, LINE_BYTES, NULL, room, view_of

SLOTS = {"a": 0, "bc": 1, "d": 2, "ip": -1}


def cut_one(line: bytes) -> tuple[int, dict[str, bytes | None]]:
    """What became of a line, and the values that were cut out of it."""
    bounds, lines = room(line, 3), np.empty((1, 3), np.int64)
    names, marks = known_names(SLOTS)
    rows, _ = cut(view_of(line), 0, names, marks, bounds, lines)
    assert rows == 1
    values: dict[str, bytes | None] = {}
    for name, (begin, stop, state) in zip(SLOTS, bounds[0].tolist(), strict=False):
        if state != ABSENT:
            values[name] = None if state == NULL else line[begin:stop]
    return int(lines[0, 2]), values


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ('{"a":1,"bc":"x","d":true}', {"a": b"1", "bc": b"x", "d": b"true"}),
        ('\t{ "d" : null , "a" : -1.5e-3 } \r', {"d": None, "a": b"-1.5e-3"}),
        ('{"a":"","bc":false,"ip":"10.0.0.1"}', {"a": b"", "bc": b"false"}),
        ('{"a":1,"ip":2,"ip":3}', {"a": b"1"}),
        ('{"a":0}', {"a": b"0"}),
    ],
)
def test_a_plain_line_is_cut_by_the_compiled_loop(line: str, values: dict[str, bytes | None]) -> None:
    assert cut_one(line.encode()) == (READ, values)


@pytest.mark.parametrize(
    "line",
    [
        "{}", '{"a":01}', '{"a":1.}', '{"a":.5}', '{"a":+1}', '{"a":-}', '{"a":1e}', '{"a":NaN}', '{"a":"\\u0041"}',
        '{"a":"é"}',
        '{"a":1,"a":2}', '{"bc":1,"a":null,"bc":1}',
        '{"z":1}', '{"a":{}}', '{"a":[1]}', '{"a":1', '{"a":"1}', '{"a":1},', '{"a" 1}', '{"a":tru}',
        '{"a":1,}',
        "[1]", "x", '{"a":"\x01"}', '{"a":nul', "{", '{"a":', '{"a"',
    ],
)  # fmt: skip
def test_any_other_line_is_left_to_json(line: str) -> None:
    assert cut_one(line.encode()) == (HARD, {})


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ('{"a":"\\u0041\\"","z":1.50}', {"a": b'A"', "z": b"1.50"}),
        (
            '{"a":NaN,"bc":-Infinity,"d":' + "9" * 5000 + "}",
            {"a": b"NaN", "bc": b"-Infinity", "d": b"9" * 5000},
        ),
        ('{"a":{"b":1}}', None),
        ('{"a":[]}', None),
        ('{"a":1,"a":1}', None),
        ('{"a":1,"\\u0061":2}', None),
        ('{"a":null,"bc":1,"a":2}', None),
        ('{"a":"\\ud800"}', None),
        ("[" * 100_000, None),
        ('{"a":' * 100_000, None),
        ("17", None),
        ("", None),
    ],
)
def test_json_reads_hard_lines_into_the_text_that_stands_in_them(
    line: str, values: dict[str, bytes | None] | None
) -> None:
    assert read_hard(line.encode()) == values


def test_what_is_never_read_may_be_anything_and_come_twice() -> None:
    line = b'{"a":1,"more":{"b":1,"b":[{}]},"more":2}'
    assert read_hard(line, {"more"}) == {"a": b"1", "more": None}
    assert read_hard(line) is None


def test_bytes_that_are_not_utf8_are_no_line() -> None:
    assert read_hard(b'{"a":"\xff"}') is None


def test_a_line_over_the_limit_is_not_even_looked_at() -> None:
    line = b'{"a":"' + b"x" * LINE_BYTES + b'"}'
    assert cut_one(line) == (BROKEN, {})


scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6))
members = st.tuples(st.sampled_from([*SLOTS, "z"]), scalars)


def written(members: Sequence[tuple[str, object]]) -> str:
    """An object of these members, which may have a name twice."""
    return "{" + ", ".join(f'"{name}": {json.dumps(value)}' for name, value in members) + "}"


objects = st.lists(members, max_size=5).map(written)


@settings(deadline=None)
@given(objects, st.data())
def test_what_the_compiled_loop_takes_json_takes_and_reads_the_same(text: str, data: st.DataObject) -> None:
    if data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(text)))
        text = (
            text[:at]
            + data.draw(st.text('{}",:0-.etrunaf\\ \t', max_size=2))
            + text[at + data.draw(st.integers(0, 2)) :]
        )
    line = text.replace("\n", " ").encode() or b"x"
    if not line.strip(b" \t\r"):
        return
    fate, values = cut_one(line)
    if fate == READ:
        expected = read_hard(line, {"ip"})
        assert expected is not None
        assert values == {name: expected[name] for name in expected if SLOTS[name] >= 0}
