"""The polygons of a GeoJSON file (RFC 7946), as arrays of numbers; what else it holds is no area, and passed over."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hereabouts.errors import BadInputError, MachineError

Floats = NDArray[np.float64]

# In degrees: a tenth of a millimetre, and far more than what is lost between radians and degrees.
_NEAR = 1e-9


@dataclass(frozen=True)
class Polygon:
    """An outer ring and the rings of its holes, each of shape (n, 2): longitude, latitude in WGS84 degrees.

    Rings may be closed or not. A ring that steps over more than half of the globe crosses the antimeridian.
    """

    rings: tuple[Floats, ...]

    def unwrapped(self) -> tuple[tuple[Floats, ...], bool]:
        """The rings without a jump at the antimeridian, and whether there was one (western longitudes then + 360)."""
        crosses = bool((np.abs(np.diff(self.rings[0][:, 0], append=self.rings[0][:1, 0])) > 180.0).any())
        if not crosses:
            return self.rings, False
        return tuple(np.column_stack([ring[:, 0] % 360.0, ring[:, 1]]) for ring in self.rings), True

    def square_degrees(self) -> float:
        """Area of the outer ring in degrees of the equator, squared; near the poles degrees of longitude are short."""
        longitude, latitude = self.unwrapped()[0][0].T
        # A cylinder of the globe's radius has the globe's areas (Archimedes); there the shoelace formula is at home.
        height = np.degrees(np.sin(np.radians(latitude)))
        return float(abs(longitude @ np.roll(height, -1) - height @ np.roll(longitude, -1)) / 2.0)

    def on_edge(self, points: Floats) -> NDArray[np.bool_]:
        """Which points, shape (n, 2) as the rings, lie on an edge, to a tenth of a millimetre."""
        rings, crosses = self.unwrapped()
        longitude = points[:, 0] % 360.0 if crosses else points[:, 0]
        latitude = points[:, 1]
        found = np.zeros(len(points), dtype=bool)
        for ring in rings:
            for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
                near = (longitude >= min(x0, x1) - _NEAR) & (longitude <= max(x0, x1) + _NEAR)
                near &= (latitude >= min(y0, y1) - _NEAR) & (latitude <= max(y0, y1) + _NEAR)
                off = (x1 - x0) * (latitude - y0) - (y1 - y0) * (longitude - x0)
                found |= near & (np.abs(off) <= _NEAR * max(np.hypot(x1 - x0, y1 - y0), _NEAR))
        return found


def read_area(path: Path) -> bytes:
    """The bytes of a file.

    Raises
    ------
    BadInputError
        When it is missing.
    MachineError
        When it may not be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BadInputError(path, "there is no such file; the plan's region names it") from None
    except IsADirectoryError:
        raise BadInputError(path, "expected GeoJSON") from None
    except OSError as error:
        raise MachineError(f"cannot read {path}: {error.strerror}") from None


def polygons_of(path: Path, read: bytes | None = None) -> list[Polygon]:
    """All polygons of a file: of features, collections and multi-polygons alike.

    Parameters
    ----------
    path
        The file.
    read
        Its bytes, where it was read before.

    Raises
    ------
    BadInputError
        When the file is missing, is no GeoJSON, holds no area, or a position in it is not on Earth.
    MachineError
        When it may not be read.
    """
    try:
        content = json.loads((read_area(path) if read is None else read).decode("utf-8"))
    except (ValueError, RecursionError):
        raise BadInputError(path, "expected GeoJSON") from None
    try:
        found = [Polygon(tuple(_ring(ring) for ring in rings)) for rings in _coordinates(content)]
    except KeyError as missing:
        raise BadInputError(path, f"holds a shape that cannot be read: it has no {missing}") from None
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise BadInputError(path, f"holds a shape that cannot be read ({error})") from None
    if not found or not all(polygon.rings for polygon in found):
        raise BadInputError(path, "holds no area: expected a GeoJSON Polygon or MultiPolygon, or features of these")
    return found


def _coordinates(content: Any) -> list[Any]:
    """The coordinates of every polygon within a GeoJSON object; a feature may have no geometry."""
    match content["type"]:
        case "FeatureCollection":
            return [found for feature in content["features"] for found in _coordinates(feature)]
        case "GeometryCollection":
            return [found for geometry in content["geometries"] for found in _coordinates(geometry)]
        case "Feature":
            return [] if content["geometry"] is None else _coordinates(content["geometry"])
        case "Polygon":
            return [content["coordinates"]]
        case "MultiPolygon":
            return list(content["coordinates"])
    return []


def _ring(positions: Any) -> Floats:
    if len(positions) < 3:
        raise ValueError(f"got a ring of {len(positions)} positions, expected four or more")
    ring = np.array([[_degrees(position[0], 180.0), _degrees(position[1], 90.0)] for position in positions])
    # The last position repeats the first.
    return ring[:-1] if (ring[0] == ring[-1]).all() else ring


def _degrees(value: Any, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not -most <= value <= most:
        raise ValueError(f"got {value!r} in a position, expected longitude and latitude in degrees")
    return float(value)
