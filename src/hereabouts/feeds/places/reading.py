"""Files of sensitive places as they come: GeoParquet, GeoJSON or CSV, read into plain columns.

A place has a ``category`` and either a geometry or ``latitude`` and ``longitude``; ``radius`` and ``margin`` (metres)
may be missing. Names and whatever else a file says about a place are never read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import shapely

from hereabouts.errors import BadInputError
from hereabouts.feeds.formats.source import faults
from hereabouts.feeds.places.shapes import Floats, Shapes

FORMATS = {".parquet": "parquet", ".geoparquet": "parquet", ".geojson": "geojson", ".json": "geojson", ".csv": "csv"}
NUMBERS = ("latitude", "longitude", "radius", "margin")
_SHOWN = 5
_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
_WGS84 = {("OGC", "CRS84"), ("EPSG", "4326"), ("EPSG", 4326)}
_NAMES_WGS84 = re.compile(r"(.*[:/])?(OGC[:/]([0-9.]*[:/])?CRS84|EPSG[:/]([0-9.]*[:/])?4326)", re.IGNORECASE)
"""What older GeoJSON calls WGS84: ``EPSG:4326``, ``urn:ogc:def:crs:OGC:1.3:CRS84``, or an address that ends so."""
_DRAWN = frozenset({"geometry", "geom", "the_geom", "wkb", "wkt", "wkb_geometry", "wkt_geometry", "geography"})
"""What columns of geometries are called."""


@dataclass(frozen=True, repr=False)
class RawPlaces:
    """Columns of n places, not yet judged.

    Attributes
    ----------
    category
        Words as they stand in the file, ``None`` where there is none.
    shape
        Shapely geometries, ``None`` where there is none that can be read; shape (n,).
    radius, margin
        Metres, NaN where the file says nothing and infinite where it says what is no number; shape (n,).
    """

    category: list[str | None]
    shape: Shapes
    radius: Floats
    margin: Floats


def read_places(path: Path) -> RawPlaces:
    """Read a file of places; its format is told by its name.

    Raises
    ------
    BadInputError
        When it is missing, damaged, not of a format that is known, or lacks a column.
    MachineError
        When it may not be read.
    """
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise BadInputError(path, f"the name does not say the format; expected one ending in {', '.join(FORMATS)}")
    with faults(path), _damage(path):
        if form == "geojson":
            return _features(path, json.loads(path.read_text(encoding="utf-8-sig")))
        return _rows(path, read_table(path))


def read_table(path: Path, columns: tuple[str, ...] = ("category", "geometry", *NUMBERS)) -> pa.Table:
    """Read the named columns, of those that there are, of a Parquet or CSV file; CSV gives text."""
    if path.suffix.lower() == ".csv":
        names = _header(path)
        if "geometry" in columns and "geometry" not in names:
            _refuse_unread(path, [name for name in names if name.lower() in _DRAWN], "call it 'geometry'")
        wanted = [name for name in columns if name in names]
        return pyarrow.csv.read_csv(
            path,
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                include_columns=wanted or names[:1],
                column_types=dict.fromkeys(wanted, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    file = pq.ParquetFile(path)
    names = file.schema_arrow.names
    wanted = [name for name in columns if name in names and name != "geometry"]
    geometry = _geometry_column(path, file.schema_arrow.metadata or {}) if "geometry" in columns else None
    if geometry is None:
        if "geometry" in columns:
            drawn = [field.name for field in file.schema_arrow if field.name.lower() in _DRAWN or _is_bytes(field.type)]
            _refuse_unread(path, drawn, "write it as GeoParquet, with its 'geo' metadata")
        return file.read(columns=wanted)
    return file.read(columns=[*wanted, geometry]).rename_columns([*wanted, "geometry"])


def numbers_of(table: pa.Table, name: str) -> Floats:
    """Give a column as floats: NaN where it says nothing, infinite where it says what is no number."""
    if name not in table.column_names:
        return np.full(len(table), np.nan)
    column = table.column(name).combine_chunks()
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        readable = pc.match_substring_regex(column, _NUMBER)
        plain = pc.if_else(readable, pc.utf8_trim_whitespace(column), pa.scalar("inf", column.type))
        column = pc.cast(plain, pa.float64())
    elif not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_null(column.type)):
        return np.full(len(table), np.inf)
    return np.asarray(pc.fill_null(pc.cast(column, pa.float64(), safe=False), np.nan).to_numpy(zero_copy_only=False))


def words_of(table: pa.Table, name: str) -> list[str | None]:
    """Give a column of words, without the spaces around them; ``None`` where it holds none."""
    column = table.column(name)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return [None] * len(table)
    return [None if word is None else str(word).strip() for word in column.to_pylist()]


def points(latitude: Floats, longitude: Floats) -> Shapes:
    """Make points; ``None`` where one of both is not there or no number."""
    shapes = np.full(len(latitude), None, np.object_)
    there = np.isfinite(latitude) & np.isfinite(longitude)
    shapes[there] = shapely.points(longitude[there], latitude[there])
    return shapes


def _rows(path: Path, table: pa.Table) -> RawPlaces:
    names = set(table.column_names)
    if "category" not in names or not ("geometry" in names or {"latitude", "longitude"} <= names):
        raise BadInputError(
            path, "lacks a column: expected 'category', and either 'geometry' or 'latitude' and 'longitude'"
        )
    shape = points(numbers_of(table, "latitude"), numbers_of(table, "longitude"))
    if "geometry" in names:
        drawn = _drawn(table.column("geometry"))
        shape = np.where(shapely.is_geometry(drawn), drawn, shape)
    return RawPlaces(words_of(table, "category"), shape, numbers_of(table, "radius"), numbers_of(table, "margin"))


def _drawn(column: pa.ChunkedArray) -> Shapes:
    """Geometries from well-known binary or text."""
    values = np.array([*column.to_pylist(), None], np.object_)[:-1]
    binary = pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)
    read = shapely.from_wkb if binary else shapely.from_wkt
    with np.errstate(all="ignore"):  # what is no number is told later, and by how many
        return np.asarray(read(values, on_invalid="ignore"), np.object_)


def _features(path: Path, content: Any) -> RawPlaces:
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        raise BadInputError(path, "expected a GeoJSON FeatureCollection")
    if not all(map(_is_wgs84, [content, *features, *(feature.get("geometry") or {} for feature in features)])):
        raise BadInputError(path, "its coordinates are not WGS84 degrees: reproject it to EPSG:4326 first")
    properties = [feature.get("properties") or {} for feature in features]
    drawn = [json.dumps(feature["geometry"]) if feature.get("geometry") else None for feature in features]
    shape = shapely.from_geojson(np.array([*drawn, None], np.object_)[:-1], on_invalid="ignore")
    words = [found.get("category") for found in properties]
    return RawPlaces(
        [word.strip() if isinstance(word, str) else None for word in words],
        np.asarray(shape, np.object_),
        _metres([found.get("radius") for found in properties]),
        _metres([found.get("margin") for found in properties]),
    )


def _metres(values: list[Any]) -> Floats:
    return np.array([np.nan if value is None else _number(value) for value in values], np.float64)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else np.inf


def _header(path: Path) -> list[str]:
    with pyarrow.csv.open_csv(path, parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True)) as reader:
        return list(reader.schema.names)


def _is_wgs84(member: dict[str, Any]) -> bool:
    """Whether a member of a GeoJSON document names no other coordinates than the standard's own."""
    if "crs" not in member:
        return True
    crs = member["crs"] or {}  # null stands for coordinates that are not known
    name = (crs.get("properties") or {}).get("name")
    return isinstance(name, str) and _NAMES_WGS84.fullmatch(name.strip()) is not None


