"""A plan's rho is shared by public rules, and not a grain of it is lost or made up."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hereabouts.release.levels import (
    FLOW_NORMS,
    FLOW_PAIRS,
    FLOW_SLOTS,
    FLOW_TOTALS,
    FULL_PAIRS,
    NORMS,
    PAIRS,
    TOTALS,
    FlowStep,
    flow_chain,
    presence_shares,
    slot_shares,
)

some = st.sets(st.integers(4, 7), min_size=1).map(lambda chosen: tuple(sorted(chosen)))


@st.composite
def regions(draw: st.DrawFn) -> dict[int, int]:
    """How many cells a region has at each resolution: at least as many at a finer one."""
    sizes = [draw(st.integers(1, 122))]
    for _ in range(7):
        sizes.append(min(sizes[-1] * draw(st.integers(1, 7)), 2_000_000))
    return dict(enumerate(sizes))


#: A city of 9,094 cells of resolution 7 (and thus 82.7 million pairs).
CITY = {0: 1, 1: 2, 2: 2, 3: 7, 4: 38, 5: 210, 6: 1352, 7: 9094}


def test_parts_of_flows_add_up() -> None:
    assert NORMS + TOTALS + PAIRS == 1
    assert FLOW_NORMS + FLOW_TOTALS + FLOW_PAIRS == 1


@given(resolutions=some)
def test_shares_of_presence_add_up_to_one(resolutions: tuple[int, ...]) -> None:
    shares = presence_shares(resolutions)
    assert set(shares) == set(resolutions)
    assert sum(shares.values()) == 1
    assert all(isinstance(share, Fraction) and share > 0 for share in shares.values())


def test_resolutions_of_presence_share_equally() -> None:
    assert presence_shares([7]) == {7: Fraction(1)}
    assert presence_shares([6, 7]) == {6: Fraction(1, 2), 7: Fraction(1, 2)}
    assert set(presence_shares([7, 4, 5]).values()) == {Fraction(1, 3)}


@given(resolutions=some, cells=regions())
def test_shares_of_a_chain_of_flows_add_up_to_one(resolutions: tuple[int, ...], cells: dict[int, int]) -> None:
    chain = flow_chain(resolutions, cells)
    assert sum(step.share for step in chain) == 1
    assert all(step.share > 0 for step in chain)


@given(resolutions=some, cells=regions())
def test_a_chain_can_be_walked_from_the_coarsest_on(resolutions: tuple[int, ...], cells: dict[int, int]) -> None:
    """Each step measures all pairs, or those below the step before it, which is the next coarser resolution."""
    chain = flow_chain(resolutions, cells)
    assert [step.resolution for step in chain] == sorted(step.resolution for step in chain)
    assert {step.resolution for step in chain if step.asked} == set(resolutions)
    assert chain[0].full
    for coarser, step in pairwise(chain):
        assert step.full == (cells[step.resolution] ** 2 <= FULL_PAIRS)
        assert step.full or coarser.resolution == step.resolution - 1


@given(resolutions=some, cells=regions())
def test_nothing_is_measured_that_is_neither_asked_for_nor_shows_the_way(
    resolutions: tuple[int, ...], cells: dict[int, int]
) -> None:
    for step in flow_chain(resolutions, cells):
        below = step.resolution + 1
        assert step.asked or cells[below] ** 2 > FULL_PAIRS


def test_in_a_city_coarse_flows_show_the_way_to_fine_ones() -> None:
    chain = flow_chain((7,), CITY)
    assert [(step.resolution, step.asked, step.full) for step in chain] == [
        (5, False, True),
        (6, False, False),
        (7, True, False),
    ]
    assert [step.share for step in chain] == [Fraction(1, 10), Fraction(1, 10), Fraction(4, 5)]


def test_where_all_pairs_can_be_measured_nothing_else_is() -> None:
    assert flow_chain((5,), CITY) == [FlowStep(5, asked=True, full=True, share=Fraction(1))]
    assert [step.resolution for step in flow_chain((4, 5), CITY)] == [4, 5]


def test_what_was_asked_for_gets_more_than_what_only_shows_the_way() -> None:
    asked = {step.resolution: step.share for step in flow_chain((5, 6), CITY)}
    way = {step.resolution: step.share for step in flow_chain((6,), CITY)}
    assert asked == {5: Fraction(7, 17), 6: Fraction(10, 17)}
    assert way == {5: Fraction(1, 9), 6: Fraction(8, 9)}


@pytest.mark.parametrize(("size", "full"), [(500, True), (501, False)])
def test_a_quarter_of_a_million_pairs_are_few(size: int, full: bool) -> None:
    cells = dict.fromkeys(range(7), 1) | {7: size}
    assert flow_chain((7,), cells)[-1].full is full


def test_days_and_hours_of_flows_share_what_slots_get() -> None:
    shares = slot_shares((5, 6), ("P1D", "P7D", "hour-of-day"), "P7D")
    assert sum(shares.values()) == FLOW_SLOTS
    assert set(shares) == {(r, period) for r in (5, 6) for period in ("P1D", "hour-of-day")}
    assert shares[5, "P1D"] == shares[5, "hour-of-day"]
    assert shares[5, "P1D"] / shares[6, "P1D"] == Fraction(7, 10)


@pytest.mark.parametrize(("periods", "window"), [(("P7D",), "P7D"), (("P1D",), "P1D")])
def test_the_window_is_no_slot_of_itself(periods: tuple[str, ...], window: str) -> None:
    assert slot_shares((5, 6), periods, window) == {}
