"""Lists from OpenStreetMap: nodes, ways, multipolygons, and what an extract has cut off."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from shapely import Point

from hereabouts.errors import BadInputError, MachineError
from hereabouts.feeds.places.building import Built
from hereabouts.feeds.places.gate import PlaceGate
from hereabouts.feeds.places.mapping import TagMapping, load_mapping
from hereabouts.feeds.places.osm import from_osm

if TYPE_CHECKING:
    from tests.conftest import Needs

CORNERS = [(0, 0), (0, 4), (4, 4), (4, 0), (1, 1), (1, 3), (3, 3), (3, 1)]
"""Of a square and of one inside it, in thousandths of a degree; nodes 1 to 8."""


@pytest.fixture(autouse=True)
def _osmium(needs: Needs) -> None:
    needs(importlib.util.find_spec("osmium") is not None, "osmium")


def way(number: int, nodes: list[int], **tags: str) -> str:
    refs = "".join(f'<nd ref="{node}"/>' for node in nodes)
    return f'<way id="{number}" version="1">{refs}{tagged(tags)}</way>'


def relation(number: int, members: list[tuple[str, int, str]], **tags: str) -> str:
    found = "".join(f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in members)
    return f'<relation id="{number}" version="1">{found}{tagged(tags)}</relation>'


def tagged(tags: dict[str, str]) -> str:
    return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())


def built(folder: Path, *content: str, radius: float = 0.0) -> Built:
    corners = "".join(
        f'<node id="{number}" version="1" lat="{52 + y / 1000}" lon="{-1 + x / 1000}"/>'
        for number, (x, y) in enumerate(CORNERS, 1)
    )
    path = folder / "town.osm"
    path.write_text(f'<osm version="0.6">{corners}{"".join(content)}</osm>', encoding="utf-8")
    mapping = load_mapping("osm")
    assert isinstance(mapping, TagMapping)
    return from_osm(path, mapping, radius)


def forms(made: Built) -> dict[str, str]:
    """What each category has, as "1 points"."""
    return {
        name: ", ".join(f"{count} {form}" for form, count in found.items() if count)
        for name, found in made.found.items()
        if sum(found.values())
    }


def test_nodes_ways_and_multipolygons(tmp_path: Path) -> None:
    made = built(
        tmp_path,
        '<node id="20" version="1" lat="52.1" lon="-1"><tag k="amenity" v="hospital"/></node>',
        '<node id="21" version="1" lat="52.2" lon="-1"><tag k="amenity" v="cafe"/></node>',
        way(30, [1, 2, 3, 4, 1]),
        way(31, [5, 6, 7, 8, 5]),
        way(32, [1, 2, 3, 1], amenity="school", name="of no interest"),
        way(33, [1, 3], military="trench"),
        relation(40, [("way", 30, "outer"), ("way", 31, "inner")], type="multipolygon", amenity="prison"),
        radius=15.0,
    )
    assert forms(made) == {
        "medical": "1 points",
        "schools-childcare": "1 areas",
        "military": "1 lines",
        "correctional": "1 areas",
    }
    assert made.places.radius.tolist() == [15, 0, 0, 0], "a radius is for points"
    prison = made.places.shape[made.places.category.index("correctional")]
    assert prison.contains(Point(-0.9995, 52.002))
    assert not prison.contains(Point(-0.998, 52.002)), "the hole is none of it"
    assert made.left_out == {}
    assert "shelters" in made.missing


def test_the_gate_keeps_what_was_built_out(tmp_path: Path) -> None:
    made = built(tmp_path, way(30, [1, 2, 3, 4, 1], amenity="place_of_worship"))
    gate = PlaceGate(made.places)
    found = gate.at([52.002, 52.0048, 52.0051], [-0.998, -0.998, -0.998])
    assert [gate.categories[number] if number >= 0 else None for number in found] == ["religious", "religious", None]


def test_a_way_that_is_cut_off_stands_for_what_is_there(tmp_path: Path) -> None:
    made = built(tmp_path, way(30, [1, 2, 99], military="barracks"), way(31, [98, 99], military="range"))
    assert forms(made) == {"military": "1 lines"}
    assert made.left_out == {"ways without a position in the extract": 1}


def test_a_ring_that_crosses_itself_is_kept_as_a_line(tmp_path: Path) -> None:
    made = built(tmp_path, way(30, [1, 3, 2, 4, 1], amenity="school"))
    assert sum(made.found["schools-childcare"].values()) == 1


def test_a_relation_that_is_no_area_stands_for_its_members(tmp_path: Path) -> None:
    made = built(
        tmp_path,
        '<node id="20" version="1" lat="52.1" lon="-1"/>',
        way(30, [1, 2, 3, 4, 1], building="yes"),
        way(31, [5, 6]),
        relation(40, [("way", 30, ""), ("node", 20, ""), ("way", 31, "")], type="site", amenity="hospital"),
    )
    assert forms(made) == {"medical": "1 points, 1 lines, 1 areas"}
    assert made.left_out == {}


def test_a_multipolygon_that_is_not_whole_stands_for_the_ways_that_are_there(tmp_path: Path) -> None:
    made = built(
        tmp_path,
        way(30, [1, 2, 3]),
        relation(40, [("way", 30, "outer"), ("way", 99, "outer")], type="multipolygon", landuse="military"),
        relation(41, [("way", 98, "outer")], type="multipolygon", amenity="prison"),
    )
    assert forms(made) == {"military": "1 lines"}
    assert made.left_out == {"relations without a member in the extract": 1}


def test_shapes_that_can_be_no_footprint_are_counted(tmp_path: Path) -> None:
    made = built(
        tmp_path,
        '<node id="20" version="1" lat="89.1" lon="0"/><node id="21" version="1" lat="89.1" lon="1"/>',
        way(30, [20, 21], military="range"),
        way(31, [1, 2], military="range"),
    )
    assert forms(made) == {"military": "1 lines"}
    assert made.left_out == {"shapes with lines or areas beyond 88 degrees of latitude": 1}


def test_equal_extracts_give_equal_lists(tmp_path: Path) -> None:
    content = [way(number, [1, 2, 3, 1 + number % 3], amenity="school") for number in range(30, 40)]
    assert built(tmp_path, *content).places.digest == built(tmp_path, *content).places.digest


def test_an_extract_without_a_sensitive_place(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="holds no place"):
        built(tmp_path, way(30, [1, 2], highway="path"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.osm", "<osm"),
        ("b.osm", '<osm version="0.6"><node id="1" version="1" lat="52:1" lon="-1"/></osm>'),
        ("a.osm.pbf", "garbage " * 9),
        ("a.txt", "x"),
    ],
)
def test_what_is_no_extract(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    mapping = load_mapping("osm")
    assert isinstance(mapping, TagMapping)
    with pytest.raises(BadInputError, match="no extract of OpenStreetMap"):
        from_osm(tmp_path / name, mapping)
    with pytest.raises(BadInputError, match="no such file"):
        from_osm(tmp_path / "none.osm", mapping)


def test_without_osmium_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "osmium", None)
    with pytest.raises(MachineError, match="needs osmium: run 'pip install osmium'"):
        built(tmp_path, way(30, [1, 2], military="range"))