def _is_bytes(kind: pa.DataType) -> bool:
    storage = kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
    return bool(pa.types.is_binary(storage) or pa.types.is_large_binary(storage))


def _refuse_unread(path: Path, drawn: list[str], remedy: str) -> None:
    """Refuse a list with outlines that would be passed over: its places would be points."""
    if drawn:
        shown = ", ".join(f"'{name}'" for name in drawn[:_SHOWN])
        raise BadInputError(
            path, f"may hold geometries in {shown}, which would not be read: {remedy}, or leave that column out"
        )


def _geometry_column(path: Path, metadata: dict[bytes, bytes]) -> str | None:
    """Name of the geometry's column, by the metadata that make Parquet GeoParquet."""
    if b"geo" not in metadata:
        return None
    geo = json.loads(metadata[b"geo"])
    name = str(geo["primary_column"])
    column = geo["columns"][name]
    if column["encoding"] != "WKB":
        raise BadInputError(path, "its geometry is not encoded as WKB: write it anew with that encoding")
    # Without a word about it, GeoParquet means OGC:CRS84: WGS84, longitude first.
    crs = column.get("crs", {"id": {"authority": "OGC", "code": "CRS84"}})
    if crs is None or tuple((crs.get("id") or {}).get(key) for key in ("authority", "code")) not in _WGS84:
        raise BadInputError(path, "its coordinates are not WGS84 degrees: reproject it to EPSG:4326 first")
    return name


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Say of content that cannot be taken apart that it is the file's fault."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, pa.ArrowException):
            raise  # a fault of the file that is known by its own words
        raise BadInputError(path, "damaged, or not what its name says; expected GeoParquet, GeoJSON or CSV") from error
