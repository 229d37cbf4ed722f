"""Names for places: the towns on the maps, and ``4 km NE of Tongzhou`` for a cell that has no name.

``assets/towns.npz`` holds the towns of GeoNames (CC BY 4.0) of 5,000 people or more, and seats of administration, as
``tools/build_report_assets.py`` wrote them: the most populous first, ``longitude`` and ``latitude`` in 1/100,000
degree, ``population``, and ``names``, UTF-8 with a line feed between two.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from hereabouts.report.geometry import KM_PER_DEGREE, View

STEPS_PER_DEGREE = 100_000
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
    world = _world()
    longitude = world.longitude - 360.0 * np.round((world.longitude - view.middle) / 360.0)
    latitude = world.latitude
    inside = (view.west <= longitude) & (longitude <= view.east) & (view.south <= latitude) & (latitude <= view.north)
    return tuple(
        Town(world.names[row], float(longitude[row]), float(latitude[row]), int(world.population[row]))
        for row in np.flatnonzero(inside)[:MOST_TOWNS]
    )


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


@dataclass(frozen=True, repr=False)
class _World:
    """All towns, the most populous first: names, degrees and people, of each shape (n,)."""

    names: list[str]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    population: NDArray[np.int32]


@cache
def _world() -> _World:
    asset = files("hereabouts.report").joinpath("assets", "towns.npz")
    with asset.open("rb") as file, np.load(file) as arrays:
        return _World(
            arrays["names"].tobytes().decode().split("\n"),
            arrays["longitude"] / STEPS_PER_DEGREE,
            arrays["latitude"] / STEPS_PER_DEGREE,
            arrays["population"],
        )
