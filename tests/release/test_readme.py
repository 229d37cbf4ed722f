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
