"""What fuzzers throw bytes at: each target reads them as feeds are read, and holds the outcome to a plain reading.

The plain readings are regular expressions and the standard library, written for being right rather than quick. A
target gives what it read, so that compiled and interpreted code can be compared too.
"""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa

from hereabouts.feeds.formats import csv_lines, json_document, json_lines, lines
from hereabouts.feeds.ids import blake3, id_kernels, identifiers
from hereabouts.feeds.profile import MILLISECONDS_FROM
from hereabouts.feeds.values import instants, numbers
from hereabouts.movement.kernel import read_only

SLOTS = {"a": 0, "bc": 1, "d": 2, "ip": -1}
FEW_BYTES = 40  # stands in for the megabyte of a line
_FIELD = rb'"(?:[^"]|"")*"|(?!")[^%s]*'
_DECIMAL = re.compile(rb"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_EPOCH = re.compile(rb"([+-]?\d{1,18})(\.\d*)?")
_ISO = re.compile(
    rb"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?(?:([Zz])|([+-])(\d\d)(?::?(\d\d))?)?"
)


def of_csv(data: bytes) -> Any:
    """Lines of values: the first byte says how many columns there are, and what stands between them."""
    columns, separator, block = 1 + data[0] % 4, b",;\t|"[data[0] // 4 % 4], data[1:]
    view, slots, at = lines.view_of(block), read_only(np.arange(columns), np.int64), 0
    found: list[tuple[bytes | None, ...]] = []
    while at < len(block):
        bounds = lines.room(block, columns)
        rows, good, after = csv_lines.cut(view, at, slots, separator, bounds)
        assert at < after <= len(block) + 1
        assert good == sum(bool((row[:, 2] != lines.ABSENT).all()) for row in bounds[:rows])
        cut = lines.batch(view, bounds[:rows], {str(k): k for k in range(columns)}).to_pydict()
        found += zip(*cut.values(), strict=True)
        at = after
    ended = (line.removesuffix(b"\r") for line in block.split(b"\n"))
    assert found == [_plain_row(line, columns, separator) for line in ended if line]
    return found


def _plain_row(line: bytes, columns: int, separator: int) -> tuple[bytes | None, ...]:
    mark = re.escape(bytes([separator]))
    field = _FIELD % mark
    whole = re.fullmatch(mark.join([rb"(%s)" % field] * columns), line, re.DOTALL)
    if whole is None:
        return (None,) * columns
    values = (value[1:-1].replace(b'""', b'"') if value.startswith(b'"') else value for value in whole.groups())
    return tuple(value or None for value in values)


def of_json_lines(block: bytes) -> Any:
    """Lines of JSON: what the compiled loop takes, ``json`` takes too, and reads the same."""
    names, marks = json_lines.known_names(SLOTS)
    at, found = 0, []
    while at < len(block):
        bounds, told = lines.room(block, 3), np.empty((len(lines.room(block, 3)), 3), np.int64)
        rows, at = json_lines.cut(lines.view_of(block), at, names, marks, bounds, told)
        for row, (begin, end, fate) in zip(bounds[:rows].tolist(), told[:rows].tolist(), strict=True):
            hard = json_lines.read_hard(block[begin:end])
            found.append((fate, hard))
            if fate == json_lines.READ:
                assert hard is not None
                cut = {
                    name: None if row[slot][2] == lines.NULL else block[row[slot][0] : row[slot][1]]
                    for name, slot in SLOTS.items()
                    if slot >= 0 and row[slot][2] != lines.ABSENT
                }
                assert cut == {name: value for name, value in hard.items() if SLOTS[name] >= 0}
    assert len(found) == sum(bool(line.strip(b" \t\r")) for line in block.split(b"\n"))
    return found


def of_json_document(data: bytes) -> Any:
    """A document: its rows are those that ``json`` finds, in pieces of any size."""
    member = ["", "rows"][data[0] % 2]
    whole = json_document.Rows(io.BytesIO(data[1:]).read, member)
    rows = _all_of(whole, len(data))
    pieces = json_document.Rows(io.BytesIO(data[1:]).read, member)
    assert _all_of(pieces, 1 + data[0] // 2 % 8) == rows
    assert (pieces.found, pieces.whole) == (whole.found, whole.whole)
    try:
        document = json.loads(data[1:])
    except (ValueError, RecursionError):
        return rows, whole.found, whole.whole
    inner = document if not member else _only(data[1:], member)
    if isinstance(inner, list) and isinstance(document, list if not member else dict):
        assert (whole.found, whole.whole) == (True, True)
        # Compared as text: NaN equals nothing, not even itself.
        assert [repr(json.loads(row)) for row in rows.splitlines()] == [repr(row) for row in inner]
    return rows, whole.found, whole.whole


def _all_of(rows: json_document.Rows, size: int) -> bytes:
    return b"".join(iter(lambda: rows.read(size), b""))


def _only(document: bytes, member: str) -> Any:
    """The member of the outermost object, where it is spelled plainly and is there once."""
    pairs = json.loads(document, object_pairs_hook=list)
    values = [value for name, value in pairs if name == member] if isinstance(pairs, list) else []
    plain = document.count(json.dumps(member).encode()) == 1 and b"\\" not in document
    return json.loads(document)[member] if len(values) == 1 and plain else None


def of_blocks(data: bytes) -> Any:
    """Blocks of whole lines: nothing is lost, and a line that is too long is one row that cannot be read."""
    size, content = 1 + data[0], data[1:]
    kept = lines.LINE_BYTES
    lines.LINE_BYTES = FEW_BYTES
    try:
        blocks = list(lines.blocks(io.BytesIO(content).read, size))
    finally:
        lines.LINE_BYTES = kept
    assert all(block.endswith(b"\n") for block in blocks[:-1])
    assert all(len(block) <= size + FEW_BYTES for block in blocks)
    whole = content.removeprefix(lines.BYTE_ORDER_MARK) if size >= 3 else content
    if size >= 3 or not content.startswith(lines.BYTE_ORDER_MARK):
        assert _shortened(b"".join(blocks)) == _shortened(whole)
    return blocks


def _shortened(content: bytes) -> list[bytes]:
    found = [b"\0" if len(line) > FEW_BYTES else line for line in content.split(b"\n")]
    return found[:-1] if found[-1] == b"" else found


def of_numbers(data: bytes) -> Any:
    """Decimal numbers, as degrees and as whole numbers of 1e-7 degrees."""
    values = data.split(b"\n")
    read = numbers.floats(pa.array(values, pa.binary()), -1.0).tolist()
    for value, number in zip(values, read, strict=True):
        text = value.strip(b" \t\n\v\f\r")
        plain = -1.0 if not text else float(text) if _DECIMAL.fullmatch(text) else math.nan
        assert number == plain or (math.isnan(number) and math.isnan(plain))
    scaled = numbers.degrees(pa.array(values, pa.binary()), 1e-7).tolist()
    for value, degrees in zip(values, scaled, strict=True):
        if re.fullmatch(rb"-?\d{1,15}", value):
            assert degrees == float(Fraction(int(value), 10**7))
    return repr((read, scaled))


def of_instants(data: bytes) -> Any:
    """Times, in every unit that a profile may say."""
    values = data.split(b"\n")
    read = {unit: instants.seconds(pa.array(values, pa.binary()), unit).tolist() for unit in ("auto", "s", "ms", "us")}
    for unit, found in read.items():
        assert found == [_plain_seconds(value.strip(b" \t\n\v\f\r"), unit) for value in values]
    return read


def _plain_seconds(text: bytes, unit: str) -> int:
    if text[4:5] == b"-":
        return _plain_iso(text)
    match = _EPOCH.fullmatch(text)
    if match is None:
        return instants.UNREADABLE
    number = Decimal(text.decode()).to_integral_value(ROUND_FLOOR)
    per_second = {"s": 1, "ms": 1000, "us": 10**6, "auto": 1000 if abs(number) >= MILLISECONDS_FROM else 1}[unit]
    return int(number) // per_second


def _plain_iso(text: bytes) -> int:
    match = _ISO.fullmatch(text)
    if match is None:
        return instants.UNREADABLE
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    sign, hours, minutes = match[8], int(match[9] or 0), int(match[10] or 0)
    leap = second == 60
    try:
        # datetime knows no year 0: 400 years later the calendar is the same.
        time = datetime(year or 400, month, day, hour, minute, 59 if leap else second, tzinfo=UTC)
    except ValueError:
        return instants.UNREADABLE
    if hours > 23 or minutes > 59:
        return instants.UNREADABLE
    since = (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1) - (0 if year else 146_097 * 86_400)
    east = (hours * 3600 + minutes * 60) * (-1 if sign == b"-" else 1)
    return since + leap - east


def of_ids(data: bytes) -> Any:
    """Device ids: usable or not, and the canonical form of those that are, as it is hashed."""
    values = data.split(b"\n")[: blake3.LANES]
    states = identifiers.id_states(pa.array(values, pa.binary())).tolist()
    found = []
    for value, state, form in zip(values, states, _messages(values), strict=True):
        try:
            text = identifiers.canonical_id(value.decode())
        except UnicodeDecodeError:
            assert state == identifiers.UNUSABLE
            continue
        zero = text == "00000000-0000-0000-0000-000000000000"
        usable = 0 < len(value.strip(b" \t\n\v\f\r")) <= identifiers.ID_BYTES
        assert state == (identifiers.ALL_ZERO if zero else identifiers.USABLE if usable else identifiers.UNUSABLE)
        assert form == (text.encode() if usable else b"")
        found.append((state, form))
    return found


def _messages(values: list[bytes]) -> list[bytes]:
    """What would be hashed of each id."""
    messages, lengths = blake3.new_messages(len(values), identifiers.ID_BYTES)
    stops = np.cumsum([len(value) for value in values])
    starts = stops - [len(value) for value in values]
    room = np.zeros(identifiers.ID_BYTES, np.uint8)
    id_kernels.write_messages(
        lines.view_of(b"".join(values)),
        read_only(starts, np.int64),
        read_only(stops, np.int64),
        room,
        messages,
        lengths,
    )
    text = np.ascontiguousarray(messages[0].reshape(-1, blake3.LANES).T).astype("<u4").view(np.uint8)
    return [text[lane, : lengths[lane]].tobytes() for lane in range(len(values))]


Target = Callable[[bytes], Any]
TARGETS: dict[str, Target] = {
    "csv": of_csv,
    "json lines": of_json_lines,
    "json document": of_json_document,
    "blocks": of_blocks,
    "numbers": of_numbers,
    "instants": of_instants,
    "ids": of_ids,
}
SEEDS: dict[str, list[bytes]] = {
    "csv": [b'\x03a,"b ""c""",3,\n1,2,3,4\r\n', b"\x02a,b,c\nx", b'\x05"1";"2;3"\n"4"x;5\n6;"7'],
    "json lines": [
        b'{"a":1,"bc":"x","d":null}\n{"a":-1.5e-3,"ip":[{}]}\n',
        b'{"a":true,"d":"\\u00e9"}',
        b'{"a":0}\n{"a":10}\n{"bc":-0.0}\n{"d":0e1}\n{"ip":00}\n',
    ],
    "json document": [b'\x01{"x":[{"rows":1}],"rows":[{"a":"]\\""},2, []],"y":{}}', b'\x00[{"a":1},\n{"a":{}}]'],
    "blocks": [b"\x05\xef\xbb\xbfa,b\n" + b"x" * 60 + b"\nc", b"\x40a\nb\n"],
    "numbers": [b"52.30\n-1.5e-3\n .5 \n1.\n+0\n390123456", b"1e400\n-1e-400\n123456789012345678901"],
    "instants": [
        b"2024-02-29T23:59:60.5+05:30\n2024-03-04 12:00\n1709640123\n-1709640123000.5",
        b"0000-01-01T00:00Z\n1999-12-31T23:59+23:59\n2000-02-29t00:00:00,1z\n1900-02-28T00:00-0930",
        b"99999999999\n100000000000\n-100000000000.0\n123456789012345678.9",
    ],
    "ids": [
        b" {6D92078A8246BA4439E9E0E5E0B2C4D1}\n6D92078A-8246-ba44-39E9-e0e5e0b2c4d1",
        b"00000000-0000-0000-0000-000000000000\nabc",
        b"\xc3\xa9\n\xff",
    ],
}
WORDS = [*"0123456789-+.,:;eTZ{}[]\\ \t\r\n", '"', "null", "true", "false", '"a":', '"rows":', "00", "24", "60", "99"]
"""What a fuzzer may try to put in, besides what it finds by itself."""


def read(name: str, data: bytes) -> Any:
    """Throw bytes at a target, or with the name "all" at the one that the first of them says; no bytes are nothing."""
    if name == "all" and data:
        name, data = [*TARGETS][data[0] % len(TARGETS)], data[1:]
    return TARGETS[name](data) if data else None


def seeds(name: str) -> list[bytes]:
    """Good input to begin with."""
    if name != "all":
        return SEEDS[name]
    return [bytes([number]) + seed for number, one in enumerate(TARGETS) for seed in SEEDS[one]]
