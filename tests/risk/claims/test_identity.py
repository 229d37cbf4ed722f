"""Who is in it: identifiers by what the feed says of them; anonymous by attack and control."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hereabouts.release.verify import Check
from hereabouts.risk.claims.evidence import ReleaseEvidence, WindowEvidence

if TYPE_CHECKING:
    from tests.risk.claims.conftest import Judged, MakeFeed

CLAIM = "no-direct-identifiers"


def test_a_column_of_direct_identifiers_fails(make_feed: MakeFeed, judge: Judged) -> None:
    found = judge(CLAIM, make_feed(warnings=("column 'mail' holds e-mail addresses: it is dropped",)))
    assert found.verdict == "fails"
    assert found.findings[0].text == "Column 'mail' holds e-mail addresses: it is dropped."


def test_advertising_ids_are_identifiers(make_feed: MakeFeed, judge: Judged) -> None:
    found = judge(CLAIM, make_feed(advertising=True))
    assert found.verdict == "fails"
    assert "advertising id" in found.because


def test_what_an_opaque_id_was_made_of_cannot_be_told(make_feed: MakeFeed, judge: Judged) -> None:
    found = judge(CLAIM, make_feed())
    assert found.verdict == "cannot be told"
    assert "How the ids were made" in found.would_tell


def test_stores_and_releases_hold_none(window: WindowEvidence, release: ReleaseEvidence, judge: Judged) -> None:
    assert judge(CLAIM, window).verdict == "holds"
    assert judge(CLAIM, release).verdict == "holds"


def test_traces_fail_to_be_anonymous_where_an_attack_beats_its_control(make_feed: MakeFeed, judge: Judged) -> None:
    found = judge("anonymised", make_feed())
    assert found.verdict == "fails"
    assert "singling out" in found.because
    singled, beyond = found.shares[:2]
    assert singled.control is not None
    assert beyond.low is not None
    assert beyond.low > 0


def test_no_test_shows_that_traces_are_anonymous(make_feed: MakeFeed, judge: Judged, traces_of: object) -> None:
    """A crowd that moves as one: nobody is singled out, and still nothing is proved."""
    rows = [(device, 1_709_550_000 + 3600 * hour, 52.0, -1.0) for device in range(60) for hour in range(30)]
    feed = make_feed()
    crowd = replace(feed, trail=replace(feed.trail, traces=traces_of(rows)))  # type: ignore[operator]
    found = judge("anonymised", crowd)
    assert found.verdict == "cannot be told"
    assert "differential privacy" in found.would_tell


def test_a_release_has_nothing_to_attack_here(release: ReleaseEvidence, judge: Judged) -> None:
    found = judge("anonymised", release)
    assert found.verdict == "cannot be told"
    assert "epsilon 1," in found.because


def test_an_altered_release_is_not_believed(release: ReleaseEvidence, judge: Judged) -> None:
    altered = ReleaseEvidence(release.name, release.manifest, (Check("files", False, "altered"),))
    for claim in (CLAIM, "anonymised", "coarse-positions", "aggregate-only"):
        assert judge(claim, altered).verdict == "cannot be told"
