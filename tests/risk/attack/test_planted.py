"""Whole audits by canaries: planted faults are found in 19 of 20 or more, sound releases flagged in 1 of 20 at most."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from hereabouts.feeds.ids.identifiers import pseudonyms
from hereabouts.privacy import measure as door
from hereabouts.privacy.bounding import SCALE
from hereabouts.privacy.mechanism import discrete_gaussian
from hereabouts.release.plan import Plan
from hereabouts.release.protected import Protection
from hereabouts.release.region import Region
from hereabouts.risk.attack import canaries, pieces
from hereabouts.risk.attack.planted import ALPHA, canary_tests, exact_threshold
from hereabouts.risk.attack.published import Publisher
from hereabouts.risk.attack.result import CanaryTest
from hereabouts.windows import Window
from tests.risk.attack.conftest import BBOX

if TYPE_CHECKING:
    from tests.risk.attack.conftest import Queries

DELTA = 1e-6
Audit = Callable[[int], list[CanaryTest]]
Rows = dict[tuple[int, str], tuple[np.ndarray, np.ndarray]]


def publisher_of(queries: Queries, region: Region, window: Window, epsilon: float) -> Publisher:
    plan = Plan.model_validate(
        {
            "name": "attacked", "purpose": "research", "region": {"bbox": list(BBOX)}, "window": window.name,
            "epsilon": epsilon, "delta": DELTA, "statistics": ["presence"],
            "presence": {"resolutions": [6, 7], "periods": ["P2D"]},
            "publish": {"minimum": 20, "max_relative_halfwidth": float("inf")},
        }
    )  # fmt: skip
    presence = {each.resolution: each for each in queries(epsilon) if each.statistic == "presence"}
    return Publisher(plan, window, Protection(region, 0, ()), {r: q for r, q in presence.items() if r is not None})


def audit_of(queries: Queries, region: Region, window: Window, epsilon: float) -> Audit:
    def audit(seed: int) -> list[CanaryTest]:
        made = publisher_of(queries, region, window, epsilon)
        rng = np.random.default_rng(seed)
        return canary_tests(queries(epsilon), made, Protection(region, 0, ()), window, 8, DELTA, rng)

    return audit


@pytest.fixture(params=[2.0, 10.0])
def audit(request: pytest.FixtureRequest, queries: Queries, region: Region, window: Window) -> Audit:
    """At the claims that are usual, and at the weakest."""
    return audit_of(queries, region, window, request.param)


def found(audit: Audit, runs: int) -> int:
    """In how many audits any canary shows more than was claimed."""
    return sum(any(test.flagged for test in audit(seed)) for seed in range(runs))


def half_the_noise(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(door, "discrete_gaussian", lambda count, scale: discrete_gaussian(count, scale / 2))


def no_bound(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(pieces, "scaled", lambda counts, device, squared_norm, squared_bound: counts * SCALE)


def counted_twice(patch: pytest.MonkeyPatch) -> None:
    """By way of an id that is hashed as it is spelled."""

    def as_spelled(ids: pa.Array, key: bytes) -> np.ndarray:
        return pseudonyms(ids, key if "-" in str(ids[0]) else bytes(31) + b"x")

    patch.setattr(canaries, "pseudonyms", as_spelled)


def threshold_on_exact_counts(patch: pytest.MonkeyPatch) -> None:
    """Figures have their noise; whether there is a row is decided by the exact count."""
    as_it_should_be = Publisher.publish

    def publish(self: Publisher, sums: dict[int, np.ndarray]) -> Rows:
        rows = as_it_should_be(self, sums)
        exact = {resolution: each.mean(axis=1, keepdims=True) >= 20 for resolution, each in sums.items()}
        return {(resolution, period): (value, exact[resolution]) for (resolution, period), (value, _) in rows.items()}

    patch.setattr(Publisher, "publish", publish)


FAULTS = [half_the_noise, no_bound, counted_twice, threshold_on_exact_counts]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_planted_fault_is_found(
    fault: Callable[[pytest.MonkeyPatch], None],
    queries: Queries,
    region: Region,
    window: Window,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fault(monkeypatch)
    assert found(audit_of(queries, region, window, 2.0), 1) == 1


@pytest.mark.prove
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_planted_faults_are_found_in_19_of_20(
    fault: Callable[[pytest.MonkeyPatch], None], audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(monkeypatch)
    assert found(audit, 20) >= 19


@pytest.mark.prove
def test_a_sound_release_is_flagged_in_one_of_20_at_most(audit: Audit) -> None:
    """Of 100 whole audits one is expected to be; more than 5 once in 1,800 times."""
    assert found(audit, 100) <= 5


def test_rows_that_noise_chooses_tell_no_more_than_was_claimed(
    queries: Queries, region: Region, window: Window
) -> None:
    """Canaries of sibling cells hang together by their parents, which the test allows for."""
    made, rng = publisher_of(queries, region, window, 1.0), np.random.default_rng(7)
    tests = [exact_threshold(made, 20, ALPHA, DELTA, rng) for _ in range(3)]
    assert not any(test.flagged for test in tests)
    assert all(test.found is not None and 0.3 < test.found < test.claimed for test in tests)


def test_all_canaries_together_err_once_in_a_hundred(audit: Audit) -> None:
    """Each has its share of that."""
    assert [test.name.partition(",")[0] for test in audit(1)] == [
        "in one cell in every hour", "visitors", "flows", "the one that makes 20 of 19 in a cell",
    ]  # fmt: skip


def test_no_noise_at_all_is_found_and_has_no_number(
    queries: Queries, region: Region, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be infinite, which no JSON holds."""
    monkeypatch.setattr(door, "discrete_gaussian", lambda count, scale: np.zeros(count, dtype=np.int64))
    first = audit_of(queries, region, window, 2.0)(1)[0]
    assert first.flagged
    assert first.found is None
