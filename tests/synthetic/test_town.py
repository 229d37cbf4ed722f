"""The town is dense in the middle, thin at its edge, and larger for more devices."""

from __future__ import annotations

import numpy as np

from hereabouts.synthetic import TownConfig
from hereabouts.synthetic.people import settle
from hereabouts.synthetic.town import build_town


def test_equal_seeds_give_equal_towns_and_others_do_not() -> None:
    town, again, other = (build_town(TownConfig(1000, 1, seed=seed)) for seed in (5, 5, 6))
    np.testing.assert_array_equal(town.haunts, again.haunts)
    assert not np.array_equal(town.haunts, other.haunts)


def test_places_are_popular_unevenly() -> None:
    town = build_town(TownConfig(100_000, 1))
    _, tickets = np.unique(town.offices, axis=0, return_counts=True)
    tickets.sort()
    assert tickets[-len(tickets) // 10 :].sum() > 0.4 * tickets.sum()


def test_homes_thin_out_from_the_centre() -> None:
    config = TownConfig(20_000, 1)
    home = settle(config, build_town(config), 0, config.devices)["home"]
    distance = np.hypot(*home.T)
    near, far = np.quantile(distance, [0.25, 0.9])
    density_near = 0.25 / near**2
    density_far = 0.1 / (distance.max() ** 2 - far**2)
    assert density_near > 50 * density_far


def test_extent_grows_gently_with_devices() -> None:
    medians = []
    for devices in (1000, 1_000_000):
        config = TownConfig(devices, 1)
        home = settle(config, build_town(config), 0, 1000)["home"]
        medians.append(np.median(np.hypot(*home.T)))
    assert 3 < medians[1] / medians[0] < 10
    assert 5_000 < medians[1] < 20_000
