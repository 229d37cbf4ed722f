"""The list (SL-LIST): what is judged, one digest whatever the file, nothing twice, and all or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely
from shapely import LineString, Point, box

from hereabouts.errors import BadInputError, UsageError
from hereabouts.feeds.places.listing import PlaceList

if TYPE_CHECKING:
    from tests.feeds.places.conftest import Features, Listed


def test_the_digest_is_of_what_a_list_says_and_not_of_its_file(features: Features, tmp_path: Path) -> None:
    table = tmp_path / "list.csv"
    table.write_text(
        'name,category,geometry,radius\na,medical,POINT (1 2),30\nb,military,"POLYGON ((1 0, 1 1, 0 1, 0 0, 1 0))",\n'
    )
    drawn = features(
        (Point(1, 2), {"category": "medical", "radius": 30.0, "margin": 100}),
        (box(0, 0, 1, 1), {"category": "military", "name": "of no interest"}),
    )
    one, other = PlaceList.load(table), PlaceList.load(drawn)
    one.write(tmp_path / "list.parquet")
    again = PlaceList.load(tmp_path / "list.parquet")
    assert one.digest == other.digest == again.digest
    assert one == other
    assert len({one, other, again}) == 1
    assert one != "list"


def test_each_figure_is_in_the_digest(listed: Listed) -> None:
    lists = [
        listed([Point(1, 2)]),
        listed([Point(1, 2)], "religious"),
        listed([Point(1, 2)], radius=1),
        listed([Point(1, 2)], margin=1),
        listed([Point(1, 2.0000001)]),
        listed([Point(1, 2), Point(3, 4)]),
        listed([Point(3, 4), Point(1, 2)]),
    ]
    assert len({each.digest for each in lists}) == len(lists)


def test_its_digest_stays_the_same_from_version_to_version(listed: Listed) -> None:
    """Stores compare the digest that was registered with that of the file."""
    known = "e3f20b75ed4f8566d55c3554a8cd7d7c6514501d00e38076225c54cb0afdd8f5"
    assert listed([Point(1, 2), box(0, 0, 1, 1)], ["medical", "military"], radius=[30, 0]).digest == known


def test_equal_lists_are_equal_bytes(listed: Listed, tmp_path: Path) -> None:
    for name in ("a.parquet", "b.parquet"):
        listed([Point(1, 2), box(0, 0, 1, 1), LineString([(0, 0), (1, 1)])]).write(tmp_path / name)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_it_is_written_as_geoparquet(listed: Listed, tmp_path: Path) -> None:
    listed([Point(1, 2), box(-3, 0, 1, 1)]).write(tmp_path / "list.parquet")
    table = pq.read_table(tmp_path / "list.parquet")
    assert table.column_names == ["category", "radius", "margin", "geometry"], "no names, nothing else"
    geo = table.schema.metadata[b"geo"].decode()
    assert '"version": "1.1.0"' in geo
    assert '"geometry_types": ["Point", "Polygon"], "bbox": [-3.0, 0.0, 1.0, 2.0]' in geo
    assert shapely.from_wkb(table.column("geometry")[0].as_py()) == Point(1, 2)


def test_a_margin_of_its_own_goes_before_the_categorys(listed: Listed, features: Features) -> None:
    assert listed([Point(1, 2), Point(2, 2)], margin=[np.nan, 7]).margin.tolist() == [100, 7]
    file = features((Point(1, 2), {"category": "medical"}), (Point(2, 2), {"category": "medical", "margin": 0}))
    assert PlaceList.load(file).margin.tolist() == [100, 0]
    with pytest.raises(UsageError, match="us-xx"):
        PlaceList.load(file, "us-xx")


def test_a_jurisdiction_widens_the_margins_that_a_list_has_too(listed: Listed, tmp_path: Path) -> None:
    """A list that was built has a margin in every place; the law holds all the same, and narrows none."""
    shapes = [Point(1, 2), Point(2, 2), Point(3, 2), Point(4, 2)]
    built = listed(shapes, ["medical", "medical", "medical", "religious"], margin=[100, 0, 700, 5])
    built.write(tmp_path / "list.parquet")
    assert PlaceList.load(tmp_path / "list.parquet").margin.tolist() == [100, 0, 700, 5]
    assert PlaceList.load(tmp_path / "list.parquet", "us-wa").margin.tolist() == [610, 610, 700, 5]


def test_what_is_twice_is_there_once_and_the_order_stays(listed: Listed) -> None:
    found = listed([Point(1, 1), Point(0, 1), Point(1, 1), Point(1, 1)], radius=[0, 0, 0, 5])
    assert [shape.x for shape in found.shape] == [1, 0, 1]
    assert found.radius.tolist() == [0, 0, 5]


def test_a_union_keeps_the_old_list_first(listed: Listed) -> None:
    old, new = listed([Point(1, 1), Point(2, 2)]), listed([Point(3, 3), Point(1, 1)], margin=100)
    both = old.merged(new)
    assert [shape.x for shape in both.shape] == [1, 2, 3]
    assert both.merged(old) == both == both.merged(new) == both.merged(both)
    assert old.merged(listed([Point(1, 1)], "religious")) != old


def test_counts_are_in_the_order_of_the_categories(listed: Listed) -> None:
    found = listed([Point(1, 1), Point(2, 2), Point(3, 3)], ["shelters", "medical", "shelters"])
    assert list(found.counts().items()) == [("medical", 1), ("shelters", 2)]
    assert len(found) == 3


def test_one_bad_place_refuses_the_list_with_how_many_and_why(features: Features) -> None:
    """SL-LIST: a list that is read in part would let pings through at what was left out."""
    file = features(
        (Point(1, 2), {"category": "medical"}),
        (Point(1, 2), {"category": "hospital"}),
        (Point(1, 2), {"category": "Medical", "radius": -1}),
        (Point(1, 2), {}),
        (None, {"category": "medical"}),
        (Point(1, 2), {"category": "medical", "radius": "wide"}),
        (Point(1, 2), {"category": "medical", "margin": 100_001}),
    )
    with pytest.raises(BadInputError) as error:
        PlaceList.load(file)
    assert error.value.rows == 6
    said = str(error.value)
    assert "6 rows: 3 of no known category (got 'Medical', 'hospital'; known are medical, religious" in said
    assert "1 without a geometry that can be read" in said
    assert "1 with a radius that is not 0 to 100,000 m" in said
    assert "1 with a margin that is not 0 to 100,000 m" in said
    assert "Nothing of the list was used" in said


def test_many_unknown_categories_are_not_all_named(listed: Listed) -> None:
    with pytest.raises(BadInputError, match=r"got 'k0', 'k1', 'k2', 'k3', 'k4' and more; known"):
        listed([Point(1, 2)] * 9, [f"k{number}" for number in range(9)])


def test_an_empty_list_is_none(features: Features) -> None:
    with pytest.raises(BadInputError, match="holds no place"):
        PlaceList.load(features())
