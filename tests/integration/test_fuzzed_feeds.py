"""Broken feeds of every format, through the real command: an exit code and a sentence, no traceback, no hang.

A feed is written well and then broken: cut short, bits flipped, pieces taken out, doubled or swapped, before and after
it is compressed. What cannot be used leaves the store as it was; what can is taken, and the receipt adds up. Nothing
that the command says holds an id or a position of the feed.
"""

from __future__ import annotations

import gzip
import itertools
import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.conftest import Site

ROWS = [
    {
        "device_id": f"6d92078a-8246-4ba4-9b5b-7610486{number:05x}",
        "timestamp": f"2024-03-{4 + number % 9:02}T12:{number:02}:07Z",
        "latitude": 52.301017 + number / 1000,
        "longitude": -1.101113 - number / 1000,
        "horizontal_accuracy": 12.5,
        "consent": True,
        "limit_ad_tracking": False,
        "source_type": "sdk",
    }
    for number in range(24)
]
SECRETS = [str(value) for row in ROWS for value in (row["device_id"], row["latitude"], row["longitude"])]
COLUMNS = [*ROWS[0]]
WELL_ENDED, BAD_INPUT = 0, 4


def as_csv(rows: list[dict[str, Any]]) -> bytes:
    lines = [",".join(COLUMNS), *(",".join(str(value) for value in row.values()) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def as_json_lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def as_parquet(rows: list[dict[str, Any]]) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows), sink, row_group_size=7, compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    return content


def as_document(rows: list[dict[str, Any]]) -> bytes:
    """One JSON document, as Google Takeout's."""
    whole = [
        {
            "timestamp": row["timestamp"],
            "latitudeE7": round(row["latitude"] * 1e7),
            "longitudeE7": round(row["longitude"] * 1e7),
            "accuracy": 12,
            "activity": [{"activity": [{"type": "STILL"}]}],
        }
        for row in rows
    ]
    return json.dumps({"settings": {"a": ["]"]}, "locations": whole}).encode()


WRITERS = {"csv": as_csv, "jsonl": as_json_lines, "parquet": as_parquet, "json": as_document}
OPTIONS = {"json": ("--profile", "google-takeout", "--supplier", "trusted")}
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": partial(gzip.compress, mtime=0),
    ".zst": partial(pa.compress, codec="zstd", asbytes=True),
}
FORMS = [(form, packing) for form in WRITERS for packing in PACKERS]

share = st.floats(0, 1)
ODD_BYTES = st.binary(min_size=1, max_size=20) | st.sampled_from(
    [
        b"\0",
        b'"',
        b"\n",
        b"\r",
        b",",
        b"{",
        b"[",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"NaN",
        b"1e999",
        b"\xed\xa0\x80",
        b"9" * 400,
    ]
)


def cut_short(content: bytes, at: float) -> bytes:
    return content[: int(len(content) * at)]


def flipped(content: bytes, at: float, bit: int) -> bytes:
    place = int((len(content) - 1) * at)
    return content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :] if content else content


def put_in(content: bytes, at: float, odd: bytes, over: int) -> bytes:
    place = int(len(content) * at)
    return content[:place] + odd + content[place + over :]


def moved(content: bytes, begin: float, end: float, to: float) -> bytes:
    first, last = sorted((int(len(content) * begin), int(len(content) * end)))
    rest = content[:first] + content[last:]
    place = int(len(rest) * to)
    return rest[:place] + content[first:last] + rest[place:]


def doubled(content: bytes, begin: float, end: float) -> bytes:
    first, last = sorted((int(len(content) * begin), int(len(content) * end)))
    return content[:last] + content[first:]


Fault = tuple[Callable[..., bytes], tuple[Any, ...]]
FAULTS: st.SearchStrategy[Fault] = st.one_of(
    st.tuples(st.just(cut_short), st.tuples(share)),
    st.tuples(st.just(flipped), st.tuples(share, st.integers(0, 7))),
    st.tuples(st.just(put_in), st.tuples(share, ODD_BYTES, st.integers(0, 30))),
    st.tuples(st.just(moved), st.tuples(share, share, share)),
    st.tuples(st.just(doubled), st.tuples(share, share)),
)


