"""The README of a release says what its manifest says, and what a figure from it cannot say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hereabouts.release.plan import Plan, Publish
from hereabouts.release.readme import readme
from hereabouts.release.verify import read_manifest


@pytest.fixture
def manifest(folder: Path) -> dict[str, Any]:
    return read_manifest(folder)


def test_it_states_when_where_why_and_how_private(manifest: dict[str, Any]) -> None:
    text = readme(manifest)
    assert text.startswith("# weekday-movement\n")
    for fact in (
        "2024-03-25T00:00:00+01:00 to 2024-04-01T00:00:00+02:00 (Europe/Paris)",
        "45 H3 cells of resolution 7",
        "transport-planning",
        "epsilon 1, delta 1e-06, for all pings of one device in one window",
        "hereabouts 0.1.0",
        "hereabouts verify .",
    ):
        assert fact in text


def test_it_counts_the_rows_of_every_level(manifest: dict[str, Any]) -> None:
    text = readme(manifest)
    for table, levels in manifest["rows"].items():
        for level, count in levels.items():
            named = f"`{table}.parquet`, {level.replace('/', ', ')}: {count['rows']:,} rows of {count['domain']:,}"
            assert named in text


def test_it_explains_what_is_missing_by_the_rules_of_this_release(manifest: dict[str, Any], plan: Plan) -> None:
    assert "It had less than 20, or its interval was wider than 0.5 of its value" in readme(manifest)
    lenient = manifest | {"publish": {"minimum": 2.5, "max_relative_halfwidth": "inf"}}
    assert "It had less than 2.5, or its interval was wider than inf of its value" in readme(lenient)
    assert Publish().minimum == plan.publish.minimum == 20


def test_it_repeats_every_note(manifest: dict[str, Any]) -> None:
    text = readme(manifest)
    assert len(manifest["notes"]) >= 4
    for note in manifest["notes"]:
        assert f"\n- {note}\n" in text


def test_a_name_with_braces_stays_a_name(manifest: dict[str, Any]) -> None:
    """What a plan's author wrote is never taken for a place to fill in."""
    assert readme(manifest | {"name": "{purpose} {0} {}"}).startswith("# {purpose} {0} {}\n")


def test_it_is_written_from_the_manifest_alone(manifest: dict[str, Any], folder: Path) -> None:
    assert readme(manifest) == (folder / "README.md").read_text(encoding="utf-8")


def test_protected_areas_and_what_they_left_out_are_said(manifest: dict[str, Any]) -> None:
    section = {
        "areas": [{"name": "northern {crossing}", "finest_resolution": 5, "finest_period": "P1D"}],
        "region_cells_left_out": 0,
        "rows_withheld": {},
    }
    text = readme(manifest | {"protected_areas": section})
    assert "\n- northern {crossing}: H3 resolution 5, period P1D\n" in text
    assert "left out" not in text
    assert "1,234 cells of resolution 7 of it were left out" in readme(
        manifest | {"protected_areas": section | {"region_cells_left_out": 1234}}
    )
    assert "protected areas" not in readme(manifest | {"protected_areas": section | {"areas": []}})


def test_the_list_of_sensitive_places_is_named_or_said_to_be_none(manifest: dict[str, Any]) -> None:
    listed = manifest | {"sensitive_places": {"version": 3, "digest": "ab" * 32}}
    assert "version 3 (SHA-256\n" + "ab" * 32 in readme(listed)
    assert "had no list of sensitive places" in readme(manifest | {"sensitive_places": None})
    stale = readme(listed | {"stale": True})
    assert "may lack it" in stale
    assert "were dropped" not in stale
    bare = {key: value for key, value in manifest.items() if key != "sensitive_places"}
    assert "sensitive places" not in readme(bare), "what the manifest does not state is not claimed"
