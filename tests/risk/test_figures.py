"""A figure is about twenty devices at least, and says whence it comes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hereabouts.risk.figures import TOO_FEW, Figure, Procedure, excess, not_told, quantity, share

HOW = Procedure("counting", "somebody 2024")


def test_a_share_has_its_interval_its_devices_and_its_source() -> None:
    assert share("seen", 30, 60, HOW).to_json() == {
        "name": "seen",
        "value": 0.5,
        "ci95_low": 0.3774,
        "ci95_high": 0.6226,
        "devices": 60,
        "procedure": "counting",
        "source": "somebody 2024",
    }


@given(n=st.integers(0, 60), data=st.data())
def test_no_number_is_about_fewer_than_twenty(n: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, n))
    figure = share("seen", hits, n, HOW)
    assert (figure.value is None) == (n < 20)
    if n < 20:
        assert (figure.low, figure.high, figure.n, figure.withheld) == (None, None, None, TOO_FEW)
    there = share("seen at a place", hits, n, HOW, about_hits=True)
    assert (there.value is not None) == (n >= 20 and hits >= 20 and (n == hits or n - hits >= 20))
    assert quantity("devices", n, n, n, n, HOW).value == (n if n >= 20 else None)


def test_there_is_no_way_around_it() -> None:
    with pytest.raises(ValueError, match="at least 20 devices"):
        Figure("seen", 0.5, 0.1, 0.9, 19, "counting", "somebody")
    with pytest.raises(ValueError, match="at least 20 devices"):
        Figure("seen", None, None, 0.9, None, "counting", "somebody", withheld="no")
    with pytest.raises(ValueError, match="a number or a reason"):
        Figure("seen", None, None, None, None, "counting", "somebody")


def test_what_an_attack_finds_beyond_its_control() -> None:
    found = excess("risk", share("attack", 600, 1000, HOW), share("control", 200, 1000, HOW), HOW)
    assert found.value == pytest.approx(0.5)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.5 < found.high
    assert found.high - found.low < 0.12
    assert found.control is not None


def test_an_attack_that_does_no_better_finds_nothing() -> None:
    assert excess("risk", share("a", 100, 1000, HOW), share("c", 200, 1000, HOW), HOW).value == 0.0


def test_nothing_is_found_beyond_a_control_that_always_succeeds_or_is_not_told() -> None:
    attack = share("attack", 60, 100, HOW)
    assert "always succeeds" in str(excess("risk", attack, share("c", 100, 100, HOW), HOW).withheld)
    assert excess("risk", attack, share("c", 1, 10, HOW), HOW).withheld == TOO_FEW
    assert excess("risk", not_told("attack", HOW, "no night"), attack, HOW).withheld == "no night"


def test_a_control_and_a_reason_are_told() -> None:
    found = share("attack", 60, 100, HOW, share("control", 1, 10, HOW)).to_json()
    assert found["control"] == not_told("control", HOW).to_json()
    assert found["control"]["withheld"] == TOO_FEW
