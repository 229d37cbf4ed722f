from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.errors import BadInputError
from hereabouts.feeds.checks import Gate, check
from hereabouts.feeds.formats import lines, text_feeds
from hereabouts.feeds.formats.readers import open_feed
from hereabouts.feeds.profile import CANONICAL, Profile

Row = dict[str, Any]
Feed = Callable[..., Path]
Write = Callable[[str, Sequence[Row]], Path]

HEADER = "device_id,timestamp,latitude,longitude,consent"
GOOD_CSV = "a,2023-11-14T12:00:00Z,39.5,116.25,true"
GOOD_JSON = '{"device_id":"a","timestamp":1699963200,"latitude":39.5,"longitude":116.25,"consent":true}'
GATE = Gate(max_accuracy=500.0, now=1_700_000_000, consent_by_supplier=False)
COVERED = Gate(max_accuracy=500.0, now=1_700_000_000, consent_by_supplier=True)


def outcome(path: Path, gate: Gate = GATE) -> tuple[list[str], dict[str, int]]:
    """The accepted devices of a feed, and its rows by reason; none of either where the file is refused."""
    devices: list[str] = []
    counts: dict[str, int] = {}
    try:
        for batch in open_feed(path, CANONICAL).batches():
            pings = check(batch, CANONICAL, gate)
            devices += pings.device.to_pylist()
            for reason, count in pings.counts.items():
                counts[reason] = counts.get(reason, 0) + count
    except BadInputError as error:
        return [], {"unreadable": error.rows or 0}
    return sorted(devices), {reason: count for reason, count in counts.items() if count}


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Feed:
    """Write lines, or bytes as they are, to a file."""
    folder = tmp_path_factory.mktemp("feeds")

    def feed(name: str, *content: str | bytes) -> Path:
        path = folder / name
        path.write_bytes(b"".join(line.encode() + b"\n" if isinstance(line, str) else line for line in content))
        return path

    return feed


def test_a_bad_value_costs_its_row_and_no_other(feed: Feed) -> None:
    path = feed("f.csv", HEADER, GOOD_CSV, GOOD_CSV.replace("39.5", "north"), GOOD_CSV + ",", GOOD_CSV[:20], GOOD_CSV)
    assert outcome(path) == (["a", "a"], {"unreadable": 3})


def test_a_broken_json_line_costs_itself_and_types_may_vary(feed: Feed) -> None:
    varied = json.loads(GOOD_JSON) | {
        "latitude": "39.5",
        "timestamp": "2023-11-14T12:00:00Z",
        "consent": "TRUE",
    }
    path = feed("f.jsonl", GOOD_JSON, GOOD_JSON[:-1], json.dumps(varied | {"device_id": 7}), "null", GOOD_JSON)
    assert outcome(path) == (["7", "a", "a"], {"unreadable": 2})


def test_an_id_that_is_not_utf8_costs_its_row(feed: Feed) -> None:
    assert outcome(feed("f.csv", HEADER, GOOD_CSV, b"\xff" + GOOD_CSV.encode())) == (["a"], {"unreadable": 1})


