"""Phones of one antenna are told at the antenna; a phone's own measurements are nobody else's."""

from __future__ import annotations

import numpy as np
import pytest

from hereabouts.risk.claims import shared_positions
from hereabouts.risk.claims.shared_positions import SharedPositions
from hereabouts.risk.figures import FEW_HITS, FEW_OTHERS
from hereabouts.risk.reading import Seen

DEVICES, POINTS = 200, 40


def seen(towers: bool) -> Seen:
    rng = np.random.default_rng(7)
    device = np.repeat(np.arange(DEVICES, dtype=np.int32), POINTS)
    positions = rng.uniform(52.0, 52.2, (12, 2)).round(5) if towers else rng.uniform(52.0, 52.2, (device.size, 2))
    at = positions[rng.integers(0, len(positions), device.size)] if towers else positions
    return Seen(device, np.ascontiguousarray(at[:, 0]), np.ascontiguousarray(at[:, 1]))


@pytest.mark.parametrize(("towers", "said"), [(True, FEW_OTHERS), (False, FEW_HITS)])
def test_towers_are_shared_and_fixes_are_not(towers: bool, said: str) -> None:
    look = SharedPositions()
    look.look(seen(towers))
    figure = look.figure()
    assert (figure.withheld, figure.n) == (said, DEVICES)


def test_a_sample_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_positions, "MOST", 2_000)
    look, pings = SharedPositions(), seen(False)
    for part in range(0, DEVICES * POINTS, 1_000):
        rows = slice(part, part + 1_000)
        look.look(Seen(pings.device[rows], pings.latitude[rows], pings.longitude[rows]))
    assert look.figure().withheld == FEW_HITS
    assert len(look._pairs) <= 2_000


def test_a_position_of_one_device_is_its_own_however_often(monkeypatch: pytest.MonkeyPatch) -> None:
    look = SharedPositions()
    device = np.arange(60, dtype=np.int32)
    where = 52.0 + device / 100
    for _ in range(5):
        look.look(Seen(device, where, where))
    assert look.figure().withheld == FEW_HITS
