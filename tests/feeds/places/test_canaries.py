"""Canaries (SL-TEST) stand where they say, by the definition and not by the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from shapely import LineString, MultiPoint, Point, Polygon, box

from hereabouts.feeds.places.canaries import EDGE, INSIDE, KINDS, MARGIN, plant
from hereabouts.feeds.places.listing import PlaceList
from hereabouts.feeds.places.reference import gaps, nearest_places
from hereabouts.feeds.places.shapes import parts_of

if TYPE_CHECKING:
    from tests.feeds.places.conftest import Listed

DONUT = Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(1, 1), (3, 1), (3, 3), (1, 3)]])


def gap(places: PlaceList, position: tuple[float, float]) -> float:
    """To the list's only place."""
    return float(gaps(parts_of(places.shape), places.radius, *position).min())


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize(
    ("shape", "radius"),
    [
        (Point(-1, 52), 0),
        (Point(-1, 52), 250),
        (Point(180, 10), 30),
        (Point(0, 90), 30),
        (Point(50, -90), 0),
        (DONUT, 0),
        (DONUT, 40),
        (LineString([(10, 10), (10.01, 10.02), (10.02, 10)]), 15),
        (Polygon([(179.9, 10), (-179.9, 10), (-179.9, 10.1), (179.9, 10.1)]), 0),
        (box(-0.5, -0.5, 0.5, 0.5), 0),
        (box(20, 86, 21, 87), 0),
        (box(20, -87, 21, -86), 10),
    ],
    ids=str,
)
def test_inside_at_the_edge_and_just_within_the_margin(listed: Listed, shape: object, radius: float, turn: int) -> None:
    places = listed([Point(60 + k, -40) for k in range(turn)] + [shape], radius=radius)
    canaries = plant(places, most=9)
    alone = listed([shape], radius=radius)
    at = dict(zip(canaries.kind[-3:], canaries.position[-3:].tolist(), strict=True))
    assert gap(alone, at[INSIDE]) == 0.0
    assert gap(alone, at[EDGE]) == pytest.approx(0.0, abs=0.01)
    assert gap(alone, at[MARGIN]) == pytest.approx(99.5, abs=0.2)
    assert gap(alone, at[MARGIN]) <= 100.0
    assert not any(latitude == longitude == 0.0 for latitude, longitude in canaries.position.tolist())


def test_three_at_each_place_of_every_category(listed: Listed) -> None:
    places = listed([Point(x, 50) for x in range(1, 8)], ["medical"] * 6 + ["shelters"])
    canaries = plant(places, most=3)
    assert [canaries.category.count(name) for name in ("medical", "shelters")] == [9, 3]
    assert canaries.kind[:3] == KINDS
    inside = canaries.position[::3, 1]
    assert inside.tolist() == [1, 3, 6, 7], "evenly from the first to the last"


def test_each_is_expected_under_the_nearest_places_category(listed: Listed) -> None:
    """Places overlap in a town: a canary planted at one may be nearer to another."""
    places = listed([Point(1, 50), Point(1, 50.0001)], ["medical", "shelters"], radius=[200, 0])
    canaries = plant(places, most=5)
    nearest = nearest_places(places, *canaries.position.T)
    assert list(canaries.expected) == [places.category[place] for place in nearest]
    assert len(canaries.category) == len(canaries.expected) == 6


def test_controls_are_well_outside_every_place(listed: Listed) -> None:
    rng = np.random.default_rng(2)
    places = listed([Point(x, y) for x, y in rng.normal(50, 0.01, (60, 2))], margin=300)
    canaries = plant(places, most=60)
    assert len(canaries.controls) == 60
    assert (nearest_places(places, *canaries.controls.T) == -1).all()
    wider = listed(list(places.shape), margin=390)
    assert (nearest_places(wider, *canaries.controls[:1].T) == -1).all()


def test_where_everything_is_listed_there_is_no_control(listed: Listed) -> None:
    spots = [(x + 0.5, y) for x in range(-180, 180) for y in range(-90, 91)]
    everywhere = listed([MultiPoint(spots)], radius=1e5, margin=1e5)
    assert plant(everywhere, most=1).controls.shape == (0, 2)
