"""A region is what its plan says, edges included, held against H3 and brute force."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h3.api.numpy_int as h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.errors import BadInputError, UsageError
from hereabouts.hexagons import centres_of
from hereabouts.release.plan import Area
from hereabouts.release.region import LEAF, region_of, touching

Box = tuple[float, float, float, float]


def in_box(box: Box) -> NDArray[np.uint64]:
    return region_of(Area(bbox=box)).leaves


def in_shape(folder: Path, geometry: Any) -> NDArray[np.uint64]:
    path = folder / "area.geojson"
    path.write_text(json.dumps(geometry), encoding="utf-8")
    return region_of(Area(geojson=str(path))).leaves


def by_hand(latitude: float, longitude: float, rings: int, box: Box) -> NDArray[np.uint64]:
    """All cells around a place whose centre is in the closed box, one by one."""
    around = np.unique(np.asarray(h3.grid_disk(h3.latlng_to_cell(latitude, longitude, LEAF), rings), dtype=np.uint64))
    west, south, east, north = box
    centres = [h3.cell_to_latlng(cell) for cell in around]
    inside = [south <= lat <= north and west <= lon <= east for lat, lon in centres]
    assert len(inside) > 3 * sum(inside), "the box is well within what was looked at"
    return np.asarray(around[np.array(inside)], dtype=np.uint64)


def polygon(*points: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[*points, points[0]]]}


def as_polygon(box: Box) -> dict[str, Any]:
    west, south, east, north = box
    return polygon((west, south), (east, south), (east, north), (west, north))


# --- boxes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("latitude", "longitude", "rings", "box"),
    [
        (48.85, 2.35, 25, (2.25, 48.8, 2.45, 48.92)),
        (-33.9, 151.2, 25, (151.1, -34.0, 151.3, -33.8)),
        (0.0, 0.0, 25, (-0.1, -0.1, 0.1, 0.1)),
        (58.16, 11.0, 30, (10.9, 58.0, 11.15, 58.25)),  # near a pentagon of the icosahedron
        (0.0, 179.95, 25, (179.85, -0.1, 180.0, 0.1)),
        (0.0, -179.95, 25, (-180.0, -0.1, -179.85, 0.1)),
        (90.0, 0.0, 20, (-180.0, 89.9, 180.0, 90.0)),
        (-90.0, 0.0, 20, (-180.0, -90.0, 180.0, -89.9)),
        (89.95, 45.0, 20, (0.0, 89.85, 90.0, 90.0)),
    ],
)
def test_a_box_holds_the_cells_whose_centres_it_holds(latitude: float, longitude: float, rings: int, box: Box) -> None:
    assert np.array_equal(in_box(box), by_hand(latitude, longitude, rings, box))


@given(
    latitude=st.floats(-85, 85),
    longitude=st.floats(-179, 179),
    height=st.floats(0.02, 0.1),
    width=st.floats(0.02, 0.1),
)
@settings(max_examples=25, deadline=None)
def test_boxes_anywhere(latitude: float, longitude: float, height: float, width: float) -> None:
    width /= np.cos(np.radians(latitude))
    box = longitude - width / 2, latitude - height / 2, longitude + width / 2, latitude + height / 2
    expected = by_hand(latitude, longitude, 16, box)
    if expected.size and box[0] >= -180 and box[2] <= 180:
        assert np.array_equal(in_box(box), expected)


@pytest.mark.parametrize("edge", range(4))
def test_a_centre_on_an_edge_is_inside_and_a_hair_beyond_is_not(edge: int) -> None:
    cell = h3.latlng_to_cell(48.85, 2.35, LEAF)
    lat, lon = h3.cell_to_latlng(cell)
    box = [lon - 0.1, lat - 0.1, lon + 0.1, lat + 0.1]
    box[edge] = (lon, lat)[edge % 2]
    west, south, east, north = box
    assert cell in in_box((west, south, east, north))
    box[edge] = np.nextafter(box[edge], 1000.0 if edge < 2 else -1000.0)
    west, south, east, north = box
    assert cell not in in_box((west, south, east, north))


def test_a_box_on_both_sides_of_the_date_line_is_two() -> None:
    """Neighbours across it belong to one box each."""
    east, west = in_box((179.9, -0.1, 180.0, 0.1)), in_box((-180.0, -0.1, -179.9, 0.1))
    assert not np.intersect1d(east, west).size
    neighbours = {cell for found in east for cell in np.asarray(h3.grid_disk(found, 1)).tolist()}
    assert neighbours & set(west.tolist())


def test_cells_are_sorted_and_each_is_there_once() -> None:
    found = region_of(Area(bbox=(2.0, 48.5, 2.7, 49.1)))
    for resolution in range(LEAF + 1):
        cells = found.cells(resolution)
        assert cells.dtype == np.uint64
        assert (np.diff(cells.astype(np.int64)) > 0).all()


def test_coarser_cells_are_ancestors_by_index() -> None:
    found = region_of(Area(bbox=(2.0, 48.5, 2.7, 49.1)))
    for resolution in range(LEAF + 1):
        ancestors = {int(h3.cell_to_parent(leaf, resolution)) for leaf in found.leaves}
        assert set(found.cells(resolution).tolist()) == ancestors
    assert np.array_equal(found.cells(LEAF), found.leaves)


# --- cells -----------------------------------------------------------------------------------------------------------


def test_named_cells_are_their_descendants() -> None:
    parent, leaf = h3.latlng_to_cell(48.85, 2.35, 5), h3.latlng_to_cell(40.7, -74.0, LEAF)
    found = region_of(Area(cells=(f"{parent:x}", f"{leaf:x}"))).leaves
    assert set(found.tolist()) == {*np.asarray(h3.cell_to_children(parent, LEAF)).tolist(), leaf}


def test_a_cell_named_twice_or_with_its_child_counts_once() -> None:
    parent = h3.latlng_to_cell(48.85, 2.35, 6)
    child = h3.cell_to_children(parent, LEAF)[0]
    assert region_of(Area(cells=(f"{parent:x}", f"{parent:x}", f"{child:x}"))).leaves.size == 7


def test_a_pentagon_has_a_child_less() -> None:
    assert region_of(Area(cells=(f"{h3.get_pentagons(6)[0]:x}",))).leaves.size == 6


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x",
        "Paris",
        "0",
        "-1",
        "ffffffffffffffff",
        "f" * 40,
        "871fb4662ffffff0",
        f"{h3.latlng_to_cell(48.85, 2.35, 8):x}",
    ],
)
def test_a_name_that_is_no_cell_of_the_region_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=f"got region cell '{name}', expected an H3 index of resolution 7 or coarser"):
        region_of(Area(cells=(name,)))


# --- shapes ----------------------------------------------------------------------------------------------------------

BOX = (2.25, 48.8, 2.45, 48.92)


def test_a_box_drawn_as_a_polygon_is_the_same_region(tmp_path: Path) -> None:
    assert np.array_equal(in_shape(tmp_path, as_polygon(BOX)), in_box(BOX))


@pytest.mark.parametrize("wrap", ["Feature", "FeatureCollection", "MultiPolygon"])
def test_it_may_be_wrapped(tmp_path: Path, wrap: str) -> None:
    area = as_polygon(BOX)
    feature = {"type": "Feature", "properties": {}, "geometry": area}
    wrapped = {
        "Feature": feature,
        "FeatureCollection": {"type": "FeatureCollection", "features": [feature]},
        "MultiPolygon": {"type": "MultiPolygon", "coordinates": [area["coordinates"]]},
    }[wrap]
    assert np.array_equal(in_shape(tmp_path, wrapped), in_box(BOX))


def test_polygons_that_overlap_count_once_and_apart_they_add_up(tmp_path: Path) -> None:
    boxes = [(2.2, 48.8, 2.4, 48.9), (2.3, 48.85, 2.5, 48.95), (3.0, 48.0, 3.1, 48.1)]
    shape = {"type": "MultiPolygon", "coordinates": [as_polygon(box)["coordinates"] for box in boxes]}
    assert set(in_shape(tmp_path, shape).tolist()) == {cell for box in boxes for cell in in_box(box).tolist()}


def test_a_hole_is_not_in_the_region(tmp_path: Path) -> None:
    hole = (2.3, 48.83, 2.4, 48.89)
    shape = {"type": "Polygon", "coordinates": [as_polygon(BOX)["coordinates"][0], as_polygon(hole)["coordinates"][0]]}
    assert np.array_equal(in_shape(tmp_path, shape), np.setdiff1d(in_box(BOX), in_box(hole)))


def test_the_way_round_says_nothing(tmp_path: Path) -> None:
    west, south, east, north = BOX
    turned = polygon((west, south), (west, north), (east, north), (east, south))
    assert np.array_equal(in_shape(tmp_path, turned), in_box(BOX))


def test_edges_belong_to_a_shape(tmp_path: Path) -> None:
    """A polygon between the centres of cells holds these cells; on which side of them it is drawn does not matter."""
    middle = h3.latlng_to_cell(48.85, 2.35, LEAF)
    ring = np.asarray(h3.grid_ring(middle, 3), dtype=np.uint64)
    centres = centres_of(ring)
    around = np.argsort(np.arctan2(*(centres - centres_of(np.array([middle], dtype=np.uint64))).T))
    corners = [(lon, lat) for lat, lon in centres[around].tolist()]
    found = set(in_shape(tmp_path, polygon(*corners)).tolist())
    assert set(ring.tolist()) <= found
    assert found == set(np.asarray(h3.grid_disk(middle, 3)).tolist())


def test_an_edge_of_a_box_that_runs_through_a_centre_holds_it_as_a_polygon_too(tmp_path: Path) -> None:
    for place in ((48.85, 2.35), (-33.9, 151.2), (64.1, -21.9)):
        cell = h3.latlng_to_cell(*place, LEAF)
        lat, lon = h3.cell_to_latlng(cell)
        for box in (
            (lon, lat - 0.05, lon + 0.05, lat + 0.05),
            (lon - 0.05, lat - 0.05, lon, lat + 0.05),
            (lon - 0.05, lat, lon + 0.05, lat + 0.05),
            (lon - 0.05, lat - 0.05, lon + 0.05, lat),
        ):
            assert cell in in_shape(tmp_path, as_polygon(box))
            assert np.array_equal(in_shape(tmp_path, as_polygon(box)), in_box(box))


def test_a_shape_across_the_date_line_holds_both_sides(tmp_path: Path) -> None:
    across = polygon((179.9, -0.1), (-179.9, -0.1), (-179.9, 0.1), (179.9, 0.1))
    both = np.union1d(in_box((179.9, -0.1, 180.0, 0.1)), in_box((-180.0, -0.1, -179.9, 0.1)))
    assert np.array_equal(in_shape(tmp_path, across), both)
    split = {
        "type": "MultiPolygon",
        "coordinates": [
            as_polygon((179.9, -0.1, 180.0, 0.1))["coordinates"],
            as_polygon((-180.0, -0.1, -179.9, 0.1))["coordinates"],
        ],
    }
    assert np.array_equal(in_shape(tmp_path, split), both)


def test_a_shape_that_cannot_be_read_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="holds a shape that cannot be read"):
        in_shape(tmp_path, {"type": "Polygon", "coordinates": [[["a", "b"]] * 4]})
    with pytest.raises(BadInputError, match="there is no such file"):
        region_of(Area(geojson=str(tmp_path / "missing.geojson")))


# --- sizes -----------------------------------------------------------------------------------------------------------


def test_an_area_without_a_centre_is_refused(tmp_path: Path) -> None:
    tiny = (2.35, 48.85, 2.35 + 1e-6, 48.85 + 1e-6)
    for area in (Area(bbox=tiny), Area(cells=())):
        with pytest.raises(UsageError, match="holds the centre of no H3 cell of resolution 7: give a larger one"):
            region_of(area)
    with pytest.raises(UsageError, match="holds the centre of no H3 cell"):
        in_shape(tmp_path, as_polygon(tiny))


@pytest.mark.parametrize("box", [(-180.0, -90.0, 180.0, 90.0), (0.0, 0.0, 60.0, 40.0), (-180.0, 50.0, 180.0, 90.0)])
def test_an_area_that_is_too_large_is_refused_before_its_cells_are_listed(tmp_path: Path, box: Box) -> None:
    with pytest.raises(
        UsageError, match=r"about [\d,]+ cells of resolution 7, at most 2,000,000 can be measured: split it"
    ):
        region_of(Area(bbox=box))
    west, south, east, north = box
    steps = np.linspace(west, east, 9).tolist()
    drawn = polygon(*((lon, south) for lon in steps), *((lon, north) for lon in steps[::-1]))
    with pytest.raises(UsageError, match="at most 2,000,000 can be measured"):
        in_shape(tmp_path, drawn)


def test_too_many_named_cells_are_refused() -> None:
    with pytest.raises(UsageError, match="at most 2,000,000 can be measured"):
        region_of(Area(cells=tuple(f"{cell:x}" for cell in h3.get_res0_cells())))


# --- what an area touches --------------------------------------------------------------------------------------------


def points_in(box: Box, count: int) -> NDArray[np.float64]:
    """Places in a box, its edges and corners among them: longitude, latitude."""
    west, south, east, north = box
    rng = np.random.default_rng(count)
    inside = rng.uniform((west, south), (east, north), (count, 2))
    inside[: count // 4, 0] = west
    inside[count // 4 : count // 2, 1] = north
    corners = [(x, y) for x in (west, east) for y in (south, north)]
    return np.vstack([inside, corners])


@given(
    latitude=st.floats(-80, 80),
    longitude=st.floats(-179, 179),
    size=st.sampled_from([1e-5, 1e-3, 0.02, 0.15]),
    resolution=st.integers(0, 7),
    store=st.integers(7, 10),
)
@settings(max_examples=40, deadline=None)
def test_no_place_in_an_area_is_in_a_store_cell_whose_ancestor_it_does_not_touch(
    latitude: float, longitude: float, size: float, resolution: int, store: int
) -> None:
    """By index: children stick out of the hexagons that are drawn for their parents."""
    box = (longitude, latitude, longitude + size, latitude + size)
    found = set(touching(Area(bbox=box), resolution).tolist())
    for x, y in points_in(box, 60):
        assert h3.cell_to_parent(h3.latlng_to_cell(y, x, store), resolution) in found
        assert h3.latlng_to_cell(y, x, resolution) in found, "nor in the hexagon that is drawn"


def test_an_area_along_the_edges_of_a_cell_touches_its_neighbours(tmp_path: Path) -> None:
    """Cells that were exported as GeoJSON: what is inside along an edge may belong to the other side by index."""
    cell = h3.latlng_to_cell(48.85, 2.35, 6)
    ring = [(longitude, latitude) for latitude, longitude in h3.cell_to_boundary(cell)]
    path = tmp_path / "area.geojson"
    path.write_text(json.dumps(polygon(*ring)), encoding="utf-8")
    found = touching(Area(geojson=str(path)), 6)
    assert set(h3.grid_disk(cell, 1).tolist()) <= set(found.tolist())


def test_the_inside_of_a_large_area_needs_no_ring_of_its_own() -> None:
    box = (1.9, 48.5, 2.9, 49.2)
    inside = np.unique(
        np.asarray(h3.polygon_to_cells_experimental(h3.LatLngPoly(*[_corners(box)]), 7, contain="overlap"))
    )
    ringed = np.unique(np.concatenate([h3.grid_disk(int(cell), 1) for cell in inside]))
    assert np.array_equal(touching(Area(bbox=box), 7), ringed)


def _corners(box: Box) -> list[tuple[float, float]]:
    west, south, east, north = box
    return [(south, west), (south, east), (north, east), (north, west)]


def test_an_area_of_cells_is_what_lies_below_them() -> None:
    six = h3.latlng_to_cell(48.85, 2.35, 6)
    area = Area(cells=(h3.int_to_str(six),))
    assert touching(area, 6).tolist() == [six]
    assert touching(area, 5).tolist() == [h3.cell_to_parent(six, 5)]
    assert touching(area, 7).tolist() == sorted(h3.cell_to_children(six, 7).tolist())


def test_an_area_too_small_for_any_centre_touches_something() -> None:
    with pytest.raises(UsageError):
        in_box((2.35, 48.85, 2.3501, 48.8501))
    assert touching(Area(bbox=(2.35, 48.85, 2.3501, 48.8501)), 5).size >= 1


def test_what_is_below_a_leaf_sticks_out_into_the_ring_around_it_and_no_further() -> None:
    rng = np.random.default_rng(7)
    latitude, longitude = np.degrees(np.arcsin(rng.uniform(-1, 1, 4000))), rng.uniform(-180, 180, 4000)
    outside = 0
    for y, x in zip(latitude, longitude, strict=True):
        leaf = h3.latlng_to_cell(y, x, 7)
        for store in (8, 10):
            above = h3.cell_to_parent(h3.latlng_to_cell(y, x, store), 7)
            outside += above != leaf
            assert above == leaf or h3.are_neighbor_cells(above, leaf)
    assert outside > 100, "it does happen"
