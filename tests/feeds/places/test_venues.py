"""Lists from tables of venues."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hereabouts.errors import BadInputError
from hereabouts.feeds.places.mapping import VenueMapping, load_mapping
from hereabouts.feeds.places.venues import from_venues


@pytest.fixture
def mapping() -> VenueMapping:
    found = load_mapping("foursquare")
    assert isinstance(found, VenueMapping)
    return found


def table(path: Path, rows: str) -> Path:
    path.write_text("venue,category,latitude,longitude\n" + rows, encoding="utf-8")
    return path


def test_sensitive_venues_become_places(tmp_path: Path, mapping: VenueMapping) -> None:
    rows = "a,Medical Center,40.7,-74\nb,Bar,40.8,-74\nc,Mosque,40.9,-74\nd,Church,41,-74\n"
    made = from_venues(table(tmp_path / "venues.csv", rows), mapping, radius=25.0)
    assert made.places.category == ("medical", "religious", "religious")
    assert [(shape.x, shape.y) for shape in made.places.shape] == [(-74, 40.7), (-74, 40.9), (-74, 41)]
    assert made.places.radius.tolist() == [25] * 3
    assert made.places.margin.tolist() == [100] * 3


def test_it_says_of_which_categories_there_is_none(tmp_path: Path, mapping: VenueMapping) -> None:
    """SL-LIST asks for completeness figures: what these venues cannot show is said."""
    made = from_venues(table(tmp_path / "venues.csv", "a,Medical Center,40.7,-74\n"), mapping)
    assert made.found["medical"] == {"points": 1, "lines": 0, "areas": 0}
    assert made.missing == [name for name in made.found if name != "medical"]
    assert made.left_out == {}


def test_a_jurisdiction_widens_margins(tmp_path: Path, mapping: VenueMapping) -> None:
    rows = "a,Medical Center,40.7,-74\nb,Church,40.8,-74\n"
    made = from_venues(table(tmp_path / "venues.csv", rows), mapping, jurisdiction="us-wa")
    assert made.places.margin.tolist() == [610, 100]


def test_parquet_is_read_too(tmp_path: Path, mapping: VenueMapping) -> None:
    path = tmp_path / "venues.parquet"
    pq.write_table(pa.table({"category": ["Temple"], "latitude": [1.0], "longitude": [2.0], "x": [None]}), path)
    assert from_venues(path, mapping).places.category == ("religious",)


def test_a_kind_that_nobody_decided_on_is_an_error(tmp_path: Path, mapping: VenueMapping) -> None:
    rows = "a,Sanctuary,40.7,-74\nb,Bar,40.8,-74\nc,Sanctuary,40.9,-74\nd,,41,-74\n"
    with pytest.raises(BadInputError, match=r"3 rows: the mapping .* 2 kinds of venue .* \('Sanctuary'\)") as error:
        from_venues(table(tmp_path / "venues.csv", rows), mapping)
    assert error.value.rows == 3


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("venues.geojson", "{}", "ending in .parquet or .csv"),
        ("venues.csv", "category,latitude\nBar,1\n", "lacks the column longitude"),
        ("venues.csv", "category,latitude,longitude\nBar,1,1\n", "holds no place"),
        ("venues.csv", "category,latitude,longitude\nChurch,x,1\n", "1 rows: 1 without a geometry"),
        ("venues.csv", "", "damaged"),
    ],
)
def test_a_table_that_will_not_do(tmp_path: Path, mapping: VenueMapping, name: str, content: str, words: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadInputError, match=words):
        from_venues(path, mapping)


def test_no_table(tmp_path: Path, mapping: VenueMapping) -> None:
    with pytest.raises(BadInputError, match="no such file"):
        from_venues(tmp_path / "venues.csv", mapping)
