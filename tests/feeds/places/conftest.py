"""Lists of made-up places."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from hereabouts.feeds.places.listing import PlaceList
from hereabouts.feeds.places.reading import RawPlaces

Listed = Callable[..., PlaceList]
Features = Callable[..., Path]


def make_list(
    shapes: Sequence[shapely.Geometry],
    categories: Sequence[str] | str = "medical",
    radius: Sequence[float] | float = 0.0,
    margin: Sequence[float] | float = np.nan,
) -> PlaceList:
    """Make a list; what is said once is said of all places, and a margin that is not said is the category's."""
    n = len(shapes)
    words = [categories] * n if isinstance(categories, str) else list(categories)
    drawn = np.array([*shapes, None], np.object_)[:-1]
    metres = [np.broadcast_to(np.asarray(values, np.float64), n).copy() for values in (radius, margin)]
    return PlaceList.of("list", RawPlaces(list(words), drawn, metres[0], metres[1]))


@pytest.fixture
def listed() -> Listed:
    return make_list


@pytest.fixture
def features(tmp_path: Path) -> Features:
    """Write GeoJSON features ``(geometry, properties)``; a geometry is of shapely or a GeoJSON object."""

    def write(*found: tuple[Any, dict[str, Any]], name: str = "list.geojson") -> Path:
        content = [
            {
                "type": "Feature",
                "geometry": json.loads(shapely.to_geojson(shape)) if shapely.is_geometry(shape) else shape,
                "properties": properties,
            }
            for shape, properties in found
        ]
        path = tmp_path / name
        path.write_text(json.dumps({"type": "FeatureCollection", "features": content}), encoding="utf-8")
        return path

    return write
