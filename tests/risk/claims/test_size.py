"""How much there is, against a yardstick that is named."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hereabouts.risk.claims.evidence import ReleaseEvidence
from hereabouts.risk.figures import rounded

if TYPE_CHECKING:
    from tests.risk.claims.conftest import Judged, MakeFeed
    from tests.risk.conftest import TracesOf


@pytest.mark.parametrize(
    ("devices", "verdict"), [(989, "holds"), (990, "cannot be told"), (1_009, "cannot be told"), (1_010, "fails")]
)
def test_about_a_thousand_devices_are_not_held_against_a_thousand(
    devices: int, verdict: str, make_feed: MakeFeed, judge: Judged, traces_of: TracesOf
) -> None:
    """Verdicts go by what is shown, the nearest 20: a thousand and one more are the same."""
    feed = make_feed()
    traces = traces_of([(device, 1_709_550_000, 52.0, -1.0) for device in range(devices)])
    found = judge("not-bulk", replace(feed, trail=replace(feed.trail, traces=traces)))
    assert (found.verdict, found.numbers[0].value) == (verdict, rounded(devices))


def test_no_threshold_of_a_claim_finds_the_exact_number(
    make_feed: MakeFeed, judge: Judged, traces_of: TracesOf
) -> None:
    feed = make_feed()
    fewer, more = (
        replace(feed, trail=replace(feed.trail, traces=traces_of([(d, 1_709_550_000, 52.0, -1.0) for d in range(n)])))
        for n in (290, 309)
    )
    for people in range(2_900, 3_100, 10):
        asked = {"population": people, "at_most": 0.1}
        assert judge("small-share-of-population", fewer, **asked) == judge("small-share-of-population", more, **asked)


def test_small_is_what_the_claim_calls_small(make_feed: MakeFeed, judge: Judged) -> None:
    feed = make_feed()
    for at_most, verdict in ((0.11, "holds"), (0.1, "cannot be told"), (0.097, "cannot be told"), (0.09, "fails")):
        found = judge("small-share-of-population", feed, population=3_000, at_most=at_most)
        assert (found.verdict, found.shares[0].value) == (verdict, 0.1)


def test_small_without_a_number_cannot_be_told(make_feed: MakeFeed, judge: Judged) -> None:
    found = judge("small-share-of-population", make_feed(), population=3_000)
    assert found.verdict == "cannot be told"
    assert "one for every 10" in found.because
    assert found.shares[0].value == 0.1


def test_a_release_does_not_say_how_many_it_is_of(release: ReleaseEvidence, judge: Judged) -> None:
    assert judge("not-bulk", release).verdict == "cannot be told"
    assert judge("small-share-of-population", release, population=3_000, at_most=0.5).verdict == "cannot be told"
