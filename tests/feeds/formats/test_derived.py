from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.feeds.formats.derived import derived
from hereabouts.feeds.profile import Profile
from hereabouts.feeds.values.instants import seconds

NOON = 1_699_963_200  # 2023-11-14T12:00:00Z
SPLIT = Profile("split", time="(d and c)", time_parts=("d", "c"))
EITHER = Profile("either", time="t", time_or="ms", time_unit="ms")


def batch(**columns: pa.Array) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict(columns)


def test_two_columns_of_time_become_one() -> None:
    made = derived(batch(d=pa.array([dt.date(2023, 11, 14)]), c=pa.array(["12:00:00"]), x=pa.array([1])), SPLIT, "")
    assert made.schema.names == ["x", "(d and c)"]
    assert seconds(made.column(SPLIT.time), "auto").tolist() == [NOON]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"t": ["2023-11-14T12:00:00Z", None]}, [NOON, None]),
        ({"ms": [str(NOON * 1000 + 1), None]}, [NOON, None]),
        ({"t": ["2023-11-14T12:00:00Z", "x", None], "ms": ["0", str(NOON * 1000), None]}, [NOON, NOON, None]),
    ],
)
def test_a_second_column_stands_in_where_the_first_cannot_be_read(
    columns: dict[str, list[str | None]], expected: list[int | None]
) -> None:
    made = derived(batch(**{name: pa.array(values) for name, values in columns.items()}), EITHER, "")
    assert made.schema.names == ["t"]
    found = seconds(made.column("t"), "ms").tolist()
    assert [None if second == -(2**63) else second for second in found] == expected


def test_types_of_the_two_may_differ() -> None:
    times = pa.array([None, NOON * 10**6], pa.int64()).cast(pa.timestamp("us", "Asia/Shanghai"))
    made = derived(batch(t=times, ms=pa.array([NOON * 1000, 0])), EITHER, "")
    assert seconds(made.column("t"), "ms").tolist() == [NOON, NOON]


def test_the_files_name_is_the_device_of_every_row() -> None:
    profile = Profile("one", device="(file)", device_from_file=True)
    made = derived(batch(latitude=pa.array([1.0, 2.0])), profile, "p017")
    assert made.column("(file)").to_pylist() == ["p017", "p017"]


@settings(deadline=None)
@given(st.lists(st.tuples(st.text("0123456789-:TZ ", max_size=20), st.text("0123456789", max_size=13)), min_size=1))
def test_a_rows_time_is_a_matter_of_that_row(rows: list[tuple[str, str]]) -> None:
    first, other = (pa.array(column, pa.string()) for column in zip(*rows, strict=True))
    together = derived(batch(t=first, ms=other), EITHER, "").column("t").to_pylist()
    alone = [
        derived(batch(t=first[i : i + 1], ms=other[i : i + 1]), EITHER, "").column("t")[0].as_py()
        for i in range(len(rows))
    ]
    assert together == alone
