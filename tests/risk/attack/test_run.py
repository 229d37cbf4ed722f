"""All attacks in a row, on a crowd that was made up in memory."""

from __future__ import annotations

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
    crowd = sampled(buckets, queries(1.0), 1)
    return Attackable(FACTS, crowd, plan, window, Protection(region, 0, ()), 8)


def test_few_devices_are_told_nothing(
    buckets: list[DeviceRows], queries: Queries, region: Region, window: Window
) -> None:
    few = buckets[0].presence.device < 19
    presence = Presence(*(column[few] for column in buckets[0].presence))
    none = np.empty(0, dtype=np.int64)
    rows = DeviceRows(100, region.leaves, presence, Stays(none, none, none), Trips(*[none] * 6))
    with pytest.raises(BadInputError, match="fewer than 20 devices"):
        attacked(release_of([rows], queries, region, window), 1, lambda _: None)
