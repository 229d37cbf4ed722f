"""What keeps a plan in: each rule alone, by name, with what would satisfy it."""

from __future__ import annotations

from typing import Any

import h3.api.numpy_int as h3
import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.errors import RefusedError
from hereabouts.rules.policy import Policy, make_policy
from hereabouts.rules.purposes import Purpose
from hereabouts.rules.release import SMALLEST_PIECE, check_release, refuse_region_around_places

Cells = NDArray[np.uint64]

END = 1_202_486_400  # 2008-02-08 16:00 UTC
OPENS = END + 7 * 86_400
RESEARCH = make_policy("research", epsilon=2.0, delta=1e-6, keys="k")


def check(policy: Policy = RESEARCH, **changes: Any) -> Purpose:
    facts: dict[str, Any] = {
        "purpose": "transport-planning",
        "finest_resolution": 7,
        "justification": None,
        "window": "2008-02-02/2008-02-09",
        "window_end": END,
        "now": OPENS,
    }
    return check_release(policy, **(facts | changes))


def refusal(policy: Policy = RESEARCH, **changes: Any) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        check(policy, **changes)
    return caught.value


def test_a_plan_that_keeps_the_rules_is_let_out() -> None:
    assert check().dpv == "dpv:ImproveTransportMobility"


def test_embargo() -> None:
    refused = refusal(now=OPENS - 1)
    assert refused.rule == "embargo"
    assert "from 2008-02-15 16:00 UTC" in refused.reason
    assert refusal(now=END - 100).rule == "embargo", "and a window that is not over least of all"


def test_a_longer_embargo_is_kept() -> None:
    longer = RESEARCH.model_copy(update={"embargo_days": 30})
    assert "2008-03-09" in refusal(longer).reason
    check(longer, now=END + 30 * 86_400)


@pytest.mark.parametrize("justification", [None, "", "  \n"])
def test_finer_than_the_policy_needs_a_reason(justification: str | None) -> None:
    refused = refusal(finest_resolution=8, justification=justification)
    assert refused.rule == "resolution"
    assert "justification" in refused.reason
    assert "7 or coarser" in refused.reason


def test_a_reason_is_enough() -> None:
    check(finest_resolution=8, justification="Cycle lanes are planned street by street.")


def test_a_coarser_policy_is_kept() -> None:
    coarse = RESEARCH.model_copy(update={"finest_resolution": 5})
    assert refusal(coarse, finest_resolution=6).rule == "resolution"
    check(coarse, finest_resolution=5)


def test_purposes() -> None:
    assert refusal(purpose="curiosity").rule == "purpose"
    assert refusal(purpose="immigration-enforcement").rule == "purpose"
    mine = {"bus-stops": Purpose("bus-stops", "dpv:ImproveTransportMobility", "Place bus stops.")}
    assert check(purpose="bus-stops", purposes=mine) == mine["bus-stops"]
    assert refusal(purpose="research", purposes=mine).rule == "purpose"


# --- SL-BLOCK: regions around sensitive places -----------------------------------------------------------------------

PLACE = h3.latlng_to_cell(48.85, 2.35, 7)


def disk(cell: int, rings: int) -> Cells:
    return np.unique(np.asarray(h3.grid_disk(cell, rings), dtype=np.uint64))


def around(region: Cells, *touched: int) -> str | None:
    """By which rule a region is refused, if it is."""
    try:
        refuse_region_around_places(region, np.array(touched, dtype=np.uint64))
    except RefusedError as refused:
        return refused.rule
    return None


def test_a_small_region_with_a_listed_place_in_it_or_beside_it_is_refused() -> None:
    region = disk(PLACE, 1)
    assert around(region, PLACE) == "SL-BLOCK"
    ring = [int(c) for c in h3.grid_ring(PLACE, 2)]
    assert around(region, ring[0]) == "SL-BLOCK", "around, and not only at"
    assert around(region, int(h3.grid_ring(PLACE, 3)[0])) is None
    assert around(region) is None


@pytest.mark.parametrize(("cells", "rule"), [(48, "SL-BLOCK"), (49, None)])
def test_from_one_cell_of_resolution_5_on_a_region_is_about_more_than_a_place(cells: int, rule: str | None) -> None:
    spiral = [int(c) for ring in range(6) for c in h3.grid_ring(PLACE, ring)][:cells]
    assert around(np.array(sorted(spiral), dtype=np.uint64), PLACE) == rule
    assert h3.cell_to_children_size(h3.cell_to_parent(PLACE, 5), 7) == SMALLEST_PIECE


def test_cells_far_away_do_not_make_a_small_piece_a_large_one() -> None:
    padded = np.union1d(disk(PLACE, 1), disk(h3.latlng_to_cell(10.0, 10.0, 7), 20))
    assert around(padded, PLACE) == "SL-BLOCK"
    assert around(padded, h3.latlng_to_cell(10.0, 10.0, 7)) is None


def test_a_piece_hangs_together_where_cells_touch() -> None:
    """A ring of cells that are missing parts what is inside from what is around."""
    parted = np.setdiff1d(disk(PLACE, 12), np.asarray(h3.grid_ring(PLACE, 2), dtype=np.uint64))
    assert around(parted, PLACE) == "SL-BLOCK"
    assert around(disk(PLACE, 12), PLACE) is None


def test_many_places_in_a_large_region_are_no_matter() -> None:
    region = disk(PLACE, 40)
    assert around(region, *[int(c) for c in region[::3]]) is None
    assert around(region, *[int(c) for c in region[::3]], h3.latlng_to_cell(10.0, 10.0, 7)) is None


def test_the_first_small_piece_is_refused_among_large_ones() -> None:
    region = np.union1d(disk(PLACE, 12), disk(h3.latlng_to_cell(10.0, 10.0, 7), 2))
    inside = [int(c) for c in region]
    assert around(region, *inside) == "SL-BLOCK"


def test_the_refusal_says_what_to_do_and_not_where_the_place_is() -> None:
    with pytest.raises(RefusedError) as caught:
        refuse_region_around_places(disk(PLACE, 1), np.array([PLACE], dtype=np.uint64))
    assert caught.value.exit_code == 3
    assert "a piece of the plan's region has 7 cells of resolution 7 (about 35 km²)" in caught.value.reason
    assert "draw a larger region, which costs no more" in caught.value.reason
    assert h3.int_to_str(PLACE) not in caught.value.reason
