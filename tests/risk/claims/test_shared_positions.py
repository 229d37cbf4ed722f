"""Phones of one antenna are told at the antenna, each time; a phone's own measurements are nobody else's, nor again."""

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
    hours = np.tile(3_600 * np.arange(POINTS), DEVICES)
    return Seen(device, hours, np.ascontiguousarray(at[:, 0]), np.ascontiguousarray(at[:, 1]))


@pytest.mark.parametrize(("towers", "said"), [(True, FEW_OTHERS), (False, FEW_HITS)])
def test_towers_are_shared_and_fixes_are_not(towers: bool, said: str) -> None:
    look = SharedPositions()
    look.look(seen(towers))
    for figure in (look.of_others(), look.own_again()):
        assert (figure.withheld, figure.n) == (said, DEVICES)


def test_towers_with_one_phone_each_are_told_by_coming_back() -> None:
    """So sparse are some feeds: no two phones share a tower, and each is at its own two again and again."""
    look, device = SharedPositions(), np.repeat(np.arange(DEVICES, dtype=np.int32), 4)
    hours = np.tile(3_600 * np.arange(4), DEVICES)
    where = 52.0 + (2 * device + hours // 3_600 % 2) / 1_000
    look.look(Seen(device, hours, where, where))
    assert (look.of_others().withheld, look.own_again().withheld) == (FEW_HITS, FEW_OTHERS)


def test_who_was_seen_in_one_hour_alone_could_not_come_back() -> None:
    look, device = SharedPositions(), np.arange(DEVICES, dtype=np.int32)
    for second in (0, 3_599):
        look.look(Seen(device, np.full(DEVICES, second), 52.0 + device / 1_000, 1.0 + device / 1_000))
    assert look.own_again().n is None


def test_a_sample_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_positions, "MOST", 2_000)
    look, pings = SharedPositions(), seen(False)
    for part in range(0, DEVICES * POINTS, 1_000):
        rows = slice(part, part + 1_000)
        look.look(Seen(pings.device[rows], pings.time[rows], pings.latitude[rows], pings.longitude[rows]))
    assert look.of_others().withheld == FEW_HITS
    assert len(look._pairs) <= 2_000


def test_a_position_of_one_device_is_its_own_however_often() -> None:
    look = SharedPositions()
    device = np.arange(60, dtype=np.int32)
    where = 52.0 + device / 100
    for hour in range(5):
        look.look(Seen(device, np.full(60, 3_600 * hour), where, where))
    assert look.of_others().withheld == FEW_HITS
