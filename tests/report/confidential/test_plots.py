"""Plots are drawn to scale, in the report's colours."""

from __future__ import annotations

import re

import pytest

from hereabouts.report.confidential.plots import bar, curve, step, style
from hereabouts.report.palette import VALUE_RAMP
from hereabouts.risk.figures import Procedure, not_told, share

HOW = Procedure("a procedure", "a source")


@pytest.mark.parametrize(
    ("value", "name"), [(0.0, "step0"), (0.124, "step0"), (0.5, "step4"), (1.0, "step7"), (None, "")]
)
def test_a_share_has_a_step_of_the_ramp(value: float | None, name: str) -> None:
    assert step(value) == name


def test_each_step_has_a_rule() -> None:
    assert all(f".step{place} {{ background: {colour};" in style() for place, colour in enumerate(VALUE_RAMP))


def test_a_bar_is_as_long_as_its_share() -> None:
    drawn = str(bar(share("seen", 240, 1_000, HOW), "control"))
    assert '<rect class="control" width="24.00%"' in drawn
    assert re.search(r'<rect class="interval" x="20\.\d\d%" y="7" width="7\.\d\d%"', drawn)
    assert '<rect class="attack" width="0.15%"' in str(bar(share("seen", 3, 10_000, HOW))), "ends alone: to the middle"
    assert bar(not_told("seen", HOW)) == ""


def test_a_curve_ends_where_there_is_no_share() -> None:
    assert 'points="0.0,22.0 33.3,12.0 66.7,2.0"' in str(curve([0.0, 0.5, 1.0, None]))
    assert curve([0.5, None]) == ""
