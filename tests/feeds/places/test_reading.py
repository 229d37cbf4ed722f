"""Files of places: three formats, one meaning; what else a file says is not read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from shapely import Point, box

from hereabouts.errors import BadInputError, MachineError
from hereabouts.feeds.places.reading import RawPlaces, read_places

if TYPE_CHECKING:
    from tests.feeds.places.conftest import Features

HEADER = "category,latitude,longitude,radius,margin,name\n"


def csv(folder: Path, text: str) -> RawPlaces:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return read_places(path)


def geoparquet(folder: Path, geo: dict[str, Any], **columns: Any) -> Path:
    table = pa.table(columns).replace_schema_metadata({"geo": json.dumps(geo)})
    path = folder / "list.parquet"
    pq.write_table(table, path)
    return path


def about(name: str, **column: Any) -> dict[str, Any]:
    """Metadata of GeoParquet with a geometry column of that name."""
    described = {"encoding": "WKB", "geometry_types": [], **column}
    return {"version": "1.1.0", "primary_column": name, "columns": {name: described}}


def test_csv(tmp_path: Path) -> None:
    found = csv(tmp_path, HEADER + 'medical,52.5,-1.25,30,,"A name,\nof two lines"\n religious , 1e1 ,+2.5,,250.5,\n')
    assert found.category == ["medical", "religious"]
    assert [shape.wkt for shape in found.shape] == ["POINT (-1.25 52.5)", "POINT (2.5 10)"]
    assert found.radius.tolist()[0] == 30
    assert np.isnan(found.radius[1])
    assert np.isnan(found.margin[0])
    assert found.margin.tolist()[1] == 250.5


def test_csv_with_a_geometry(tmp_path: Path) -> None:
    found = csv(tmp_path, 'category,geometry\nmilitary,"POLYGON ((0 0, 1 0, 1 1, 0 0))"\nmilitary,nowhere\nmilitary,\n')
    assert found.shape[0].geom_type == "Polygon"
    assert found.shape[1:].tolist() == [None, None]


def test_coordinates_beyond_all_numbers_are_for_the_list_to_judge(tmp_path: Path) -> None:
    found = csv(tmp_path, 'category,geometry\nmilitary,"POLYGON ((0 0, 1e999 0, 1 1, 0 0))"\n')
    assert found.shape[0] is None or not np.isfinite(shapely.get_coordinates(found.shape[0])).all()


@pytest.mark.parametrize("number", ["x", "1_000", "0x10", "1,5", "nan", "--3"])
def test_what_is_no_number_is_told_from_what_is_not_there(tmp_path: Path, number: str) -> None:
    found = csv(tmp_path, HEADER + f'medical,52,1,"{number}","{number}",\nmedical,"{number}",1,,,\n')
    assert np.isinf(found.radius[0])
    assert np.isinf(found.margin[0])
    assert found.shape[1] is None


def test_geojson(features: Features) -> None:
    found = read_places(
        features(
            (Point(1, 2), {"category": "medical", "radius": 5, "name": "x"}),
            (box(0, 0, 1, 1), {"category": "military", "margin": 10.5}),
            (None, {"category": "shelters", "radius": "5"}),
            ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}, {"category": 7, "radius": True}),
            ({"type": "Sphere"}, {}),
        )
    )
    assert found.category == ["medical", "military", "shelters", None, None]
    assert [shape is None for shape in found.shape] == [False, False, True, True, True]
    assert found.radius[:1].tolist() == [5]
    assert np.isinf(found.radius[2:4]).all()
    assert found.margin[1] == 10.5


def test_geoparquet_says_which_column_is_the_geometry(tmp_path: Path) -> None:
    shapes = shapely.to_wkb([Point(1, 2), box(0, 0, 1, 1)])
    path = geoparquet(tmp_path, about("outline"), category=["medical", "military"], outline=list(shapes), id=[1, 2])
    assert [shape.geom_type for shape in read_places(path).shape] == ["Point", "Polygon"]


def test_plain_parquet_with_positions(tmp_path: Path) -> None:
    path = tmp_path / "list.parquet"
    category = pa.array(["medical", None]).dictionary_encode()
    table = {"category": category, "latitude": pa.array([52.0, 1.0], pa.float32()), "longitude": pa.array([1, None])}
    pq.write_table(pa.table(table), path)
    found = read_places(path)
    assert found.category == ["medical", None]
    assert found.shape[0].wkt == "POINT (1 52)"
    assert found.shape[1] is None


@pytest.mark.parametrize("name", ["geometry", "GEOM", "wkb_geometry", "outline"])
@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary()])
def test_outlines_that_would_be_passed_over_refuse_the_list(tmp_path: Path, name: str, kind: pa.DataType) -> None:
    """SL-LIST: without the metadata of GeoParquet the places would be taken for points."""
    shapes = pa.array(list(shapely.to_wkb([box(0, 0, 1, 1)])), kind)
    table = pa.table({"category": ["medical"], "latitude": [0.5], "longitude": [0.5], name: shapes})
    pq.write_table(table, tmp_path / "list.parquet")
    with pytest.raises(BadInputError, match=f"'{name}', which would not be read: write it as GeoParquet"):
        read_places(tmp_path / "list.parquet")


def test_outlines_as_text_are_not_passed_over_either(tmp_path: Path) -> None:
    table = pa.table({"category": ["medical"], "latitude": [0.5], "longitude": [0.5], "geometry": ["POINT (1 2)"]})
    pq.write_table(table, tmp_path / "list.parquet")
    with pytest.raises(BadInputError, match="'geometry', which would not be read"):
        read_places(tmp_path / "list.parquet")
    with pytest.raises(BadInputError, match="'the_geom', which would not be read: call it 'geometry'"):
        csv(tmp_path, "category,latitude,longitude,the_geom\nmedical,1,2,POINT (1 2)\n")


def collection(folder: Path, **members: Any) -> Path:
    point = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {}}
    path = folder / "list.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [point]} | members))
    return path


def named(name: object) -> dict[str, Any]:
    return {"type": "name", "properties": {"name": name}}


@pytest.mark.parametrize(
    "name",
    ["urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326",
     "https://www.opengis.net/def/crs/OGC/1.3/CRS84"],
)  # fmt: skip
def test_older_geojson_may_say_that_it_is_wgs84(tmp_path: Path, name: str) -> None:
    assert len(read_places(collection(tmp_path, crs=named(name))).category) == 1


@pytest.mark.parametrize(
    "crs",
    [named("urn:ogc:def:crs:EPSG::3857"), named("EPSG:27700"), named("EPSG:14326"), named(None), None, {},
     {"type": "link", "properties": {"href": "x"}}],
)  # fmt: skip
def test_geojson_of_other_coordinates_is_refused(tmp_path: Path, crs: object) -> None:
    with pytest.raises(BadInputError, match="not WGS84"):
        read_places(collection(tmp_path, crs=crs))
    point = {"type": "Point", "coordinates": [1, 2], "crs": crs}
    with pytest.raises(BadInputError, match="not WGS84"):
        read_places(collection(tmp_path, features=[{"type": "Feature", "geometry": point, "properties": {}}]))


@pytest.mark.parametrize(
    ("geo", "words"),
    [
        (about("geometry", encoding="point"), "not encoded as WKB"),
        (about("geometry", crs={"id": {"authority": "EPSG", "code": 3857}}), "not WGS84"),
        (about("geometry", crs=None), "not WGS84"),
        ({"version": "1.1.0"}, "damaged"),
    ],
    ids=["encoding", "crs", "no crs", "no column"],
)
def test_geoparquet_that_means_something_else(tmp_path: Path, geo: dict[str, Any], words: str) -> None:
    path = geoparquet(tmp_path, geo, category=["medical"], geometry=list(shapely.to_wkb([Point(1, 2)])))
    with pytest.raises(BadInputError, match=words):
        read_places(path)


@pytest.mark.parametrize("code", [4326, "4326"])
def test_epsg_4326_is_wgs84(tmp_path: Path, code: object) -> None:
    geo = about("geometry", crs={"id": {"authority": "EPSG", "code": code}})
    path = geoparquet(tmp_path, geo, category=["medical"], geometry=list(shapely.to_wkb([Point(1, 2)])))
    assert len(read_places(path).category) == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("list.txt", b"category", "does not say the format"),
        ("list.csv", b"", "damaged"),
        ("list.csv", b"category,latitude\nmedical,1\n", "lacks a column"),
        ("list.csv", b"category,latitude,longitude\nmedical,1\n", "damaged"),
        ("list.csv", b"category,latitude,longitude\n\xff\xfe,1,1\n", "damaged"),
        ("list.parquet", b"PAR1 is all there is", "damaged"),
        ("list.geojson", b"{", "damaged"),
        ("list.geojson", b'{"type": "Point", "coordinates": [1, 2]}', "FeatureCollection"),
        ("list.geojson", b'{"features": [3]}', "FeatureCollection"),
        ("list.geojson", b'{"features": [{"properties": [1]}]}', "damaged"),
        ("list.geojson", b"[" * 100_000, "damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInputError, match=words):
        read_places(path)


def test_no_file_and_no_permission(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no such file"):
        read_places(tmp_path / "list.parquet")
    (tmp_path / "list.csv").mkdir()
    with pytest.raises((BadInputError, MachineError)):
        read_places(tmp_path / "list.csv")
