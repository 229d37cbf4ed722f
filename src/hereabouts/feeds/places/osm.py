"""A list of sensitive places from an extract of OpenStreetMap, by its tags.

Nodes become points, closed ways and multipolygons areas, other ways lines. A relation that is no area, or not
whole in the extract, stands for its members, as far as they are there: a place of which only a part is known is
protected in that part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from hereabouts.errors import BadInputError, MachineError
from hereabouts.feeds.formats.source import faults
from hereabouts.feeds.places.building import Built, built
from hereabouts.feeds.places.categories import margins
from hereabouts.feeds.places.mapping import TagMapping
from hereabouts.feeds.places.shapes import faults_of

_Found = tuple[str, shapely.Geometry]


@dataclass
class _Extract:
    """What one reading of an extract found."""

    points: list[_Found] = field(default_factory=list)
    areas: list[_Found] = field(default_factory=list)
    lines: list[_Found] = field(default_factory=list)
    rings: dict[int, _Found] = field(default_factory=dict)
    """Closed ways, as lines, by id: until an area is made of them."""
    relations: dict[int, tuple[str, set[tuple[str, int]]]] = field(default_factory=dict)
    """Relations by id, with category and members: until an area is made of them."""
    left_out: Counter[str] = field(default_factory=Counter)

    def places(self) -> list[_Found]:
        return [*self.points, *self.lines, *self.rings.values(), *self.areas]


def from_osm(path: Path, mapping: TagMapping, radius: float = 0.0, jurisdiction: str | None = None) -> Built:
    """Build a list from an extract.

    Parameters
    ----------
    path
        A file of OpenStreetMap: ``.osm.pbf``, ``.osm``, ``.osm.bz2`` or another that osmium reads.
    mapping
        Which tags are sensitive.
    radius
        Metres around nodes that are their footprint.
    jurisdiction
        Whose law widens margins.

    Raises
    ------
    BadInputError
        When it cannot be read, or holds no sensitive place.
    MachineError
        When osmium is not installed, or the file may not be read.
    """
    osmium = _osmium()
    extract = _Extract()
    with _reading(osmium, path):
        # The filter is asked before objects come to Python: most of an extract is roads and houses.
        keys = osmium.filter.KeyFilter(*mapping.keys)
        for thing in osmium.FileProcessor(str(path)).with_areas(keys).with_filter(keys):
            _take(osmium, extract, thing, mapping)
        if extract.relations:
            _take_members(osmium, extract, path)
    found = extract.places()
    shape = np.array([*(geometry for _, geometry in found), None], np.object_)[:-1]
    sound = np.ones(len(shape), bool)
    for faulty, words in faults_of(shape):
        extract.left_out[f"shapes {words}"] += int((faulty & sound).sum())
        sound &= ~faulty
    category = [name for (name, _), whole in zip(found, sound.tolist(), strict=True) if whole]
    return built(path, category, shape[sound], radius, margins(jurisdiction), extract.left_out)


def _osmium() -> Any:
    try:
        import osmium  # noqa: PLC0415 - needed here alone
    except ImportError:
        raise MachineError(
            "reading OpenStreetMap needs osmium: run 'pip install osmium', or install hereabouts with its extra [osm]"
        ) from None
    return osmium


@contextmanager
def _reading(osmium: Any, path: Path) -> Iterator[None]:
    with faults(path):
        path.stat()
        with path.open("rb"):
            pass
    try:
        yield
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        # osmium has no other words for what is wrong with a file.
        raise BadInputError(path, f"is no extract of OpenStreetMap that osmium can read ({error})") from None


def _take(osmium: Any, extract: _Extract, thing: Any, mapping: TagMapping) -> None:
    """Take one object, if its tags are sensitive."""
    category = mapping.category_of(dict(thing.tags))
    if category is None:
        return
    if thing.is_node():
        if thing.location.valid():
            extract.points.append((category, shapely.Point(thing.lon, thing.lat)))
    elif thing.is_way():
        line = _line(thing)
        if line is None:
            extract.left_out["ways without a position in the extract"] += 1
        elif thing.is_closed():
            extract.rings[thing.id] = (category, line)
        else:
            extract.lines.append((category, line))
    elif thing.is_relation():
        extract.relations[thing.id] = (category, {(member.type, member.ref) for member in thing.members})
    elif thing.is_area():
        area = _area(osmium, thing)
        if area is not None:
            extract.areas.append((category, area))
            (extract.rings if thing.from_way() else extract.relations).pop(thing.orig_id(), None)


def _take_members(osmium: Any, extract: _Extract, path: Path) -> None:
    """Take nodes and ways of relations that became no area."""
    owners: dict[tuple[str, int], str] = {}
    for category, members in extract.relations.values():
        for member in members:
            owners.setdefault(member, category)
    there = set()
    ids = osmium.filter.IdFilter({number for _, number in owners})
    for thing in osmium.FileProcessor(str(path)).with_locations().with_filter(ids):
        member = (thing.type_str(), thing.id)
        if member not in owners:
            continue
        if thing.is_node() and thing.location.valid():
            there.add(member)
            extract.points.append((owners[member], shapely.Point(thing.lon, thing.lat)))
        elif thing.is_way() and (line := _line(thing)) is not None:
            there.add(member)
            # Of a closed way the inside is the place too, whether or not its ring is sound.
            inside = shapely.make_valid(shapely.Polygon(line)) if thing.is_closed() and len(line.coords) > 3 else line
            found = extract.areas if inside.geom_type.endswith("Polygon") else extract.lines
            found.append((owners[member], inside if found is extract.areas else line))
    gone = sum(not members & there for _, members in extract.relations.values())
    extract.left_out["relations without a member in the extract"] += gone


def _line(way: Any) -> shapely.LineString | None:
    """A way through those of its nodes that are in the extract, ``None`` where these make no line."""
    positions = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
    return shapely.LineString(positions) if len(set(positions)) > 1 else None


def _area(osmium: Any, area: Any) -> shapely.Geometry | None:
    """An area as polygons, ``None`` where osmium could not close its rings."""
    try:
        shape = shapely.from_wkb(osmium.geom.WKBFactory().create_multipolygon(area))
    except RuntimeError:
        return None
    return shape if shapely.is_valid(shape) else None
