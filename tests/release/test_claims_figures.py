"""The figures of any table: what they claim of themselves."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from hereabouts.release.claims_figures import ROUNDING, numbers, wrong_figures

PUBLISH = {"minimum": 20, "max_relative_halfwidth": 0.5}


def wrong(value: float, noise: float, low: float, high: float, publish: dict[str, object] | None = None) -> list[str]:
    columns = [np.array([each]) for each in (value, noise, low, high)]
    found = wrong_figures(columns[0], columns[1], columns[2], columns[3], publish or PUBLISH)
    return [claim.partition(",")[0] for claim, told in found if told]


@pytest.mark.parametrize(
    ("figures", "claims"),
    [
        ((30.0, 3.0, 24.0, 36.0), []),
        ((30.0, 3.0, 30.0 + ROUNDING / 2, 36.0), []),
        ((30.0, 3.0, 31.0, 36.0), ["values inside their intervals"]),
        ((30.0, -3.0, 24.0, 36.0), ["values inside their intervals"]),
        ((30.0, 3.0, 24.0, float("inf")), ["values inside their intervals", "no row too unsure"]),
        ((19.0, 3.0, 14.0, 25.0), ["no row below the minimum"]),
        ((30.0, 9.0, 24.0, 46.0), ["no row too unsure"]),
    ],
)
def test_each_claim_can_be_false(figures: tuple[float, float, float, float], claims: list[str]) -> None:
    assert wrong(*figures) == claims


def test_where_everything_is_published_no_row_is_too_small_or_too_unsure() -> None:
    assert wrong(0.0, 9.0, 0.0, 460.0, {"minimum": 0, "max_relative_halfwidth": "inf"}) == []


def test_a_column_of_words_is_no_figure() -> None:
    with pytest.raises(TypeError, match="got column trips of string"):
        numbers(pa.table({"trips": ["7"]}), "trips")