def with_faults(content: bytes, faults: list[Fault]) -> bytes:
    for fault, how in faults:
        content = fault(content, *how)
    return content


class Desk:
    """Where broken feeds are handed in: each at a store of its own."""

    def __init__(self, empty: Site, folder: Path) -> None:
        self._empty = empty
        self._folder = folder
        self._numbers = itertools.count()

    def hand_in(self, name: str, content: bytes, *options: str) -> int:
        """Take a file in; see that it ended well, whichever way, and give the exit code."""
        site = self._empty.copy(self._folder / f"site{next(self._numbers)}")
        before, path = site.state(), site.folder / name
        path.write_bytes(content)
        try:
            done = site.run("intake", path, "--json", *(options or ("--supplier", "acme")))
            assert done.code in (WELL_ENDED, BAD_INPUT), done
            assert not any(secret in done.err for secret in SECRETS), done
            if done.code == WELL_ENDED:
                (receipt,) = done.json
                if receipt["files"]:  # that of one person's file tells no counts
                    assert receipt["taken"] + sum(receipt["dropped"].values()) == receipt["rows"], receipt
                    assert sum(receipt["windows"].values()) == receipt["taken"], receipt
            else:
                done.refuses(BAD_INPUT, name)
                assert site.state() == before
            return done.code
        finally:
            shutil.rmtree(site.folder)


