"""The list of sensitive places (SL-LIST): what is on it, its digest, and its file.

A place is a category, a footprint (a geometry, widened by a radius) and a margin, and nothing else. What a
list says is complete in itself: margins are in it, so that a later version of hereabouts enforces what was
registered. The order of a list counts, since it decides between places that are equally near.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from hereabouts.errors import BadInputError
from hereabouts.feeds.places.categories import categories, jurisdictions, margins
from hereabouts.feeds.places.reading import RawPlaces, read_places
from hereabouts.feeds.places.shapes import Flags, Floats, Shapes, canonical, faults_of

MOST_METRES = 100_000.0
"""The widest radius, and the widest margin."""

_DIGESTED = "hereabouts places 1"
_SHOWN = 5
_GEOMETRY_TYPES = ("Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")


@dataclass(frozen=True, eq=False, repr=False)
class PlaceList:
    """Sensitive places, n of them, each once. Made by :meth:`load` or :meth:`of`, which check them.

    Attributes
    ----------
    category
        Ids of categories, shape (n,).
    shape
        Geometries of shapely in WGS84 degrees, in canonical form, shape (n,).
    radius
        Metres by which each geometry is widened to its footprint, shape (n,).
    margin
        Metres around the footprint within which a ping is at the place, shape (n,).
    """

    category: tuple[str, ...]
    shape: Shapes
    radius: Floats
    margin: Floats

    @classmethod
    def load(cls, path: Path, jurisdiction: str | None = None) -> PlaceList:
        """Read a list from GeoParquet, GeoJSON or CSV.

        Parameters
        ----------
        path
            A file of places with ``category``, a geometry or ``latitude`` and ``longitude`` in WGS84 degrees, and
            perhaps ``radius`` and ``margin`` in metres.
        jurisdiction
            Whose law widens margins, those that the file says too: lists that were built have a margin of their own
            in each place.

        Raises
        ------
        BadInputError
            When a single place cannot be read or means nothing: a list that is read in part would let pings through.
        UsageError
            When the jurisdiction is not known.
        MachineError
            When the file may not be read.
        """
        by_category = margins(jurisdiction)
        at_least = {} if jurisdiction is None else jurisdictions()[jurisdiction].margins
        return cls.of(path, read_places(path), by_category, at_least)

    @classmethod
    def of(
        cls,
        source: object,
        raw: RawPlaces,
        by_category: Mapping[str, float] | None = None,
        at_least: Mapping[str, float] = MappingProxyType({}),
    ) -> PlaceList:
        """Judge places, and give them in canonical form, each once.

        Parameters
        ----------
        source
            What messages call the places.
        raw
            The places.
        by_category
            Metres of margin of places that have none of their own; by default those of the categories.
        at_least
            Metres, by category, below which no margin may be; categories that are not in it may have any.

        Raises
        ------
        BadInputError
            When there is none, or one of them means nothing.
        """
        if not raw.category:
            raise BadInputError(source, "holds no place: expected at least one")
        _check(source, raw)
        widths = by_category or margins()
        words = [str(word) for word in raw.category]
        radius = np.where(np.isnan(raw.radius), 0.0, raw.radius) + 0.0
        margin = np.where(np.isnan(raw.margin), [widths[word] for word in words], raw.margin) + 0.0
        margin = np.maximum(margin, [at_least.get(word, 0.0) for word in words])
        return _each_once(words, canonical(raw.shape), radius, margin)

    def __len__(self) -> int:
        return len(self.category)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PlaceList) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hex, of what the list says: the same whatever file it came from."""
        wkb = _wkb(self.shape)
        head = json.dumps([_DIGESTED, list(self.category), [len(shape) for shape in wkb]])
        whole = hashlib.sha256(head.encode())
        whole.update(self.radius.astype("<f8").tobytes())
        whole.update(self.margin.astype("<f8").tobytes())
        for shape in wkb:
            whole.update(shape)
        return whole.hexdigest()

    def counts(self) -> dict[str, int]:
        """How many places there are of each category that there is, in the categories' order."""
        found = Counter(self.category)
        return {name: found[name] for name in categories() if name in found}

    def merged(self, other: PlaceList) -> PlaceList:
        """Give the union: these places, then those of `other` that are not among them."""
        return _each_once(
            [*self.category, *other.category],
            np.concatenate([self.shape, other.shape]),
            np.concatenate([self.radius, other.radius]),
            np.concatenate([self.margin, other.margin]),
        )

    def write(self, path: Path) -> None:
        """Write the list as GeoParquet 1.1; equal lists give equal bytes (by one version of Arrow)."""
        bounds = shapely.bounds(self.shape)
        box = [*bounds[:, :2].min(axis=0).tolist(), *bounds[:, 2:].max(axis=0).tolist()]
        types = sorted({_GEOMETRY_TYPES[number] for number in shapely.get_type_id(self.shape).tolist()})
        column = {"encoding": "WKB", "geometry_types": types, "bbox": box}
        geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
        table = pa.table(
            {
                "category": pa.array(self.category, pa.string()),
                "radius": self.radius,
                "margin": self.margin,
                "geometry": pa.array(_wkb(self.shape), pa.binary()),
            }
        )
        pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path, compression="zstd")


def _check(source: object, raw: RawPlaces) -> None:
    """Refuse places that mean nothing, with how many there are for each reason."""
    known = categories()
    unknown = np.array([word not in known for word in raw.category])
    faults = [
        (unknown, _unknown(raw.category, unknown)),
        *faults_of(raw.shape),
        (_out_of_range(raw.radius), f"with a radius that is not 0 to {MOST_METRES:,.0f} m"),
        (_out_of_range(raw.margin), f"with a margin that is not 0 to {MOST_METRES:,.0f} m"),
    ]
    said, bad = [], np.zeros(len(raw.category), bool)
    for rows, words in faults:
        if count := int((rows & ~bad).sum()):
            said.append(f"{count} {words}")
        bad |= rows
    if said:
        raise BadInputError(
            source, f"{'; '.join(said)}. Nothing of the list was used: mend or remove them", int(bad.sum())
        )


def _unknown(words: Sequence[str | None], unknown: NDArray[np.bool_]) -> str:
    got = sorted({f"'{word}'" for word, bad in zip(words, unknown.tolist(), strict=True) if bad and word is not None})
    named = f"got {', '.join(got[:_SHOWN])}{' and more' if len(got) > _SHOWN else ''}; " if got else ""
    return f"of no known category ({named}known are {', '.join(categories())})"


def _out_of_range(metres: Floats) -> Flags:
    with np.errstate(invalid="ignore"):
        return ~np.isnan(metres) & ~((metres >= 0.0) & (metres <= MOST_METRES))


def _each_once(category: Sequence[str], shape: Shapes, radius: Floats, margin: Floats) -> PlaceList:
    """Make a list of the first of each that are equal in everything."""
    first: dict[tuple[object, ...], int] = {}
    for row, key in enumerate(zip(category, radius.tolist(), margin.tolist(), _wkb(shape), strict=True)):
        first.setdefault(key, row)
    rows = np.fromiter(first.values(), np.int64, len(first))
    return PlaceList(tuple(category[row] for row in rows), shape[rows], radius[rows], margin[rows])


def _wkb(shape: Shapes) -> list[bytes]:
    found: list[bytes] = shapely.to_wkb(shape, output_dimension=2, byte_order=1, include_srid=False).tolist()
    return found