def test_the_header_may_have_a_byte_order_mark_spaces_and_quotes(feed: Feed) -> None:
    header = '"longitude", latitude ,timestamp,"consent",device_id,id_type'
    row = '116.25,39.5,1699963200,true,"a,b",aaid'
    assert outcome(feed("f.csv", b"\xef\xbb\xbf", header, row)) == (["a,b"], {})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([HEADER], "no rows"),
        (["", ""], "missing columns"),
        ([HEADER, "", ""], "no rows"),
        ([HEADER.replace(",", ";"), "1"], "missing columns: device_id, timestamp"),
        ([HEADER + ",venue", GOOD_CSV + ",x"], "unknown columns: venue"),
        ([HEADER + ",latitude", GOOD_CSV + ",1"], "more than once: latitude"),
        ([HEADER, GOOD_CSV.replace(",", ";")], "not one line is a row; expected lines of 5 values"),
        ([b"\xff\xfe\n", GOOD_CSV], "no CSV header"),
        (['"open', GOOD_CSV], "no CSV header"),
    ],
)
def test_a_bad_csv_file_says_why(feed: Feed, content: Sequence[str | bytes], said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        list(open_feed(feed("f.csv", *content), CANONICAL).batches())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (["", " "], "no rows"),
        (["[", GOOD_JSON + ",", "]"], "3 rows: not one line is a row; expected one JSON object a line"),
        (['{"lat": 1, "lon": 2}'], "unknown columns: lat, lon"),
        (['{"device_id": "a"}'], "missing columns: timestamp, latitude, longitude"),
    ],
)
def test_a_bad_json_file_says_why(feed: Feed, content: Sequence[str], said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        list(open_feed(feed("f.jsonl", *content), CANONICAL).batches())


def test_a_json_row_with_an_unknown_column_is_left_out_and_the_column_named(feed: Feed) -> None:
    path = feed("f.jsonl", GOOD_JSON, GOOD_JSON.replace("consent", "consnt"))
    assert outcome(path) == (["a"], {"unreadable": 1})
    opened = open_feed(path, CANONICAL)
    list(opened.batches())
    assert opened.unknown_columns == ["consnt"]


def test_a_value_in_place_of_a_name_is_not_repeated(feed: Feed) -> None:
    opened = open_feed(feed("f.jsonl", GOOD_JSON, GOOD_JSON.replace("consent", "a@b.org")), CANONICAL)
    list(opened.batches())
    assert opened.unknown_columns == ["(a value)"]


def test_no_more_unknown_names_are_looked_at_than_are_told(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []

    def shown(name: str) -> str:
        looked_at.append(name)
        return name

    monkeypatch.setattr(text_feeds, "shown", shown)
    more = (f'{GOOD_JSON[:-1]},{",".join(f""" "n{row}-{k}":1""" for k in range(30))}}}' for row in range(9))
    opened = open_feed(feed("f.jsonl", GOOD_JSON, *more), CANONICAL)
    list(opened.batches())
    assert opened.unknown_columns == looked_at == [f"n0-{k}" for k in range(20)]


@pytest.mark.parametrize("answers", ["false true", "true false", "true true", "null true", "true null"])
def test_a_row_that_answers_twice_about_consent_gives_none(feed: Feed, answers: str) -> None:
    """CONSENT: the last of several answers is no better than the first."""
    first, second = answers.split()
    for other in ('"consent"', '"cons\\u0065nt"'):
        row = GOOD_JSON.replace("true", f"{first},{other}:{second}")
        assert outcome(feed("f.jsonl", GOOD_JSON, row)) == (["a"], {"unreadable": 1})


def test_a_column_that_is_never_read_may_come_twice(feed: Feed) -> None:
    for value in ('"10.0.0.1"', '{"v4":1,"v4":2}'):
        again = f'{GOOD_JSON[:-1]},"ip_address":{value},"ip_address":{value}}}'
        assert outcome(feed("f.jsonl", again)) == (["a"], {})


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_a_profile_says_what_may_stand_between_values(feed: Feed, separator: str) -> None:
    profile = Profile("other", separators=(",", separator))
    for mark in (",", separator):
        path = feed("f.csv", HEADER.replace(",", mark), GOOD_CSV.replace(",", mark), "a")
        (batch,) = open_feed(path, profile).batches()
        assert batch.column("latitude").to_pylist() == [b"39.5", None]
    with pytest.raises(BadInputError, match="missing columns: device_id"):
        open_feed(path, CANONICAL)
    bad = feed("f.csv", HEADER.replace(",", separator), GOOD_CSV)
    with pytest.raises(BadInputError, match=r"expected lines of 5 values with .* between them"):
        list(open_feed(bad, profile).batches())


def test_a_first_line_of_values_is_not_repeated(feed: Feed) -> None:
    with pytest.raises(BadInputError, match="its first line holds values") as caught:
        open_feed(feed("f.csv", GOOD_CSV.replace("a,", "somebody,"), GOOD_CSV), CANONICAL)
    assert "somebody" not in str(caught.value)


def test_columns_that_are_never_read_may_hold_anything(feed: Feed) -> None:
    nested = GOOD_JSON[:-1] + ',"ip_address":{"v4":["10.0.0.1"]}}'
    assert outcome(feed("f.jsonl", nested)) == (["a"], {})
    assert outcome(feed("f.jsonl", GOOD_JSON, GOOD_JSON.replace("39.5", "[39.5]"))) == (["a"], {"unreadable": 1})


def test_a_json_row_that_does_not_know_the_word_consent_is_covered_by_its_supplier(feed: Feed) -> None:
    silent = GOOD_JSON.replace(',"consent":true', "")
    null = GOOD_JSON.replace("true", "null")
    path = feed("f.jsonl", GOOD_JSON, silent.replace('"a"', '"b"'), null)
    assert outcome(path, COVERED) == (["a", "b"], {"consent_missing": 1})
    assert outcome(path) == (["a"], {"consent_missing": 2})


def test_small_blocks_and_pieces_change_nothing(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [GOOD_CSV.replace("a", f"d{i}", 1) for i in range(50)]
    path = feed("f.csv", HEADER, *rows)
    expected = outcome(path)
    monkeypatch.setattr(lines, "PIECE_ROWS", 7)
    assert outcome(path) == expected
    assert len(expected[0]) == 50


def test_progress_ends_at_one(feed: Feed) -> None:
    opened = open_feed(feed("f.csv", HEADER, GOOD_CSV), CANONICAL)
    assert [opened.progress for _ in opened.batches()] == [1.0]


garbage = st.one_of(
    st.binary(max_size=200), st.text('{}[]:,"\\ \n\r0123456789.-truefalsnd_ic', max_size=200).map(str.encode)
)


@settings(deadline=None)
@given(content=garbage)
def test_any_csv_content_is_counted_or_refused(feed: Feed, content: bytes) -> None:
    devices, counts = outcome(feed("f.csv", HEADER, content))
    assert len(devices) + sum(counts.values()) == sum(1 for line in content.split(b"\n") if line not in (b"", b"\r"))


@settings(deadline=None)
@given(content=garbage)
def test_any_json_content_is_counted_or_refused(feed: Feed, content: bytes) -> None:
    content = content.removeprefix(b"\xef\xbb\xbf")
    devices, counts = outcome(feed("f.jsonl", content or b"\n"))
    assert len(devices) + sum(counts.values()) == sum(1 for line in content.split(b"\n") if line.strip(b" \t\r"))


def mutated(line: str) -> st.SearchStrategy[str]:
    def change(at: int, cut: int, text: str) -> str:
        return (line[:at] + text + line[at + cut :]).replace("\n", "") or "x"

    edits = st.text('{}",:\\tnu0-9é', max_size=2)
    return st.builds(change, st.integers(0, len(line)), st.integers(0, 3), edits)


@pytest.mark.parametrize(("name", "header", "good"), [("f.csv", [HEADER], GOOD_CSV), ("f.jsonl", [], GOOD_JSON)])
@settings(deadline=None)
@given(data=st.data())
def test_what_becomes_of_a_line_does_not_depend_on_the_others(
    feed: Feed, name: str, header: list[str], good: str, data: st.DataObject
) -> None:
    rows = data.draw(st.lists(st.one_of(st.just(good), mutated(good)), min_size=1, max_size=6))
    for gate in (GATE, COVERED):
        together = outcome(feed(name, *header, *rows), gate)
        alone = [outcome(feed(name, *header, row), gate) for row in rows]
        assert together[0] == sorted(device for devices, _ in alone for device in devices)
        assert sum(together[1].values()) == sum(sum(counts.values()) for _, counts in alone)


def test_compressed_content_that_is_cut_short_is_refused(feed: Feed, write: Write, good_row: Row) -> None:
    for name in ("f.csv.gz", "f.csv.zst", "f.jsonl.gz", "f.jsonl.zst", "f.parquet.gz", "f.parquet.zst"):
        path = write(name, [{**good_row, "device_id": f"device {i * i}"} for i in range(3000)])
        path.write_bytes(path.read_bytes()[:-9])
        with pytest.raises(BadInputError, match="damaged or cut short"):
            list(open_feed(path, CANONICAL).batches())
