"""Attacks that are learnt: they find people in exact counts, and nobody in a release."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from hereabouts.release.region import Region
from hereabouts.risk.attack.learned import RAW, RELEASE, THRESHOLD, group_size, knock_knock, zero_auxiliary
from hereabouts.risk.attack.pieces import Crowd, read_crowd
from hereabouts.risk.intervals import area_under_curve
from hereabouts.windows import Window

if TYPE_CHECKING:
    from hereabouts.catalogue.rows import DeviceRows
    from tests.risk.attack.conftest import Queries

TARGETS = 5


@pytest.fixture(scope="module")
def crowd(buckets: list[DeviceRows], queries: Queries) -> Crowd:
    return read_crowd(buckets, queries(0.5), 400, np.random.default_rng(3))


@pytest.mark.parametrize("attack", ["knock-knock", "zero auxiliary"])
def test_exact_counts_give_people_away_and_the_release_does_not(
    attack: str, crowd: Crowd, region: Region, window: Window
) -> None:
    rng = np.random.default_rng(1)
    targets = np.arange(TARGETS)
    if attack == "knock-knock":
        found = knock_knock(crowd, targets, rng)
    else:
        presence = crowd.only(*crowd.told(lambda query: query.statistic == "presence"))
        found = zero_auxiliary(presence, targets, window.hours, rng)
    area = {name: area_under_curve(*scores) for name, scores in found.items()}
    assert list(area) == [RAW, THRESHOLD, RELEASE]
    assert area[RAW][0] > 0.9
    assert area[RAW][0] >= area[THRESHOLD][0]
    strength = float(np.median(crowd.strengths(targets)))
    assert area[RELEASE][0] < 0.5 + 0.4 * strength + 5 * area[RELEASE][1]


def test_groups_are_of_a_thousand_or_of_a_quarter(crowd: Crowd) -> None:
    assert group_size(crowd) == 100
