from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.errors import BadInputError
from hereabouts.feeds.formats.sample import NESTED, ROWS, Sample, first_rows
from hereabouts.feeds.formats.source import source_of
from hereabouts.feeds.profile import CANONICAL, Profile


def sample(path: Path, content: str | bytes, profile: Profile | None = None) -> Sample:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return first_rows(source_of(path), profile)


def kinds(found: Sample) -> dict[str, str]:
    return {column.name: column.kind for column in found.columns}


def test_a_csv_files_columns_are_text_and_empty_values_are_left_out(tmp_path: Path) -> None:
    found = sample(tmp_path / "a.csv", "\ufeffid,lat\r\na,1.5\r\n,\r\nshort\r\nb,2\r\n")
    assert (found.rows, found.separator, kinds(found)) == (3, ",", {"id": "text", "lat": "text"})
    assert [column.values for column in found.columns] == [("a", "b"), ("1.5", "2")]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_without_a_profile_the_header_tells_the_separator(tmp_path: Path, separator: str) -> None:
    found = sample(tmp_path / "a.csv", f"a{separator}b c{separator}d\n1{separator}2{separator}3\n")
    assert (found.separator, found.names) == (separator, ["a", "b c", "d"])


def test_with_a_profile_the_profile_does(tmp_path: Path) -> None:
    profile = Profile("p", device="a", latitude="b", longitude="c", time="d", separators=(",", ";"))
    assert sample(tmp_path / "a.csv", "a;b;c;d,e\n1;2;3;4\n", profile).names == ["a;b;c;d", "e"]
    assert sample(tmp_path / "a.csv", "a;b;c;d\n1;2;3;4\n", profile).separator == ";"


def test_an_open_quote_costs_its_line(tmp_path: Path) -> None:
    assert sample(tmp_path / "a.csv", 'a,b\n"1,2\n3,4\n').column("a").values == ("3",)  # type: ignore[union-attr]


def test_json_values_have_types_and_nests_none_of_their_values(tmp_path: Path) -> None:
    row = {"t": "x", "n": 5, "f": 1.5, "b": True, "o": {"a": 1}, "z": None}
    found = sample(tmp_path / "a.jsonl", json.dumps(row) + "\nnull\n{broken\n" + json.dumps({"n": 2.5, "t": 7}) + "\n")
    assert found.rows == 2
    assert kinds(found) == {
        "t": "mixed", "n": "numbers", "f": "numbers", "b": "booleans", "o": NESTED, "z": "mixed",
    }  # fmt: skip
    assert {column.name: column.values for column in found.columns}["b"] == ("true",)
    assert {column.name: column.values for column in found.columns}["o"] == ()
    assert found.document is None


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("member", ["locations", ""])
def test_a_document_is_known_by_an_array_at_its_beginning(tmp_path: Path, member: str, indent: int | None) -> None:
    rows = [{"a": k} for k in range(3)]
    text = json.dumps({member: rows, "more": 1} if member else rows, indent=indent)
    found = sample(tmp_path / "a.json.gz", gzip.compress(text.encode()))
    assert (found.rows, found.document, found.names) == (3, member, ["a"])


def test_parquet_types_keep_arrows_names(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": pa.array(["a", None, ""]).dictionary_encode(),
            "raw": pa.array([b"\xff", b"b", None], pa.binary()),
            "t": pa.array([dt.datetime(2024, 1, 1, tzinfo=dt.UTC)] * 3, pa.timestamp("ns", "UTC")),
            "day": pa.array([dt.date(2024, 1, 1)] * 3),
            "lat": [1.5, 2.5, None],
            "nest": [[1], [2], []],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    found = first_rows(source_of(tmp_path / "a.parquet"))
    assert kinds(found) == {
        "id": "text", "raw": "text", "t": "timestamp[ns, tz=UTC]", "day": "date32[day]", "lat": "double",
        "nest": NESTED,
    }  # fmt: skip
    values = {column.name: column.values for column in found.columns}
    assert (values["id"], values["raw"], values["t"], values["lat"]) == (("a",), ("\ufffd", "b"), (), ("1.5", "2.5"))


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_no_more_than_the_first_rows_are_looked_at(tmp_path: Path, form: str) -> None:
    rows = "a\n" + "1\n" * (2 * ROWS) if form == "csv" else '{"a": 1}\n' * (2 * ROWS)
    assert sample(tmp_path / f"a.{form}", rows).rows == ROWS


@pytest.mark.parametrize("content", ["\n", "[]", "null\n", "garbage", '{"rows": [1, 2]}'])
def test_json_without_rows_gives_an_empty_sample(tmp_path: Path, content: str) -> None:
    """Bad rows cost themselves: whether the file has good ones further on is for those who read all of it to say."""
    found = sample(tmp_path / "a.json", content, Profile("p", document="rows") if "rows" in content else None)
    assert (found.rows, found.columns) == (0, ())


@settings(deadline=None)
@given(st.sampled_from(["csv", "jsonl", "json", "parquet", "csv.gz"]), st.binary(min_size=1, max_size=80))
def test_any_bytes_are_a_sample_or_refused(tmp_path_factory: pytest.TempPathFactory, form: str, content: bytes) -> None:
    path = tmp_path_factory.mktemp("sample") / f"a.{form}"
    for lead in (b"", b"device_id,timestamp,latitude,longitude\n", b'{"rows":['):
        for profile in (None, CANONICAL, Profile("p", document="rows")):
            with contextlib.suppress(BadInputError):
                assert sample(path, lead + content, profile).rows >= 0


def test_bytes_that_are_no_header_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="its first line is no CSV header"):
        sample(tmp_path / "a.csv", b"\xff\xfe\n1\n", CANONICAL)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="damaged or cut short"):
        sample(tmp_path / "a.csv.gz", b"\x1f\x8b\x08nothing")
    with pytest.raises(BadInputError, match="damaged or cut short"):
        sample(tmp_path / "a.parquet.zst", pa.compress(b"no parquet", "zstd", asbytes=True))


def test_a_samples_values_are_in_no_traceback(tmp_path: Path) -> None:
    found = sample(tmp_path / "a.csv", "id\nsecret\n")
    assert "secret" not in repr(found) + repr(found.columns)
