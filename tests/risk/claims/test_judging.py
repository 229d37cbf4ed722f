"""What breaks a claim about everybody, and what is as good as none: no one device."""

from __future__ import annotations

import pytest

from hereabouts.risk.claims.judging import broken, nearly_none
from hereabouts.risk.figures import Procedure, not_told, share

HOW = Procedure("a procedure", "a source")


@pytest.mark.parametrize("hits", [0, 1, 19])
def test_fewer_than_twenty_break_nothing_and_are_next_to_none_of_thousands(hits: int) -> None:
    figure = share("have it", hits, 2_000, HOW)
    assert (broken(figure), nearly_none(figure)) == (False, True)
    small = share("have it", hits, 200, HOW)
    assert (broken(small), nearly_none(small)) == (False, False)


@pytest.mark.parametrize("hits", [20, 1_000, 1_981, 2_000])
def test_from_twenty_on_a_claim_is_broken(hits: int) -> None:
    figure = share("have it", hits, 2_000, HOW)
    assert (broken(figure), nearly_none(figure)) == (True, False)


def test_what_is_not_told_is_neither() -> None:
    assert (broken(not_told("have it", HOW)), nearly_none(not_told("have it", HOW))) == (False, False)
