"""What the gates of a benchmark are given: sensitive places of the made-up town, and ids of withdrawn devices.

Places are laid as a city has its hospitals, schools and churches: along the streets where people live, thinning out
from them more slowly than homes do, and over a wider land in a small town, which five thousand places would cover
else. With their margins of 100 m about a fifth of the pings is at one of them in towns of up to a million devices,
fewer in larger ones; what share it was is printed with the figures.
"""

from __future__ import annotations

import csv
import json
import math
import uuid
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from hereabouts.synthetic import TownConfig
from hereabouts.synthetic.town import METRES_PER_DEGREE, build_town

PLACES = 5000
WITHDRAWN = 1000
OF_THE_FEED = 50  # of the withdrawn, so that the gate has something to drop

_SPREAD = 6.0  # times as far from the street as homes, in a town of a million devices or more
_MILLION = 1e6
_LARGEST_RADIUS = 60.0  # metres
_POLYGONS = 0.3  # share of places with a drawn footprint
_SIDES = (20.0, 120.0)  # metres, of a drawn footprint
_CATEGORIES = {
    "schools-childcare": 0.34,
    "medical": 0.30,
    "religious": 0.24,
    "shelters": 0.04,
    "ethnic-services": 0.03,
    "labour-union": 0.02,
    "lgbtq-services": 0.01,
    "political-social-gatherings": 0.01,
    "correctional": 0.005,
    "military": 0.005,
}


def write_places(path: Path, town: TownConfig) -> Path:
    """Write a list of :data:`PLACES` sensitive places of a town as GeoJSON; the same for the same town."""
    rng = np.random.default_rng([town.seed, PLACES])
    spots = _spots(town, rng)
    categories = rng.choice([*_CATEGORIES], PLACES, p=[*_CATEGORIES.values()])
    features = [
        {"type": "Feature", "properties": {"category": str(category), **said}, "geometry": geometry}
        for category, (geometry, said) in zip(categories, _footprints(town, spots, rng), strict=True)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def write_withdrawn(path: Path, feed: Path, seed: int) -> Path:
    """Write a list of :data:`WITHDRAWN` ids, one a line: made-up ones, and some of the feed's."""
    rng = np.random.default_rng([seed, WITHDRAWN])
    strangers = [uuid.UUID(bytes=rng.bytes(16), version=4) for _ in range(WITHDRAWN - OF_THE_FEED)]
    file = pq.ParquetFile(min(feed.glob("*.parquet")))
    ids = next(file.iter_batches(batch_size=OF_THE_FEED, columns=["device_id"])).column(0).to_pylist()
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([one] for one in [*strangers, *ids])
    return path


def _spots(town: TownConfig, rng: np.random.Generator) -> NDArray[np.float64]:
    """Where places are, metres east and north of the town's centre, shape (places, 2)."""
    laid = build_town(town)
    quarters = laid.quarters[laid.homes[rng.integers(len(laid.homes), size=PLACES)]]
    along = rng.random((PLACES, 1))
    spread = _SPREAD * max(1.0, _MILLION / town.devices) ** 0.5
    away = spread * quarters[:, 4] * rng.gamma(2.0, size=PLACES)  # as draw_spot of the town draws homes
    angle = rng.uniform(0.0, 2.0 * math.pi, PLACES)
    offset = np.column_stack([away * np.cos(angle), away * np.sin(angle)])
    return np.asarray(quarters[:, :2] + along * (quarters[:, 2:4] - quarters[:, :2]) + offset, np.float64)


def _footprints(
    town: TownConfig, spots: NDArray[np.float64], rng: np.random.Generator
) -> Iterator[tuple[dict[str, object], dict[str, float]]]:
    """A GeoJSON geometry for each spot, and the radius of those that are points."""
    drawn = rng.random(PLACES) < _POLYGONS
    sides = rng.uniform(*_SIDES, (PLACES, 2))
    turns = rng.uniform(0.0, math.pi, PLACES)
    radii = rng.uniform(0.0, _LARGEST_RADIUS, PLACES)
    corners = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5), (-0.5, -0.5)])
    for spot, is_drawn, side, turn, radius in zip(spots, drawn, sides, turns, radii, strict=True):
        if not is_drawn:
            yield {"type": "Point", "coordinates": _degrees(town, spot)}, {"radius": round(float(radius), 1)}
            continue
        turned = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
        ring = spot + (corners * side) @ turned
        yield {"type": "Polygon", "coordinates": [[_degrees(town, corner) for corner in ring]]}, {}


def _degrees(town: TownConfig, spot: NDArray[np.float64]) -> list[float]:
    """Longitude and latitude of a spot of the town's flat map, to a centimetre or so."""
    stretch = math.cos(math.radians(town.latitude))
    east, north = float(spot[0]) / METRES_PER_DEGREE, float(spot[1]) / METRES_PER_DEGREE
    return [round(town.longitude + east / stretch, 7), round(town.latitude + north, 7)]
