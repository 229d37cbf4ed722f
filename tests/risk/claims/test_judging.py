"""What is told of a few, and of none."""

from __future__ import annotations

import pytest

from hereabouts.risk.claims.judging import some
from hereabouts.risk.figures import Procedure

HOW = Procedure("a procedure", "a source")


@pytest.mark.parametrize(
    ("hits", "value"), [(0, 0.0), (1, None), (19, None), (20, 0.2), (80, 0.8), (81, None), (100, 1.0)]
)
def test_none_and_all_are_told_and_a_few_are_not(hits: int, value: float | None) -> None:
    assert some("have it", hits, 100, HOW).value == value
