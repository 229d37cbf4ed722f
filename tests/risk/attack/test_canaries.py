"""Planted faults are found, each in 19 of 20 runs or more; a sound release is flagged in at most 1 of 20."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from hereabouts.feeds.ids.identifiers import pseudonyms
from hereabouts.privacy import measure as door
from hereabouts.privacy.bounding import SCALE
from hereabouts.privacy.mechanism import discrete_gaussian
from hereabouts.release.region import Region
from hereabouts.risk.attack import canaries, pieces
from hereabouts.risk.attack.canaries import Planted, long, steady
from hereabouts.risk.attack.onerun import means_flagged, needed
from hereabouts.windows import Window

if TYPE_CHECKING:
    from tests.risk.attack.conftest import Queries

RUNS = 20


def planted(queries: Queries, region: Region, window: Window, statistic: str, epsilon: float = 1.0) -> Planted:
    query = next(each for each in reversed(queries(epsilon)) if each.statistic == statistic)
    found = steady(query, region, window, 8) if statistic == "presence" else long(query, region, window)
    assert found is not None
    return found


def flagged(found: Planted, runs: int = RUNS) -> int:
    """In how many audits of enough canaries each the mean score is too high."""
    rng = np.random.default_rng(4)
    each = -(-needed(found.mu) // len(found.added))
    return sum(means_flagged(*found.scores(each, rng), found.mu) for _ in range(runs))


@pytest.mark.parametrize("statistic", ["presence", "visitors", "flows"])
def test_a_canary_is_as_long_as_its_bound_and_shares_no_number(
    statistic: str, queries: Queries, region: Region, window: Window
) -> None:
    """But for rounding down; a shared number would hold more than one canary may add."""
    found = planted(queries, region, window, statistic)
    lengths = (found.added.astype(float) ** 2).sum(axis=1)
    assert (lengths <= found.query.squared_sensitivity).all()
    assert (lengths >= 0.8 * found.query.squared_sensitivity).all()
    assert len(found.added) >= 3


@pytest.mark.parametrize("statistic", ["presence", "visitors", "flows"])
def test_a_sound_release_is_hardly_ever_flagged(
    statistic: str, queries: Queries, region: Region, window: Window
) -> None:
    """In at most 1 of 20: of 200 audits two are expected to be, and more than 10 are so once in 100,000 times."""
    found = planted(queries, region, window, statistic, epsilon=5.0)
    assert flagged(found, 200) <= 10


@pytest.mark.parametrize("statistic", ["presence", "visitors", "flows"])
def test_noise_at_half_its_scale_is_found(
    statistic: str, queries: Queries, region: Region, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "discrete_gaussian", lambda count, scale: discrete_gaussian(count, scale / 2))
    assert flagged(planted(queries, region, window, statistic, epsilon=2.0)) >= 19


@pytest.mark.parametrize("statistic", ["visitors", "flows"])
def test_a_bound_that_is_not_applied_is_found(
    statistic: str, queries: Queries, region: Region, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "scaled", lambda counts, device, squared_norm, squared_bound: counts * SCALE)
    assert flagged(planted(queries, region, window, statistic)) >= 19


def test_a_device_that_is_counted_in_two_feeds_is_found(
    queries: Queries, region: Region, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By way of an id that is hashed as it is spelled."""

    def as_spelled(ids: pa.Array, key: bytes) -> np.ndarray:
        return pseudonyms(ids, key if "-" in str(ids[0]) else bytes(31) + b"x")

    monkeypatch.setattr(canaries, "pseudonyms", as_spelled)
    found = planted(queries, region, window, "presence", epsilon=2.0)
    assert (found.added == 2).all()
    assert flagged(found) >= 19


def test_one_claims_what_was_paid_for_whatever_noise_was_drawn(
    queries: Queries, region: Region, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Noise that is scaled wrongly, by a fault of the scale itself, does not move the claim."""
    claimed = planted(queries, region, window, "presence", epsilon=2.0).mu
    monkeypatch.setattr(pieces, "scale_of", lambda variance: 0.5 * float(variance) ** 0.5)
    monkeypatch.setattr(door, "scale_of", lambda variance: 0.5 * float(variance) ** 0.5)
    found = planted(queries, region, window, "presence", epsilon=2.0)
    assert found.mu == claimed
    assert flagged(found) >= 19


def test_where_there_is_no_room_for_ten_times_the_bound_they_are_as_long_as_there_is(
    queries: Queries, region: Region, window: Window
) -> None:
    query = next(each for each in queries(1.0) if each.statistic == "visitors")
    large = long(replace(query, squared_bound=query.size // 25), region, window)
    assert large is not None
    assert 5.0 <= large.times < 5.1
    assert long(replace(query, squared_bound=query.size // 3), region, window) is None


def test_long_ones_are_of_flows_over_the_window_and_of_visitors(
    queries: Queries, region: Region, window: Window
) -> None:
    """Presence scales nothing; flows by slot are scaled by the same function as those over the window."""
    presence, flows = queries(1.0)[0], queries(1.0)[-1]
    assert long(presence, region, window) is None
    assert long(replace(flows, part="slots/P1D"), region, window) is None
    assert long(flows, region, window) is not None
