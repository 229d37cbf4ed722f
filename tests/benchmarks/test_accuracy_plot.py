"""The plot of the scaling study is a picture that a browser can read."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(ROOT)
    return lambda name: importlib.import_module(f"benchmarks.accuracy.{name}")


def test_each_level_and_town_is_a_line_of_both_panels(load: Any) -> None:
    scaling, question = load("scaling"), load("truth").Question("presence", 7, "PT1H")
    points = [scaling.Point(size, epsilon, question, 0.4, 1.3) for size in (100, 1000) for epsilon in (0.25, 1.0, 4.0)]
    picture = ET.fromstring(load("plot").draw(scaling.panels(points)))  # noqa: S314 (our own)
    lines = picture.findall(f".//{SVG}polyline")
    assert [len(line.attrib["points"].split()) for line in lines] == [3] * 4
    words = {text.text for text in picture.iter(f"{SVG}text")}
    assert {"presence 7/PT1H, 100 devices", "presence 7/PT1H, 1,000 devices", "0.25", "ε"} <= words


def test_one_point_is_drawn_too(load: Any) -> None:
    scaling, question = load("scaling"), load("truth").Question("flows", 6, "P7D")
    assert "polyline" in load("plot").draw(scaling.panels([scaling.Point(100, 1.0, question, 0.4, 0.6)]))
