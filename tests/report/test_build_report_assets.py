"""The tool that makes the land under the maps and the towns on them, and what it made."""

from __future__ import annotations

import importlib.util
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "build_report_assets.py"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_report_assets", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_topology_becomes_rings(tool: ModuleType) -> None:
    topology = {
        "transform": {"scale": [0.5, 0.5], "translate": [10, 20]},
        "arcs": [[[0, 0], [2, 0], [0, 2]], [[0, 0], [0, 2], [2, 0]]],  # both ways round a square
        "objects": {"land": {"type": "GeometryCollection", "geometries": [
            {"type": "MultiPolygon", "arcs": [[[0, ~1]]]}, {"type": "Polygon", "arcs": [[1, ~0]]},
        ]}},
    }  # fmt: skip
    one_way = [[10, 20], [11, 20], [11, 21], [10, 21], [10, 20]]
    rings = [ring.tolist() for ring in tool.land_rings(topology)]
    assert sorted(rings) == sorted([one_way, one_way[::-1]])


def test_simplified_coasts_stray_by_the_tolerance_at_most(tool: ModuleType) -> None:
    angles = np.linspace(0, 2 * np.pi, 2000)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    simple = tool.simplify(circle, 0.01)
    assert 10 < len(simple) < 100
    middles = (simple[1:] + simple[:-1]) / 2
    assert np.hypot(*middles.T).min() > 0.989


def test_rings_go_on_past_180_degrees(tool: ModuleType) -> None:
    island = np.array([[179.0, 0.0], [-179.0, 0.0], [-179.0, 1.0], [179.0, 0.0]])
    assert tool.unwrap(island)[:, 0].tolist() == [179, 181, 181, 179]
    around = np.array([[lon, -70.0] for lon in (-180, -60, 60, 180)], dtype=float)
    closed = tool.unwrap(around)
    assert closed[-1].tolist() == closed[0].tolist()
    assert closed[:, 1].min() == -90


def test_what_is_encoded_is_what_the_report_decodes(tool: ModuleType) -> None:
    ring = np.array([[-180.0, -80.0], [180.0, -80.0], [180.0, -90.0], [-180.0, -90.0], [-180.0, -80.0]])
    starts, lengths, steps = tool.encode([ring])
    assert lengths[0] == len(steps) + 1
    walk = np.concatenate([starts[:1], steps]).cumsum(axis=0) / tool.STEPS_PER_DEGREE
    assert np.abs(np.diff(walk, axis=0)).max() <= tool.LONGEST_STEP / tool.STEPS_PER_DEGREE
    assert {tuple(corner) for corner in ring} <= {tuple(corner) for corner in walk}


def test_towns_come_by_size_and_keep_their_five_decimals(tool: ModuleType) -> None:
    towns = [
        {"name": "Ordino", "longitude": 1.53319, "latitude": 42.55623, "population": 3066},
        {"name": "Sant Julià", "longitude": 1.49129, "latitude": 42.46372, "population": 8022},
        {"name": "Twin", "longitude": -0.00001, "latitude": -89.99999, "population": 8022},
    ]
    names, population, longitude, latitude = tool.encode_towns(towns)
    assert names.tobytes().decode().split("\n") == ["Sant Julià", "Twin", "Ordino"]
    assert (longitude / tool.STEPS_PER_DEGREE_OF_TOWNS).tolist() == [1.49129, -0.00001, 1.53319]
    assert (latitude / tool.STEPS_PER_DEGREE_OF_TOWNS).tolist() == [42.46372, -89.99999, 42.55623]
    assert population.tolist() == [8022, 8022, 3066]


@pytest.mark.parametrize(
    ("name", "most", "licence"), [("land", 600_000, "public domain"), ("towns", 1_000_000, "CC BY 4.0")]
)
def test_an_asset_is_small_and_carries_its_licence(name: str, most: int, licence: str) -> None:
    assets = files("hereabouts.report").joinpath("assets")
    assert len(assets.joinpath(f"{name}.npz").read_bytes()) < most
    assert licence in assets.joinpath(f"{name}.LICENSE").read_text(encoding="utf-8")
