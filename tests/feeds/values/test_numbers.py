from __future__ import annotations

import decimal
import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.feeds.values.numbers import degrees, floats


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_text_is_rounded_as_python_rounds_it(values: list[float]) -> None:
    assert floats(pa.array([repr(value) for value in values], pa.string()), 0.0).tolist() == values


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.", 1.0),
        (".5", 0.5),
        ("+2", 2.0),
        (" -3.25\n", -3.25),
        ("1e2", 100.0),
        ("1E-2", 0.01),
        ("1e999", math.inf),
    ],
)
def test_decimal_text_is_a_number(text: str, number: float) -> None:
    assert floats(pa.array([text, "7"]), 0.0).tolist() == [number, 7.0]


@pytest.mark.parametrize("text", ["x", "nan", "inf", "0x10", "1_0", "1,5", "1 2", "+-1", "e5", "1e", "1e+", ".", "é"])
def test_other_text_is_not_a_number_and_costs_itself_alone(text: str) -> None:
    found = floats(pa.array(["1", text, None, "", "2"]), -7.0)
    np.testing.assert_array_equal(found, [1.0, np.nan, -7.0, -7.0, 2.0])


def test_bytes_that_are_not_utf8_are_not_a_number() -> None:
    np.testing.assert_array_equal(floats(pa.array([b"\xff1", b" 2"]), 0.0), [np.nan, 2.0])


@settings(deadline=None)
@given(st.lists(st.text("0123456789.eE+- nai", max_size=8)))
def test_what_a_text_is_does_not_depend_on_its_neighbours(texts: list[str]) -> None:
    alone = [floats(pa.array([text]), 0.0)[0] for text in texts]
    np.testing.assert_array_equal(floats(pa.array(texts, pa.string()), 0.0), np.array(alone, np.float64))


@pytest.mark.parametrize(
    "kind",
    [pa.float32(), pa.float64(), pa.int32(), pa.uint8(), pa.decimal128(9, 2), pa.string(), pa.binary()],
)
def test_typed_numbers_are_cast_and_nulls_filled(kind: pa.DataType) -> None:
    values = pa.array([decimal.Decimal(40), None, decimal.Decimal(7)], pa.decimal128(9, 2))
    column = pa.array(["40", None, "7"], kind) if kind == pa.string() else None
    if column is None:
        column = pa.array(["40", None, "7"]).cast(kind) if kind == pa.binary() else values.cast(kind)
    assert floats(column, -1.0).tolist() == [40.0, -1.0, 7.0]
    assert floats(column[1:], -1.0).tolist() == [-1.0, 7.0]


def test_nan_is_not_missing() -> None:
    np.testing.assert_array_equal(floats(pa.array([math.nan, None]), 0.0), [np.nan, 0.0])


@settings(deadline=None)
@given(st.lists(st.integers(-1_800_000_000, 1_800_000_000), min_size=1))
def test_scaled_integers_are_the_floats_that_their_degrees_are_read_as(values: list[int]) -> None:
    """Correctly rounded: as if the feed had written 41.4216106 in place of 414216106."""
    written = [format(decimal.Decimal(value) / 10**7, ".7f") for value in values]
    expected = degrees(pa.array(written), None).tolist()
    for column in (pa.array(values, pa.int64()), pa.array(map(str, values)), pa.array(map(float, values))):
        assert degrees(column, 1e-7).tolist() == expected


def test_multiplying_would_not_have_been_exact() -> None:
    value = next(value for value in range(414_216_106, 414_217_106) if value * 1e-7 != value / 1e7)
    assert degrees(pa.array([value]), 1e-7).tolist() == [float(decimal.Decimal(value) / 10**7)]


@pytest.mark.parametrize(
    ("per_unit", "found"), [(None, 90.0), (1e-6, 90e-6), (1.0, 90.0), (0.9, 81.0), (1 / 3600, 0.025)]
)
def test_a_unit_is_whatever_part_of_a_degree_the_profile_says(per_unit: float | None, found: float) -> None:
    np.testing.assert_array_equal(degrees(pa.array([90, None]), per_unit), [found, np.nan])
