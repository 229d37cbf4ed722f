"""GeoJSON is read for its polygons; what cannot be read is said, and is never half a region."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hereabouts.errors import BadInputError, MachineError
from hereabouts.release.geojson import Polygon, polygons_of

SQUARE = [[2.0, 48.0], [3.0, 48.0], [3.0, 49.0], [2.0, 49.0], [2.0, 48.0]]
HOLE = [[2.4, 48.4], [2.6, 48.4], [2.6, 48.6], [2.4, 48.4]]
AREA = {"type": "Polygon", "coordinates": [SQUARE]}
POINT = {"type": "Point", "coordinates": [2.0, 48.0]}


def write(folder: Path, content: Any) -> Path:
    path = folder / "area.geojson"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def feature(geometry: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"name": "x"}, "geometry": geometry}


def ring(*points: tuple[float, float]) -> Polygon:
    return Polygon((np.array(points),))


@pytest.mark.parametrize(
    ("content", "polygons"),
    [
        (AREA, 1),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE, HOLE]]}, 2),
        (feature(AREA), 1),
        ({"type": "FeatureCollection", "features": [feature(AREA), feature(AREA)]}, 2),
        ({"type": "GeometryCollection", "geometries": [AREA, POINT, AREA]}, 2),
        ({"type": "FeatureCollection", "features": [feature(None), feature(POINT), feature(AREA)]}, 1),
        (feature({"type": "GeometryCollection", "geometries": [AREA]}), 1),
    ],
)
def test_polygons_are_found_wherever_they_stand(tmp_path: Path, content: Any, polygons: int) -> None:
    found = polygons_of(write(tmp_path, content))
    assert len(found) == polygons
    for polygon in found:
        assert polygon.rings[0].tolist() == SQUARE[:-1]


def test_holes_come_with_their_polygon(tmp_path: Path) -> None:
    (found,) = polygons_of(write(tmp_path, {"type": "Polygon", "coordinates": [SQUARE, HOLE]}))
    assert [part.shape for part in found.rings] == [(4, 2), (3, 2)]


def test_heights_are_ignored_and_open_rings_closed(tmp_path: Path) -> None:
    points = [[lon, lat, 35.0] for lon, lat in SQUARE[:-1]]
    (found,) = polygons_of(write(tmp_path, {"type": "Polygon", "coordinates": [points]}))
    assert found.rings[0].tolist() == SQUARE[:-1]


@pytest.mark.parametrize(
    "content",
    [
        POINT,
        {"type": "LineString", "coordinates": SQUARE},
        {"type": "FeatureCollection", "features": []},
        {"type": "FeatureCollection", "features": [feature(POINT), feature(None)]},
        {"type": "MultiPolygon", "coordinates": []},
        {"type": "Polygon", "coordinates": []},
        {"type": "MultiPolygon", "coordinates": [[SQUARE], []]},
        {"type": "Topology"},
        {"type": None},
    ],
)
def test_what_holds_no_area_is_said_to(tmp_path: Path, content: Any) -> None:
    with pytest.raises(BadInputError, match="holds no area: expected a GeoJSON Polygon or MultiPolygon"):
        polygons_of(write(tmp_path, content))


@pytest.mark.parametrize(
    "content",
    [
        None,
        5,
        "Polygon",
        [],
        [AREA],
        {},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": None},
        {"type": "Polygon", "coordinates": 5},
        {"type": "Polygon", "coordinates": "here"},
        {"type": "Polygon", "coordinates": {"ring": SQUARE}},
        {"type": "Polygon", "coordinates": [[]]},
        {"type": "Polygon", "coordinates": [SQUARE[:2]]},
        {"type": "Polygon", "coordinates": [[[2.0], [3.0], [4.0]]]},
        {"type": "Polygon", "coordinates": [[[], [], []]]},
        {"type": "Polygon", "coordinates": SQUARE},
        {"type": "Feature"},
        {"type": "FeatureCollection"},
        {"type": "FeatureCollection", "features": 5},
        {"type": "FeatureCollection", "features": [AREA, None]},
        {"type": "GeometryCollection", "geometries": {"a": AREA}},
    ],
)
def test_what_cannot_be_read_is_said_to(tmp_path: Path, content: Any) -> None:
    with pytest.raises(BadInputError, match="holds a shape that cannot be read"):
        polygons_of(write(tmp_path, content))


@pytest.mark.parametrize("value", ["2.0", None, True, [2.0], 1e9, -180.5, float("nan"), float("inf"), 10**400])
def test_a_position_that_is_not_on_earth_is_named(tmp_path: Path, value: Any) -> None:
    points = [[value, 48.0], *SQUARE[1:]]
    with pytest.raises(BadInputError, match="in a position, expected longitude and latitude in degrees"):
        polygons_of(write(tmp_path, {"type": "Polygon", "coordinates": [points]}))


def test_latitude_and_longitude_in_the_wrong_order_are_noticed_where_they_can_be(tmp_path: Path) -> None:
    swapped = [[lat, lon] for lon, lat in [[115.0, 39.0], [117.0, 39.0], [117.0, 41.0]]]
    with pytest.raises(BadInputError, match=r"got 115\.0 in a position"):
        polygons_of(write(tmp_path, {"type": "Polygon", "coordinates": [swapped]}))


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"POLYGON((0 0, 1 1, 1 0))"])
def test_what_is_not_json_is_said_to_be_no_geojson(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "area.geojson"
    path.write_bytes(content)
    with pytest.raises(BadInputError, match="expected GeoJSON"):
        polygons_of(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="there is no such file; the plan's region names it"):
        polygons_of(tmp_path / "area.geojson")
    with pytest.raises(BadInputError, match="expected GeoJSON"):
        polygons_of(tmp_path)


def test_a_file_that_may_not_be_read_is_the_machines_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, **options: Any) -> str:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(MachineError, match=r"cannot read .*area\.geojson: Permission denied"):
        polygons_of(tmp_path / "area.geojson")


# --- geometry --------------------------------------------------------------------------------------------------------


def test_areas_are_in_degrees_of_the_equator() -> None:
    assert ring((0, 0), (1, 0), (1, 1), (0, 1)).square_degrees() == pytest.approx(1.0, rel=1e-3)
    assert ring((0, 60), (1, 60), (1, 61), (0, 61)).square_degrees() == pytest.approx(0.5, rel=0.03)
    assert ring((0, 1), (0, 0), (1, 0)).square_degrees() == pytest.approx(0.5, rel=1e-3)
    half_of_the_globe = ring((-180, 0), (-60, 0), (60, 0), (180, 0), (180, 90), (60, 90), (-60, 90), (-180, 90))
    assert half_of_the_globe.square_degrees() == pytest.approx(360 * 180 / np.pi)


def test_an_area_across_the_date_line_is_as_large_as_elsewhere() -> None:
    across = ring((179.5, 0), (-179.5, 0), (-179.5, 1), (179.5, 1))
    assert across.square_degrees() == pytest.approx(1.0, rel=1e-3)
    rings, crosses = across.unwrapped()
    assert crosses
    assert rings[0][:, 0].tolist() == [179.5, 180.5, 180.5, 179.5]
    assert not ring((0, 0), (1, 0), (1, 1)).unwrapped()[1]


def test_the_last_edge_crosses_the_date_line_too() -> None:
    assert ring((179, 1), (179, 0), (-179, 0)).unwrapped()[1]
    assert ring((-179, 0), (-179, 1), (179, 1)).unwrapped()[1]


@given(share=st.floats(0, 1), corner=st.integers(0, 3))
def test_a_point_between_two_corners_is_on_an_edge(share: float, corner: int) -> None:
    corners = np.array([(2.0, 48.0), (3.5, 48.3), (3.0, 49.0), (2.1, 49.2)])
    point = (1 - share) * corners[corner] + share * corners[(corner + 1) % 4]
    assert Polygon((corners,)).on_edge(point[None]).tolist() == [True]


def test_points_beside_an_edge_are_not_on_it() -> None:
    square = ring((2, 48), (3, 48), (3, 49), (2, 49))
    near = np.array([(2.5, 48.5), (2.5, 48.0 + 1e-7), (2.5, 48.0 - 1e-7), (1.9999, 48.0), (3.0001, 49.0), (2.5, 40.0)])
    assert not square.on_edge(near).any()
    assert square.on_edge(np.empty((0, 2))).shape == (0,)


def test_the_edge_of_a_hole_is_an_edge_and_so_is_one_across_the_date_line() -> None:
    holed = Polygon((np.array([(2, 48), (3, 48), (3, 49.0)]), np.array([(2.7, 48.2), (2.8, 48.2), (2.8, 48.4)])))
    assert holed.on_edge(np.array([(2.75, 48.2)])).all()
    across = ring((179.5, 0), (-179.5, 0), (-179.5, 1), (179.5, 1))
    assert across.on_edge(np.array([(180.0, 0.0), (-180.0, 1.0), (-179.75, 0.0), (179.5, 0.5)])).all()
    assert not across.on_edge(np.array([(0.0, 0.0)])).any(), "the long way round is not meant"
