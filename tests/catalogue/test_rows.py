"""Rows by device: where they are, and that they are the window's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from hereabouts.catalogue.rows import DeviceRows, Presence, Stays, Trips
from hereabouts.hexagons import centres_of

if TYPE_CHECKING:
    from tests.catalogue.conftest import Chain

NONE = np.empty(0, dtype=np.int64)


def rows(chain: Chain, hour: int = 0) -> DeviceRows:
    """One presence in the region, and one cell beside it that nobody was in."""
    cells = chain.cells.cells_of(*np.concatenate([centres_of(chain.leaves[:1]), [[-33.9, 151.2]]]).T)
    presence = Presence(np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64), np.array([hour]))
    return DeviceRows(1, cells, presence, Stays(NONE, NONE, NONE), Trips(*[NONE] * 6))


def test_a_cell_is_in_the_region_by_its_ancestor(chain: Chain) -> None:
    assert rows(chain).inside(chain.leaves).tolist() == [True, False]
    assert rows(chain).inside(chain.leaves[:0]).tolist() == [False, False]
    assert rows(chain).places(chain.leaves, chain.leaves, 7).tolist() == [0, -1]


@pytest.mark.parametrize("hour", [-1, 168, 2**40])
def test_rows_of_another_window_are_refused(chain: Chain, hour: int) -> None:
    rows(chain, 167).require_within(168)
    with pytest.raises(ValueError, match="outside its window"):
        rows(chain, hour).require_within(168)


def test_no_representation_shows_a_row(chain: Chain) -> None:
    assert "Presence" not in repr(rows(chain))
