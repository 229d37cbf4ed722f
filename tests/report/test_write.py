from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from hereabouts.errors import BadInputError, UsageError
from hereabouts.report import payload, write_report


class Text(HTMLParser):
    """Collects tags with their attributes, and what a reader reads."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.silent += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def written(release: Any, folder: Path, **options: Any) -> Text:
    out = folder / "report.html"
    write_report(release.manifest, release.tables, out, **options)
    page = Text()
    page.feed(out.read_text(encoding="utf-8"))
    return page


def test_the_page_says_what_where_when_how_sure_and_what_it_cost(release: Any, tmp_path: Path) -> None:
    text = written(release, tmp_path).text
    for said in (
        "weekday-movement",
        "around Beijing, 180 by 190 km: Sat 2 Feb 2008 to Fri 8 Feb 2008, clock time of Asia/Shanghai",
        f"{release.tables['presence'].num_rows:,}",
        "transport-planning",
        "A device is not a person",
        "An interval of 95 %",
        "no officer, assessment or second signature was asked for",
        "under 20 devices or trips were not published",
        "less sure than ±50 %",
        "ε = 1, δ = 1e-6 (ρ = 0.0165)",
        "ε = 1.4 of 2",
        "over 3 windows in the store",
        "hereabouts verify DIR",
        "GeoNames, CC BY 4.0",
    ):
        assert said in text, said


def test_levels_too_large_for_the_page_are_named_and_only_they(
    small_release: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "To keep this page small" not in written(small_release, tmp_path).text
    monkeypatch.setattr(payload, "MOST_FIGURES", 5000)
    text = written(small_release, tmp_path).text
    assert "To keep this page small" in text
    assert "presence, hour by hour, H3 resolution 5" in text
    assert "day by day, H3 resolution 5" not in text


def test_nothing_in_the_file_points_outside(release: Any, tmp_path: Path) -> None:
    page = written(release, tmp_path)
    places = [
        value
        for _, attributes in page.tags
        for name, value in attributes.items()
        if name in ("src", "href", "action", "data", "poster", "srcset") and value
    ]
    assert all(place.startswith(("#", "data:")) for place in places), places
    source = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+", source)) <= {"http://www.w3.org"}  # SVG's name
    assert "@import" not in source
    assert "url(" not in source


@pytest.mark.parametrize("key", ["name", "purpose", "requested_by", "policy", "code_version"])
def test_what_comes_from_the_manifest_is_escaped(small_release: Any, tmp_path: Path, key: str) -> None:
    hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    changed = type(small_release)({**small_release.manifest, key: hostile}, small_release.tables)
    page = written(changed, tmp_path)
    assert "<script>alert(1)</script>" in page.text
    assert not any(tag == "img" or "onerror" in attributes for tag, attributes in page.tags)
    scripts = [attributes.get("type") for tag, attributes in page.tags if tag == "script"]
    assert scripts.count("module") == 1
    assert None not in scripts


def test_hostile_unit_and_window_name_are_escaped_too(small_release: Any, tmp_path: Path) -> None:
    manifest = {**small_release.manifest, "privacy": {"unit": "<b onclick=x>unit</b>"}}
    page = written(type(small_release)(manifest, small_release.tables), tmp_path)
    assert "<b onclick=x>unit</b>" in page.text


def test_a_release_without_flows_or_without_anything_still_has_a_report(small_release: Any, tmp_path: Path) -> None:
    only_presence = type(small_release)(small_release.manifest, {"presence": small_release.tables["presence"]})
    assert "no published flow" in written(only_presence, tmp_path).text
    bare = {"name": "bare", "window": small_release.manifest["window"]}
    text = written(type(small_release)(bare, {}), tmp_path).text
    assert "no published figure of devices or visitors" in text
    assert "No purpose is stated" in text


def test_everything_published_is_said_as_such(make_release: Any, tmp_path: Path) -> None:
    everything = make_release((4,), (4,), minimum=0, max_relative_halfwidth=float("inf"))
    everything.manifest["publish"]["max_relative_halfwidth"] = None
    assert "Every estimated row was published" in written(everything, tmp_path).text


def test_a_page_that_loads_tiles_says_so(small_release: Any, tmp_path: Path) -> None:
    page = written(small_release, tmp_path, tile_url="https://tiles.example.net/{z}/{x}/{y}.png")
    assert "loads background map tiles from tiles.example.net" in page.text
    assert "This file loads nothing" not in page.text


def test_a_failed_report_leaves_the_old_one(small_release: Any, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    out.write_text("old", encoding="utf-8")
    with pytest.raises(BadInputError):
        write_report({"name": "x"}, small_release.tables, out)
    with pytest.raises(UsageError):
        write_report(small_release.manifest, small_release.tables, out, tile_url="nowhere")
    assert out.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_the_largest_release_of_the_plan_stays_under_15_mb(make_release: Any, tmp_path: Path) -> None:
    """All of 9,094 cells × 168 hours with a figure, and 100,000 flows: more than T-Drive would have."""
    everything = make_release(
        (4, 5, 6, 7), (5, 6), minimum=0, max_relative_halfwidth=float("inf"), flow_rows=100_000, whole=False
    )
    written(everything, tmp_path)
    assert (tmp_path / "report.html").stat().st_size < 15_000_000
