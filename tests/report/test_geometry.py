from __future__ import annotations

from typing import Any

import h3.api.basic_int as h3
import numpy as np
import pytest

from hereabouts.report.geometry import View, region_view, shapes_of
from hereabouts.report.manifest import read_manifest


def test_outlines_are_h3s_own_with_longitude_first() -> None:
    cell = h3.latlng_to_cell(39.9, 116.4, 7)
    shapes = shapes_of(np.array([cell], np.uint64), 7, 116.0)
    assert shapes.outlines[0].tolist() == [[lon, lat] for lat, lon in h3.cell_to_boundary(cell)]
    assert shapes.centres[0].tolist() == list(h3.cell_to_latlng(cell))[::-1]
    assert shapes.area_km2 == pytest.approx(h3.cell_area(cell))


def test_a_pentagon_repeats_its_last_corner() -> None:
    pentagon = h3.get_pentagons(5)[0]
    hexagon = next(cell for cell in h3.grid_disk(pentagon, 1) if cell != pentagon)
    outline = shapes_of(np.array([pentagon, hexagon], np.uint64), 5, 0.0).outlines[0]
    corners = h3.cell_to_boundary(pentagon)
    assert outline[: len(corners)] == pytest.approx(np.array(corners)[:, ::-1], abs=360.1)
    assert (outline[len(corners) :] == outline[len(corners) - 1]).all()


def test_cells_on_both_sides_of_the_180th_meridian_are_one_piece() -> None:
    cells = np.array([h3.latlng_to_cell(-17, lon, 6) for lon in (179.9, 180.0, -179.9)], np.uint64)
    shapes = shapes_of(cells, 6, 180.0)
    assert np.ptp(shapes.outlines[:, :, 0]) < 0.5
    assert np.ptp(shapes.centres[:, 0]) < 0.5


def test_the_view_is_the_plans_box_or_else_the_one_around_the_cells(small_release: Any) -> None:
    manifest = dict(small_release.manifest)
    assert region_view(read_manifest(manifest), []) == View(115.4, 39.4, 117.5, 41.1)
    across = {**manifest, "region": {"bbox": [177.0, -19.0, -178.5, -16.0]}}
    assert region_view(read_manifest(across), []) == View(177.0, -19.0, 181.5, -16.0)
    elsewhere = read_manifest({**manifest, "region": {"cells": 1}})
    view = region_view(elsewhere, [np.array([h3.latlng_to_cell(10, 20, 5)], np.uint64)])
    assert view is not None
    assert view.west < 20 < view.east
    assert view.south < 10 < view.north
    assert region_view(elsewhere, []) is None


def test_a_grown_view_holds_the_first_one_and_is_square_on_the_map() -> None:
    grown = View(115.4, 39.4, 117.5, 41.1).grown(0.5)
    assert grown.west < 115.4
    assert grown.north > 41.1
    width, height = grown.size_km
    assert width == pytest.approx(height, rel=0.01)
