"""Where the cells lie: their outlines, centres and sizes, and the box that the maps look at.

Longitudes are unwrapped around the middle of the region, so that a region across the 180th meridian is one
piece (its longitudes then run past 180 or below -180).
"""

from __future__ import annotations

from dataclasses import dataclass

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray

from hereabouts.report.manifest import ReleaseFacts

GRID_PER_DEGREE = 100_000
"""Outlines are packed as whole steps of 1e-5 degrees, about 1 m."""

KM_PER_DEGREE = 111.195
"""Length of a degree of a great circle on a sphere of radius 6,371.0088 km."""


@dataclass(frozen=True)
class View:
    """A box in degrees; ``east`` is always larger than ``west``."""

    west: float
    south: float
    east: float
    north: float

    @property
    def middle(self) -> float:
        """Longitude of the middle."""
        return (self.west + self.east) / 2

    @property
    def size_km(self) -> tuple[float, float]:
        """Width at the middle latitude, and height."""
        latitude = np.radians((self.south + self.north) / 2)
        width = (self.east - self.west) * KM_PER_DEGREE * float(np.cos(latitude))
        return width, (self.north - self.south) * KM_PER_DEGREE

    def grown(self, share: float) -> View:
        """Return a box about the same middle, square on the map and larger by ``share`` all round."""
        latitude = (self.south + self.north) / 2
        stretch = max(0.1, float(np.cos(np.radians(latitude))))
        half = max((self.east - self.west) * stretch, self.north - self.south) * (0.5 + share)
        return View(
            self.middle - half / stretch,
            max(-85.0, latitude - half),
            self.middle + half / stretch,
            min(85.0, latitude + half),
        )


@dataclass(frozen=True)
class CellShapes:
    """The outlines of a resolution's cells.

    Attributes
    ----------
    cells
        H3 indexes, shape (cells,).
    outlines
        Corners (longitude, latitude), shape (cells, corners, 2), degrees; cells with fewer repeat their last
        corner.
    centres
        (longitude, latitude), shape (cells, 2), degrees.
    area_km2
        Mean area of a cell.
    """

    resolution: int
    cells: NDArray[np.uint64]
    outlines: NDArray[np.float64]
    centres: NDArray[np.float64]
    area_km2: float


def unwrap(longitudes: NDArray[np.float64], middle: float) -> NDArray[np.float64]:
    """Return longitudes moved by whole turns to lie within 180 degrees of ``middle``."""
    return np.asarray(longitudes - 360.0 * np.round((longitudes - middle) / 360.0))


def shapes_of(cells: NDArray[np.uint64], resolution: int, middle: float) -> CellShapes:
    """Return the outlines of cells of one resolution, unwrapped around ``middle`` (degrees of longitude)."""
    corners = [h3.cell_to_boundary(int(cell)) for cell in cells]
    most = max(len(corner) for corner in corners)
    padded = np.array([[*corner, *[corner[-1]] * (most - len(corner))] for corner in corners], dtype=np.float64)
    centres = np.array([h3.cell_to_latlng(int(cell)) for cell in cells], dtype=np.float64)[:, ::-1].copy()
    centres[:, 0] = unwrap(centres[:, 0], middle)
    outlines = padded[:, :, ::-1].copy()
    outlines[:, :, 0] -= 360.0 * np.round((outlines[:, :, 0] - centres[:, None, 0]) / 360.0)
    area = float(np.mean([h3.cell_area(int(cell)) for cell in cells]))
    return CellShapes(resolution, cells, outlines, centres, area)


def region_view(facts: ReleaseFacts, cells: list[NDArray[np.uint64]]) -> View | None:
    """Return the box that the release speaks of: its plan's, else the one around its cells.

    Parameters
    ----------
    facts
        The manifest; its bbox is (west, south, east, north), and may have west > east across the 180th
        meridian.
    cells
        Cells of each resolution that occur in the release.

    Returns
    -------
    View or None
        ``None`` when there is neither a box nor a cell.
    """
    if facts.bbox is not None:
        west, south, east, north = facts.bbox
        return View(west, south, east + 360.0 if east <= west else east, north)
    if not cells:
        return None
    # The coarsest cells cover all others, and are few.
    coarsest = min(cells, key=lambda some: h3.get_resolution(int(some[0])))
    first = float(h3.cell_to_latlng(int(coarsest[0]))[1])
    corners = shapes_of(coarsest, h3.get_resolution(int(coarsest[0])), first).outlines.reshape(-1, 2)
    (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
    return View(float(west), float(south), float(east), float(north))
