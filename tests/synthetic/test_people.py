"""Who moves in: habits in sensible shares, and each the same whoever else is drawn with them."""

from __future__ import annotations

import uuid
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.synthetic import TownConfig
from hereabouts.synthetic.people import settle
from hereabouts.synthetic.town import build_town

CONFIG = TownConfig(devices=5000, days=1, seed=11, consent_refusal=0.2, limit_ad_tracking=0.3)


@pytest.fixture(scope="module")
def people() -> NDArray[Any]:
    return settle(CONFIG, build_town(CONFIG), 0, CONFIG.devices)


def test_a_person_does_not_depend_on_the_chunk(people: NDArray[Any]) -> None:
    np.testing.assert_array_equal(settle(CONFIG, build_town(CONFIG), 1234, 10), people[1234:1244])


def test_identifiers_are_random_uuids(people: NDArray[Any]) -> None:
    ids = [uuid.UUID(int=(int(high) << 64) | int(low)) for high, low in people["identifier"]]
    assert {(one.version, one.variant) for one in ids} == {(4, uuid.RFC_4122)}
    assert len(set(ids)) == len(ids)


def test_two_seeds_share_no_device(people: NDArray[Any]) -> None:
    other = TownConfig(devices=5000, days=1, seed=12)
    identifiers = settle(other, build_town(other), 0, other.devices)["identifier"]
    assert not set(map(tuple, identifiers.tolist())) & set(map(tuple, people["identifier"].tolist()))


def test_shares_are_as_asked_for(people: NDArray[Any]) -> None:
    assert 1 - people["consent"].mean() == pytest.approx(0.2, abs=0.02)
    assert people["limit_ad_tracking"].mean() == pytest.approx(0.3, abs=0.02)


def test_most_work_some_in_shifts_some_not_at_all(people: NDArray[Any]) -> None:
    assert 0.7 < (people["workdays"] > 0).mean() < 0.95
    assert 0.05 < (people["lag"] != 0).mean() < 0.25


def test_rates_differ_widely_about_their_mean(people: NDArray[Any]) -> None:
    mean_pings = people["pings"] * (1 - people["silent"]) * (1 + CONFIG.duplicates)
    assert mean_pings.mean() == pytest.approx(CONFIG.pings_per_day, rel=0.06)
    assert np.quantile(mean_pings, 0.95) > 5 * np.quantile(mean_pings, 0.25)


def test_haunts_are_near_home_and_day_trips_far(people: NDArray[Any]) -> None:
    def from_home(place: str) -> float:
        spots = people[place].reshape(len(people), -1, 2)[:, 0]
        return float(np.median(np.hypot(*(spots - people["home"]).T)))

    assert from_home("haunts") < from_home("office") < from_home("far")
