"""A figure is about twenty devices at least, turns on no one of them, and says whence it comes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hereabouts.risk.figures import (
    BY_ENDS,
    FEW_HITS,
    FEW_OTHERS,
    NO_NUMBER,
    TOO_FEW,
    TOO_FEW_FOR_SHARES,
    Figure,
    Procedure,
    count,
    excess,
    not_told,
    quantity,
    rounded,
    share,
)

HOW = Procedure("counting", "somebody 2024")


def test_a_share_has_its_interval_its_devices_and_its_source() -> None:
    assert share("seen", 503, 1_004, HOW).to_json() == {
        "name": "seen",
        "value": 0.5,
        "ci95_low": 0.4544,
        "ci95_high": 0.5462,
        "devices": 1_000,
        "procedure": "counting",
        "source": "somebody 2024",
    }


@given(n=st.integers(0, 3_000), data=st.data())
def test_a_share_is_about_twenty_and_twenty_others(n: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, n))
    figure = share("seen", hits, n, HOW)
    if n < 40:
        assert (figure.value, figure.low, figure.high, figure.n) == (None, None, None, None)
        assert figure.withheld == (TOO_FEW if n < 20 else TOO_FEW_FOR_SHARES)
        return
    assert figure.n is not None
    assert figure.low is not None
    assert figure.high is not None
    assert figure.low <= hits / n <= figure.high, "rounding is in the interval"
    if figure.value is None:
        assert figure.withheld == (FEW_HITS if hits < 20 else FEW_OTHERS)
        assert min(hits, n - hits) < 20
    else:
        told = figure.value * figure.n
        assert told == pytest.approx(round(told))
        assert round(told) % 20 == 0
        assert 20 <= round(told) <= figure.n - 20


@given(n=st.integers(40, 3_000), data=st.data())
def test_none_and_fewer_than_twenty_are_the_same_and_all_and_nearly_all(n: int, data: st.DataObject) -> None:
    few = data.draw(st.integers(0, 19))
    assert share("seen", few, n, HOW) == share("seen", 0, n, HOW)
    if n - few >= 20:
        assert share("seen", n - few, n, HOW) == share("seen", n, n, HOW)


@given(n=st.integers(20, 100_000))
def test_numbers_of_devices_are_multiples_of_twenty(n: int) -> None:
    """Another device changes one in twenty of them: by 20."""
    assert abs(rounded(n) - n) <= 10
    assert rounded(n + 1) - rounded(n) == (20 if n % 20 == 9 else 0)
    told = count("devices", n, HOW)
    assert told.value == rounded(n) == quantity("width", 3.0, 3.0, 3.0, n, HOW).n
    assert told.low is not None
    assert told.high is not None
    assert 20 <= told.low <= n <= told.high, "rounding is in the interval"


def test_fewer_than_twenty_have_no_number() -> None:
    for devices in (0, 1, 19):
        assert count("devices", devices, HOW) == not_told("devices", HOW, FEW_HITS)
        assert quantity("width", 3.0, 3.0, 3.0, devices, HOW) == not_told("width", HOW)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_not_told(number: float) -> None:
    """JSON has no NaN and no infinity."""
    assert quantity("ratio", number, 0.0, 1.0, 40, HOW).withheld == NO_NUMBER
    with pytest.raises(ValueError, match="finite"):
        Figure("ratio", number, 0.1, 0.9, 40, "counting", "somebody")


def test_there_is_no_way_around_it() -> None:
    with pytest.raises(ValueError, match="at least 20 devices"):
        Figure("seen", 0.5, 0.1, 0.9, 19, "counting", "somebody")
    with pytest.raises(ValueError, match="to 20 of them"):
        Figure("seen", 0.5, 0.1, 0.9, 41, "counting", "somebody")
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
    assert found.high - found.low < 0.16
    assert found.control is not None


def test_an_attack_that_does_no_better_finds_nothing() -> None:
    assert excess("risk", share("a", 100, 1000, HOW), share("c", 200, 1000, HOW), HOW).value == 0.0


def test_ends_alone_have_ends_beyond_their_control() -> None:
    """The worst for one and the best for the other; the rate of a control that may be 0 is not taken for 0."""
    attack, control = share("a", 999, 1_000, HOW), share("c", 1, 1_000, HOW)
    found = excess("risk", attack, control, HOW)
    assert (found.value, found.high, found.withheld) == (None, 1.0, BY_ENDS)
    assert attack.low is not None
    assert control.high is not None
    assert found.low == (attack.low - control.high) / (1 - control.high)
    assert (
        excess("risk", control, attack, HOW).withheld
        == "the control nearly always succeeds: nothing can be found beyond it"
    )
    assert excess("risk", control, control, HOW).low == 0.0


def test_a_control_whose_interval_reaches_one_leaves_nothing_at_the_worst() -> None:
    control = share("c", 80, 100, HOW)
    found = excess("risk", share("a", 100, 100, HOW), control, HOW)
    assert control.high == 1.0
    assert (found.low, found.high) == (0.0, 1.0)


def test_nothing_is_found_beyond_a_control_that_always_succeeds_or_is_not_told() -> None:
    attack = share("attack", 60, 100, HOW)
    assert "always succeeds" in str(excess("risk", attack, share("c", 100, 100, HOW), HOW).withheld)
    assert "always succeeds" in str(excess("risk", attack, quantity("c", 1.0, 1.0, 1.0, 100, HOW), HOW).withheld)
    assert excess("risk", attack, share("c", 1, 10, HOW), HOW).withheld == TOO_FEW
    assert excess("risk", not_told("attack", HOW, "no night"), attack, HOW).withheld == "no night"


def test_a_control_and_a_reason_are_told() -> None:
    found = share("attack", 60, 100, HOW, share("control", 1, 10, HOW)).to_json()
    assert found["control"] == not_told("control", HOW).to_json()
    assert found["control"]["withheld"] == TOO_FEW


def test_ends_alone_are_drawn_by_their_middle() -> None:
    few = share("seen", 3, 1_000, HOW)
    assert few.high is not None
    assert few.about == few.high / 2
    assert (share("seen", 500, 1_000, HOW).about, not_told("seen", HOW).about) == (0.5, None)
