"""All attacks in a row, on a crowd that was made up in memory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from hereabouts.catalogue.rows import DeviceRows, Presence, Stays, Trips
from hereabouts.errors import BadInputError
from hereabouts.release.plan import Plan
from hereabouts.release.protected import Protection
from hereabouts.release.region import Region
from hereabouts.risk.attack.result import Attacked
from hereabouts.risk.attack.run import Attackable, attacked, sampled
from hereabouts.rules.fewest import FEWEST
from hereabouts.windows import Window
from tests.risk.attack.conftest import BBOX

if TYPE_CHECKING:
    from tests.risk.attack.conftest import Queries

FACTS = Attacked("made up", "2024-03-04/2024-03-06", 1.0, 1e-6, False, (), (), 0.6)


def release_of(buckets: list[DeviceRows], queries: Queries, region: Region, window: Window) -> Attackable:
    plan = Plan.model_validate(
        {
            "name": "attacked", "purpose": "research", "region": {"bbox": list(BBOX)}, "window": window.name,
            "epsilon": 1.0, "delta": 1e-6, "statistics": ["presence", "visitors", "flows"],
            "presence": {"resolutions": [6, 7], "periods": ["PT1H", "P2D"]},
        }
    )  # fmt: skip
    both = sampled(buckets, queries(1.0), queries(1.0), 1)
    return Attackable(FACTS, both, plan, window, Protection(region, 0, ()), 8)


def test_few_devices_are_told_nothing(
    buckets: list[DeviceRows], queries: Queries, region: Region, window: Window
) -> None:
    few = buckets[0].presence.device < 19
    presence = Presence(*(column[few] for column in buckets[0].presence))
    none = np.empty(0, dtype=np.int64)
    rows = DeviceRows(100, region.leaves, presence, Stays(none, none, none), Trips(*[none] * 6))
    with pytest.raises(BadInputError, match="fewer than 20 devices"):
        attacked(release_of([rows], queries, region, window), 1, 8, lambda _: None)


def test_a_statistic_of_few_devices_is_left_out_of_all_figures(
    buckets: list[DeviceRows], queries: Queries, region: Region, window: Window
) -> None:
    """Many are present and few travel: no figure is about those few, whatever else is measured of them."""
    first = buckets[0]
    few = first.trips.device < 10
    rows = DeviceRows(
        first.devices, first.cells, first.presence, first.stays, Trips(*(column[few] for column in first.trips))
    )
    release = release_of([rows], queries, region, window)
    pieces, _ = release.both.whole.told(lambda _: True)
    assert [release.queries[number].statistic for number in pieces] == ["presence", "presence", "visitors"]
    result = attacked(release, 1, 8, lambda _: None)
    assert result.untried[0] == "flows at resolution 6 (pairs): fewer than 20 devices in it"
    json.dumps(result.to_json(), allow_nan=False)


def test_nobody_who_adds_to_nothing_is_a_target(
    buckets: list[DeviceRows], queries: Queries, region: Region, window: Window
) -> None:
    release = release_of(buckets, queries, region, window)
    for statistic in ("presence", "flows"):
        crowd = release.both.whole.only(*release.both.whole.told(lambda query: query.statistic == statistic))  # noqa: B023
        assert (crowd.strengths(np.arange(crowd.sampled)) > 0).all()
        assert FEWEST <= crowd.sampled <= release.both.whole.sampled
