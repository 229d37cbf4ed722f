from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.errors import BadInputError
from hereabouts.feeds.checks import Gate, check
from hereabouts.feeds.formats.json_document import Rows
from hereabouts.feeds.formats.lines import LINE_BYTES
from hereabouts.feeds.formats.readers import open_feed
from hereabouts.feeds.profile import Profile

PROFILE = Profile(
    "exports", device="id", time="t", latitude="y", longitude="x", ignored=frozenset({"more"}), document="rows"
)
GATE = Gate(max_accuracy=500.0, now=1_700_000_000, consent_by_supplier=True)
GOOD = '{"id": "a", "t": 1699963200, "y": 39.5, "x": 116.25}'


def rows_of(document: bytes, member: str = "rows", size: int = 1 << 20) -> tuple[list[bytes], bool, bool]:
    """The elements of a document's array, whether the document is whole, and whether there is an array."""
    rows = Rows(io.BytesIO(document).read, member)
    lines = b""
    while piece := rows.read(size):
        lines += piece
    return lines.split(b"\n")[:-1], rows.whole, rows.found


@pytest.mark.parametrize(
    ("document", "elements"),
    [
        ('{"rows":[]}', []),
        (' { "rows" : [ 1 , 2 ] } \r\n', ["1 ", "2 "]),
        ('{"rows":[{"a":[1,{"b":"]},\\""}]},null,"x,]"]}', ['{"a":[1,{"b":"]},\\""}]}', "null", '"x,]"']),
        ('{"before":{"rows":[1]},"text":"]}","n":-1.5e3,"rows":[2],"after":[[3]]}', ["2"]),
        ('{"row":[1],"rowss":[2],"ro":[],"rows":[3]}', ["3"]),
        ('{"rows":[1],"rows":[2]}', ["1", "2"]),
        ('{"rows":[{"a":\n\t1}]}', ['{"a":  1}']),
        ('{"rows":["line\nfeed","\\\t]\r",1]}', ['"line\x01feed"', '"\\\x01]\x01"', "1"]),
        ('{"text":"]\n\t","rows":["\x00"]}', ['"\x00"']),
    ],
)
def test_each_element_becomes_a_line(document: str, elements: list[str]) -> None:
    assert rows_of(document.encode()) == ([element.encode() for element in elements], True, True)


def test_the_array_may_be_the_document() -> None:
    assert rows_of(b'[{"a":1},\n 2]', "") == ([b'{"a":1}', b"2"], True, True)
    assert rows_of(b"{}", "") == ([], False, False)


@pytest.mark.parametrize(
    "document",
    [
        "",
        " ",
        "[1]",
        '{"rows":[1]',
        '{"rows":[1',
        '{"rows":[1}}',
        '{"rows":[1,]}',
        '{"rows":[,1]}',
        '{"rows":[1]]}',
        '{"rows":[1]} x',
        '{"rows":[1]}{"rows":[2]}',
        '{"rows":5}',
        '{"rows":{"a":[1]}}',
        '{"rows":[1],}',
        '{"rows" [1]}',
        '{"rows":["open]}',
        "{rows:[1]}",
        '{"a":,"rows":[1]}',
        '{"a\n":1,"rows":[1]}',
    ],
)
def test_what_is_not_one_whole_document_shows(document: str) -> None:
    assert not rows_of(document.encode())[1]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.text(max_size=5).filter(lambda name: name != "rows")


@settings(deadline=None)
@given(
    rows=st.lists(JSON, max_size=6),
    before=st.dictionaries(NAMES, JSON, max_size=3),
    after=st.dictionaries(NAMES, JSON, max_size=3),
    indent=st.sampled_from([None, 0, 2]),
    ascii_only=st.booleans(),
    size=st.integers(1, 40),
)
def test_what_json_writes_is_read_however_it_is_cut_into_pieces(
    rows: list[Any], before: dict[str, Any], after: dict[str, Any], indent: int | None, ascii_only: bool, size: int
) -> None:
    document = {**before, "rows": rows, **{f"{name} ": value for name, value in after.items()}}
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only)
    lines, whole, found = rows_of(text.encode("utf-8", "surrogatepass"), size=size)
    assert (whole, found) == (True, True)
    assert [json.loads(line.decode("utf-8", "surrogatepass")) for line in lines] == rows