@pytest.fixture(scope="module")
def desk(empty_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(empty_site, tmp_path_factory.mktemp("desk"))


def rounds(number: int) -> settings:
    """Settings of a test that runs a command for each example: few and the same ones each time, or many new ones."""
    calm = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
    return settings(max_examples=number, deadline=None, suppress_health_check=calm, derandomize=number < 100)


def broken(desk: Desk, form: str, packing: str, inside: list[Fault], outside: list[Fault]) -> None:
    packed = PACKERS[packing](with_faults(WRITERS[form](ROWS), inside))
    desk.hand_in(f"p017.{form}{packing}", with_faults(packed, outside), *OPTIONS.get(form, ()))


@pytest.mark.parametrize(("form", "packing"), FORMS)
def test_what_is_not_broken_is_taken(form: str, packing: str, desk: Desk) -> None:
    content = PACKERS[packing](WRITERS[form](ROWS))
    assert desk.hand_in(f"p017.{form}{packing}", content, *OPTIONS.get(form, ())) == WELL_ENDED


@pytest.mark.parametrize("form", ["jsonl", "json"])
@pytest.mark.parametrize("deep", [b"[" * 100_000, b'{"a":' * 100_000, b'{"locations":[' + b"[" * 100_000])
def test_bottomless_brackets(form: str, deep: bytes, desk: Desk) -> None:
    assert desk.hand_in(f"p017.{form}", deep, *OPTIONS.get(form, ())) == BAD_INPUT
    whole = WRITERS[form](ROWS)
    if form == "jsonl":
        assert desk.hand_in("p017.jsonl", whole + deep + b"\n" + whole) == WELL_ENDED


@rounds(30)
@given(form=st.sampled_from(FORMS), inside=st.lists(FAULTS, max_size=3), outside=st.lists(FAULTS, max_size=2))
def test_broken_feeds(form: tuple[str, str], inside: list[Fault], outside: list[Fault], desk: Desk) -> None:
    broken(desk, *form, inside, outside)


@pytest.mark.prove
@pytest.mark.parametrize(("form", "packing"), FORMS)
@rounds(500)
@given(inside=st.lists(FAULTS, max_size=4), outside=st.lists(FAULTS, max_size=3))
def test_broken_feeds_of_each_format(
    form: str, packing: str, inside: list[Fault], outside: list[Fault], desk: Desk
) -> None:
    broken(desk, form, packing, inside, outside)


# Values that no supplier would send on purpose, in place of good ones.
ODD_TEXT = st.text(max_size=40) | st.sampled_from(["", " ", "nan", "-0", "1e999", "0x10", "TRUE", "None", "2024-02-30"])
ODD_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ODD_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
CHANGES = st.lists(st.tuples(st.integers(0, len(ROWS) - 1), st.sampled_from(COLUMNS), ODD_JSON), max_size=12)


def changed(changes: list[tuple[int, str, Any]]) -> list[dict[str, Any]]:
    rows = [dict(row) for row in ROWS]
    for row, column, value in changes:
        rows[row][column] = value
    return rows


@rounds(15)
@given(changes=CHANGES, unknown=st.dictionaries(ODD_TEXT, ODD_JSON, max_size=2))
def test_odd_values_in_json_lines(changes: list[tuple[int, str, Any]], unknown: dict[str, Any], desk: Desk) -> None:
    rows = changed(changes)
    rows[5] |= unknown
    desk.hand_in("feed.jsonl", as_json_lines(rows))


@rounds(15)
@given(
    elements=st.lists(ODD_JSON | st.fixed_dictionaries({"latitudeE7": ODD_JSON, "timestampMs": ODD_JSON}), max_size=4)
)
def test_odd_elements_in_documents(elements: list[Any], desk: Desk) -> None:
    document = json.loads(as_document(ROWS))
    document["locations"][3:5] = elements
    desk.hand_in("p017.json", json.dumps(document).encode(), *OPTIONS["json"])


@rounds(15)
@given(changes=CHANGES)
def test_odd_values_in_csv(changes: list[tuple[int, str, Any]], desk: Desk) -> None:
    content = as_csv([{column: str(value) for column, value in row.items()} for row in changed(changes)])
    desk.hand_in("feed.csv", content)


SIZE = 8
ODD_COLUMNS: dict[str, pa.Array] = {
    "null": pa.nulls(SIZE),
    "whole": pa.array([0, 1, -1, None, 2**63 - 1, -(2**63), 7, 8], pa.int64()),
    "unsigned": pa.array([2**64 - 1] * SIZE, pa.uint64()),
    "half": pa.array([1.5] * SIZE, pa.float16()),
    "floats": pa.array([float("nan"), float("inf"), -0.0, 1e308, None, 90.0, -180.0, 1e-320]),
    "decimal": pa.array([None, 1, 2, 3, 4, 5, 6, 7], pa.decimal256(60, 10)),
    "text": pa.array(["", " ", None, "x" * 5000, "1e5", "2024-03-05T00:00Z", "\0", "true"]),
    "views": pa.array(["a"] * SIZE, pa.string_view()),
    "bytes": pa.array([b"\xff", b"", None, b"1", b"\0" * 9, b"true", b"52.3", b"9" * 40]),
    "words": pa.array(["a", None] * 4).dictionary_encode(),
    "days": pa.array([0, None] * 4, pa.date32()),
    "clock": pa.array([0, 86_399_999_999] * 4, pa.time64("us")),
    "nanoseconds": pa.array([2**63 - 1, -(2**63) + 1] * 4, pa.timestamp("ns", "Asia/Shanghai")),
    "microseconds": pa.array([-(2**63), 2**63 - 1, None, 0, 1, 2, 3, 4], pa.int64()).view(pa.timestamp("us")),
    "durations": pa.array([1] * SIZE, pa.duration("ms")),
    "lists": pa.array([[1.0], None, [], [2.0]] * 2),
    "structs": pa.array([{"latitude": 1.0}, None] * 4),
    "maps": pa.array([[("a", 1)], None] * 4, pa.map_(pa.string(), pa.int64())),
    "flags": pa.array([True, False, None, True] * 2),
}


@rounds(20)
@given(columns=st.dictionaries(st.sampled_from([*COLUMNS, "", "é", "ip_address"]), st.sampled_from([*ODD_COLUMNS])))
def test_odd_columns_in_parquet(columns: dict[str, str], desk: Desk) -> None:
    """Any column of any type: refused whole by its type, or taken row by row."""
    table = {name: pa.array([row[name] for row in ROWS[:SIZE]]) for name in COLUMNS}
    table |= {name: ODD_COLUMNS[kind] for name, kind in columns.items()}
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(table), sink, store_schema=len(columns) % 2 == 0)
    desk.hand_in("feed.parquet", sink.getvalue().to_pybytes())
