"""[[protected_areas]] of policy.toml: read strictly, every fault named; what they do is in tests/release."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from hereabouts.errors import UsageError
from hereabouts.rules.policy import load_policy, make_policy, write_policy
from hereabouts.rules.protected import ProtectedArea

_AREA = """
[[protected_areas]]
name = "northern crossing"
{where}
finest_resolution = {resolution}
finest_period = "{period}"
"""


def area(**changes: Any) -> ProtectedArea:
    values = {"name": "n", "bbox": [2.2, 48.8, 2.4, 48.9], "finest_resolution": 5, "finest_period": "P1D"}
    return ProtectedArea.model_validate({key: v for key, v in (values | changes).items() if v is not None})


def policy_with(
    folder: Path, where: str = "bbox = [2.2, 48.8, 2.4, 48.9]", period: str = "P1D", resolution: int = 5
) -> Path:
    path = folder / "policy.toml"
    write_policy(path, make_policy("research", epsilon=2.0, delta=1e-6, keys="k"))
    text = path.read_text(encoding="utf-8")
    path.write_text(text + _AREA.format(where=where, period=period, resolution=resolution), encoding="utf-8")
    return path


def test_a_policy_without_areas_protects_none(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    write_policy(path, make_policy("research", epsilon=2.0, delta=1e-6, keys="k"))
    assert load_policy(path).protected_areas == ()


@pytest.mark.parametrize(
    "where",
    [
        "bbox = [2.2, 48.8, 2.4, 48.9]",
        "bbox = [-2, 48, 2, 49]",
        'geojson = "north.geojson"',
        'cells = ["851fb467fffffff"]',
    ],
)
def test_an_area_is_a_box_a_file_or_cells(tmp_path: Path, where: str) -> None:
    (read,) = load_policy(policy_with(tmp_path, where)).protected_areas
    assert (read.name, read.finest_resolution, read.finest_period) == ("northern crossing", 5, "P1D")
    assert tomllib.loads(where).keys() == {k for k in ("bbox", "geojson", "cells") if getattr(read, k) is not None}


@pytest.mark.parametrize(
    ("where", "period", "resolution", "fault"),
    [
        (
            'bbox = [1, 2, 3, 4]\ncells = ["x"]',
            "P1D",
            5,
            "expected exactly one of bbox, geojson, cells; got bbox and cells",
        ),
        ("", "P1D", 5, "expected exactly one of bbox, geojson, cells; got none"),
        ("bbox = [3, 2, 1, 4]", "P1D", 5, "with west < east and south < north"),
        ("bbox = [1, 2, 3]", "P1D", 5, "protected_areas.0.bbox"),
        ('bbox = ["1", 2, 3, 4]', "P1D", 5, "protected_areas.0.bbox.0"),
        ("cells = []", "P1D", 5, "protected_areas.0.cells"),
        ("bbox = [1, 2, 3, 4]", "PT6H", 5, "expected PT1H, days or weeks such as P1D, or window"),
        ("bbox = [1, 2, 3, 4]", "P0D", 5, "expected PT1H, days or weeks"),
        ("bbox = [1, 2, 3, 4]", "P1D", 8, "finest_resolution"),
        ("bbox = [1, 2, 3, 4]", "P1D", -1, "finest_resolution"),
        ("bbox = [1, 2, 3, 4]", "PT1H", 7, "protect nothing"),
        ("bbox = [1, 2, 3, 4]\nwidth = 3", "P1D", 5, "is not a known key"),
    ],
)
def test_a_fault_is_named_by_key(tmp_path: Path, where: str, period: str, resolution: int, fault: str) -> None:
    with pytest.raises(UsageError, match=r"policy\.toml: key 'protected_areas") as caught:
        load_policy(policy_with(tmp_path, where, period, resolution))
    assert fault in str(caught.value)


@pytest.mark.parametrize(
    ("period", "days"), [("PT1H", 0), ("P1D", 1), ("P7D", 7), ("P2W", 14), ("P366D", 366), ("window", None)]
)
def test_periods_in_days(period: str, days: int | None) -> None:
    assert area(finest_period=period).days == days


def test_what_is_missing_is_not_guessed() -> None:
    for key in ("name", "finest_resolution", "finest_period"):
        with pytest.raises(ValidationError, match=key):
            area(**{key: None})


@pytest.mark.parametrize("place", range(4))
def test_a_box_lies_on_the_globe(place: int) -> None:
    edges = [-180.0, -90.0, 180.0, 90.0]
    assert area(bbox=edges).bbox == tuple(edges)
    edges[place] *= 1.002
    with pytest.raises(ValidationError, match="expected bbox"):
        area(bbox=edges)


@pytest.mark.parametrize("bbox", [[1, 2, 1, 4], [1, 2, 3, 2], [1, 4, 3, 2]])
def test_a_box_has_an_inside(bbox: list[float]) -> None:
    with pytest.raises(ValidationError, match="with west < east and south < north"):
        area(bbox=bbox)


def test_values_are_what_they_are() -> None:
    for changes in ({"finest_resolution": "5"}, {"finest_resolution": True}, {"bbox": [1, 2, 3, float("inf")]}):
        with pytest.raises(ValidationError):
            area(**changes)
    assert area(finest_resolution=0).finest_resolution == 0
    assert area(bbox=None, geojson="a").geojson == "a"
    assert area(name="x" * 100).name == "x" * 100
    with pytest.raises(ValidationError, match="frozen"):
        area().name = "another"
    with pytest.raises(ValidationError, match="geojson"):
        area(bbox=None, geojson="")


@pytest.mark.parametrize("name", ["", "two\nlines", "x" * 101])
def test_a_name_is_one_short_line(name: str) -> None:
    with pytest.raises(ValidationError, match="name"):
        area(name=name)


def test_resolution_7_may_protect_periods_alone() -> None:
    assert area(finest_resolution=7, finest_period="window").finest_resolution == 7
