from __future__ import annotations

import numpy as np

from hereabouts.report.geometry import View
from hereabouts.report.towns import Town, coordinates, place_name, towns_in

TONGZHOU = Town("Tongzhou", 116.66, 39.90, 163_326)


def test_towns_of_a_view_come_by_size() -> None:
    towns = towns_in(View(115.4, 39.4, 117.5, 41.1))
    assert towns[0].name == "Beijing"
    assert [town.population for town in towns] == sorted((town.population for town in towns), reverse=True)


def test_towns_across_the_180th_meridian_are_unwrapped() -> None:
    towns = towns_in(View(170.0, -46.0, 190.0, -12.0))
    assert towns
    assert all(170.0 <= town.longitude <= 190.0 for town in towns)


def test_places_are_named_by_the_nearest_town() -> None:
    def name(longitude: float, latitude: float) -> str:
        return place_name(np.array([longitude, latitude]), (TONGZHOU,))

    assert name(116.66, 39.90) == "Tongzhou"
    assert name(116.66, 39.99) == "10 km N of Tongzhou"
    assert name(116.75, 39.83) == "11 km SE of Tongzhou"
    assert name(100.0, -10.0) == "10.00° S, 100.00° E"
    assert place_name(np.array([181.0, 1.0]), ()) == "1.00° N, 179.00° W"


def test_coordinates_turn_back_into_the_usual_range() -> None:
    assert coordinates(-181.5, 0.0) == "0.00° N, 178.50° E"