@settings(deadline=None)
@given(st.text('{}[]",:\\ \n rows1', max_size=40).map(str.encode) | st.binary(max_size=40), st.integers(1, 7))
def test_any_bytes_come_to_an_end_and_pieces_change_nothing(content: bytes, size: int) -> None:
    content = b'{"rows":[' + content.removeprefix(b"\xef\xbb\xbf")
    lines, whole, found = rows_of(content)
    assert rows_of(content, size=size)[1:] == (whole, found)
    assert all(b"\n" not in line for line in lines)


@pytest.fixture
def outcome(tmp_path: Path) -> Callable[[str], tuple[list[str], dict[str, int]]]:
    """The accepted devices of a document, and its rows by reason."""

    def outcome(document: str) -> tuple[list[str], dict[str, int]]:
        path = tmp_path / "export.json"
        path.write_text(document, encoding="utf-8")
        devices: list[str] = []
        counts: dict[str, int] = {}
        for batch in open_feed(path, PROFILE).batches():
            pings = check(batch, PROFILE, GATE)
            devices += pings.device.to_pylist()
            counts = {reason: counts.get(reason, 0) + count for reason, count in pings.counts.items()}
        return devices, {reason: count for reason, count in counts.items() if count}

    return outcome


Outcome = Callable[[str], tuple[list[str], dict[str, int]]]


def test_a_dirty_element_costs_itself(outcome: Outcome) -> None:
    dirty = [
        "null",
        "5",
        "[]",
        "{}",
        GOOD[:-1] + ', "what": 1}',
        GOOD.replace("39.5", "[1]"),
        GOOD.replace('"y"', '"z"'),
        '{"id": tru}',
        GOOD.replace("39.5", "9" * 5000),
    ]
    devices, counts = outcome(f'{{"rows": [{GOOD}, {", ".join(dirty)}, {GOOD}]}}')
    assert devices == ["a", "a"]
    assert sum(counts.values()) == len(dirty)


@pytest.mark.parametrize("mark", ["\t", "\n", "\r", "\x00", "\x1f", "\\\n"])
@pytest.mark.parametrize("place", ['"a"', '"y"'])
def test_a_control_character_in_a_string_costs_its_element(outcome: Outcome, mark: str, place: str) -> None:
    """As it costs the line that it is in: made a space, it would make another device of one."""
    dirty = GOOD.replace(place, f'{place[:-1]}{mark}]}}"', 1)
    assert outcome(f'{{"rows": [{GOOD}, {dirty}, {GOOD}]}}') == (["a", "a"], {"unreadable": 1})


def test_what_is_never_read_may_be_anything(outcome: Outcome) -> None:
    assert outcome(f'{{"rows": [{GOOD[:-1]}, "more": [{{"mac": [1, {{}}]}}]}}]}}') == (["a"], {})


def test_deep_nests_and_long_elements_cost_themselves(outcome: Outcome) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    long = GOOD.replace('"a"', '"' + "a" * (2 * LINE_BYTES) + '"')
    devices, counts = outcome(f'{{"deep": {deep}, "rows": [{deep}, {GOOD}, {long}, {GOOD}]}}')
    assert (devices, counts) == (["a", "a"], {"unreadable": 2})


def test_an_id_is_never_changed_into_another(outcome: Outcome) -> None:
    r"""Half a surrogate pair is no text: reading it as ``?`` would make one device of many."""
    assert outcome(f'{{"rows": [{GOOD.replace("a", chr(92) + "ud800", 1)}, {GOOD}]}}') == (["a"], {"unreadable": 1})


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (
            f'{{"rows": [{GOOD}',
            "not one whole JSON document: expected one with an array 'rows' in its outermost object",
        ),
        (f'{{"rows": [{GOOD}]}} x', "not one whole JSON document"),
        (f'{{"lines": [{GOOD}]}}', "the JSON document has no rows: expected an array 'rows' in its outermost object"),
        ('{"rows": []}', "no rows: expected at least one; expected JSON objects in the array"),
        ('{"rows": [1, 2]}', "2 rows: not one line is a row; expected JSON objects in the array"),
    ],
)
def test_a_document_that_is_none_is_refused_without_a_word_of_it(outcome: Outcome, document: str, said: str) -> None:
    with pytest.raises(BadInputError, match=said) as caught:
        outcome(document)
    assert "116.25" not in str(caught.value)


def test_lines_are_no_document(outcome: Outcome) -> None:
    with pytest.raises(BadInputError, match="not one whole JSON document"):
        outcome(f"{GOOD}\n{GOOD}\n")
