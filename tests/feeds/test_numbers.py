from __future__ import annotations

import decimal
import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hereabouts.feeds.numbers import floats


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
