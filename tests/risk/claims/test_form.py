"""What the data are made of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hereabouts.risk.audit.precision import precision_of_cells
from hereabouts.risk.claims.evidence import ReleaseEvidence, WindowEvidence
from hereabouts.risk.claims.form import names_a_tower
from hereabouts.risk.claims.shared_positions import AGAIN, SHARED
from hereabouts.risk.figures import share
from hereabouts.risk.traces import Traces

if TYPE_CHECKING:
    from tests.risk.claims.conftest import Judged, MakeFeed


@pytest.mark.parametrize(
    "column", ["cell_id", "CellID", "cgi", "servingTower", "LAC", "antenna", "eNodeB", "cell_site"]
)
def test_columns_of_towers_are_known_by_name(column: str) -> None:
    assert names_a_tower(column)


@pytest.mark.parametrize("column", ["cell", "cellular", "place", "device_id", "carrier", "lacrosse", "h3_cell"])
def test_others_are_not(column: str) -> None:
    assert not names_a_tower(column)


def test_positions_of_its_own_are_no_towers(make_feed: MakeFeed, judge: Judged) -> None:
    for hits in (0, 1, 19, 60):
        feed = make_feed(shared=share("shared", hits, 3_000, SHARED), again=share("again", hits, 3_000, AGAIN))
        assert judge("no-cell-tower-data", feed).verdict == "holds"


@pytest.mark.parametrize(("hits", "n"), [(2_500, 3_000), (400, 3_000), (0, 30)])
def test_towers_with_one_phone_each_are_not_taken_for_positions_of_its_own(
    hits: int, n: int, make_feed: MakeFeed, judge: Judged
) -> None:
    """Where devices come back to exactly where they were, or too few are seen twice to say that they do not."""
    feed = make_feed(shared=share("shared", 0, 3_000, SHARED), again=share("again", hits, n, AGAIN))
    assert judge("no-cell-tower-data", feed).verdict == "cannot be told"


def test_of_a_few_devices_it_cannot_be_told(make_feed: MakeFeed, judge: Judged) -> None:
    found = judge("no-cell-tower-data", make_feed(shared=share("shared", 0, 30, SHARED)))
    assert found.verdict == "cannot be told"
    assert "Too few devices" in found.because


def test_a_column_of_towers_fails(make_feed: MakeFeed, judge: Judged) -> None:
    found = judge("no-cell-tower-data", make_feed(columns=("device_id", "cell_id")))
    assert found.verdict == "fails"
    assert "cell_id" in found.findings[0].text


def test_shared_positions_may_be_towers_or_venues(
    make_feed: MakeFeed, window: WindowEvidence, release: ReleaseEvidence, judge: Judged
) -> None:
    for evidence in (make_feed(shared=share("shared", 250, 300, SHARED)), window, release):
        assert judge("no-cell-tower-data", evidence).verdict == "cannot be told"


def hourly(window: WindowEvidence) -> Traces:
    """The window as it is when sealed, in which all positions are cells by its layout."""
    return replace(window.trail.traces, step=3_600)


@pytest.mark.parametrize(("devices", "verdict"), [(300, "cannot be told"), (400, "holds")])
def test_of_a_few_hundred_devices_those_off_the_grid_may_be_many(
    devices: int, verdict: str, make_feed: MakeFeed, judge: Judged
) -> None:
    grid, precision = precision_of_cells(6, devices)
    feed = make_feed()
    found = judge("coarse-positions", replace(feed, trail=replace(feed.trail, grid=grid, precision=precision)))
    assert found.verdict == verdict


@pytest.mark.parametrize(("resolution", "verdict"), [(6, "holds"), (7, "holds"), (8, "fails"), (10, "fails")])
def test_positions_are_coarse_from_the_widest_legal_circle_on(
    resolution: int, verdict: str, window: WindowEvidence, release: ReleaseEvidence, judge: Judged
) -> None:
    grid, precision = precision_of_cells(resolution, 300)
    coarse_window = replace(window, trail=replace(window.trail, traces=hourly(window), grid=grid, precision=precision))
    assert judge("coarse-positions", coarse_window).verdict == verdict
    coarse = ReleaseEvidence(release.name, release.manifest | {"finest_resolution": resolution}, release.checks)
    assert judge("coarse-positions", coarse).verdict == verdict


def test_only_a_release_is_made_of_aggregates(
    make_feed: MakeFeed, window: WindowEvidence, release: ReleaseEvidence, judge: Judged
) -> None:
    assert judge("aggregate-only", release).verdict == "holds"
    assert judge("aggregate-only", make_feed()).verdict == "fails"
    assert judge("aggregate-only", window).verdict == "fails"
