"""What a release says of protected areas and sensitive places: no more than its manifest states (CLAIMS)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hereabouts.errors import BadInputError
from hereabouts.report import write_report
from hereabouts.report.manifest import ReleaseFacts, read_manifest
from hereabouts.report.promises import protected_areas, sensitive_places

PROTECTED = {
    "areas": [
        {"name": "northern crossing", "finest_resolution": 5, "finest_period": "P1D"},
        {"name": "harbour", "finest_resolution": 7, "finest_period": "window"},
        {"name": "ridge", "finest_resolution": 4, "finest_period": "PT1H"},
        {"name": "valley", "finest_resolution": 6, "finest_period": "P2D"},
    ],
    "region_cells_left_out": 0,
    "rows_withheld": {"presence": {"5/PT1H": 600, "5/P1D": 0}, "flows": {"5/P7D": 40}},
}
ROWS = {
    "presence": {"5/PT1H": {"rows": 10, "domain": 1000}, "5/P1D": {"rows": 5, "domain": 200}},
    "flows": {"5/P7D": {"rows": 3, "domain": 400}},
}
LISTED = {"version": 3, "digest": "ab" * 32}


def facts(release: Any, **changes: Any) -> ReleaseFacts:
    return read_manifest({**release.manifest, "rows": ROWS, **changes})


def test_each_area_says_what_is_not_published_of_it(small_release: Any) -> None:
    first, second, third, fourth, rows = protected_areas(facts(small_release, protected_areas=PROTECTED))
    assert first.startswith(
        "northern crossing: nothing is published about areas smaller than H3 resolution 5 (about 250 km²"
    )
    assert first.endswith("or periods shorter than a day.")
    assert second == "harbour: nothing is published about periods shorter than the whole window."
    assert "periods" not in third
    assert fourth.endswith("or periods shorter than P2D.")
    assert "640 of 1,600 possible rows, by the policy and the plan alone" in rows


def test_what_was_left_out_of_the_region_is_said(small_release: Any) -> None:
    cut = PROTECTED | {"region_cells_left_out": 1234}
    assert (
        "1,234 cells of H3 resolution 7 of it were left out"
        in protected_areas(facts(small_release, protected_areas=cut))[-1]
    )


@pytest.mark.parametrize("nothing", [None, {}, {"areas": [], "region_cells_left_out": 0, "rows_withheld": {}}])
def test_no_area_is_not_spoken_of(small_release: Any, nothing: Any) -> None:
    assert protected_areas(facts(small_release, protected_areas=nothing)) == []


def test_the_list_in_force_is_named_by_version_and_digest(small_release: Any) -> None:
    said = sensitive_places(facts(small_release, sensitive_places=LISTED))
    assert "version 3 of the store's list" in said
    assert "ab" * 32 in said
    assert "were dropped before anything was counted" in said


def test_figures_older_than_the_data_do_not_claim_the_list(small_release: Any) -> None:
    said = sensitive_places(facts(small_release, sensitive_places=LISTED, stale=True))
    assert "may lack it" in said
    assert "dropped" not in said


def test_no_list_and_no_word_of_one_are_told_apart(small_release: Any) -> None:
    assert "had no list of sensitive places" in sensitive_places(facts(small_release, sensitive_places=None))
    assert sensitive_places(facts(small_release)) == "The manifest says nothing of sensitive places."


def test_the_page_says_it_and_escapes_it(small_release: Any, tmp_path: Path) -> None:
    hostile = PROTECTED | {"areas": [{"name": "<b>x</b>", "finest_resolution": 5, "finest_period": "P1D"}]}
    manifest = {**small_release.manifest, "protected_areas": hostile, "sensitive_places": LISTED}
    write_report(manifest, small_release.tables, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;x&lt;/b&gt;: nothing is published about areas smaller" in text
    assert "<b>x</b>" not in text
    assert "version 3 of the store" in text


@pytest.mark.parametrize(
    "wrong", [{"protected_areas": {"areas": [{"name": "x"}]}}, {"sensitive_places": {"version": 1}}]
)
def test_what_cannot_be_read_is_said(small_release: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInputError, match="cannot be read as a manifest"):
        facts(small_release, **wrong)
