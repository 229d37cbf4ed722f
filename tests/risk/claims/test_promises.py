"""What people were promised; and that a list of opt-outs does not answer for one person."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hereabouts.risk.claims.evidence import ReleaseEvidence, WindowEvidence

if TYPE_CHECKING:
    from tests.risk.claims.conftest import Judged, MakeFeed


def test_every_row_says_yes(make_feed: MakeFeed, judge: Judged) -> None:
    found = judge("consented", make_feed())
    assert found.verdict == "holds"
    assert [figure.value for figure in found.shares] == [0.0, 0.0]


@pytest.mark.parametrize("changes", [{"refused": 30}, {"auctioned": 30}])
def test_rows_that_do_not_fail(changes: dict[str, int], make_feed: MakeFeed, judge: Judged) -> None:
    found = judge("consented", make_feed(**changes))
    assert found.verdict == "fails"
    assert 0.1 in [figure.value for figure in found.shares]


def test_a_few_who_did_not_consent_are_not_counted_aloud(make_feed: MakeFeed, judge: Judged) -> None:
    found = judge("consented", make_feed(refused=3))
    assert found.verdict == "fails"
    assert found.shares[0].value is None


def test_consent_that_is_not_in_the_data_cannot_be_told(
    make_feed: MakeFeed, window: WindowEvidence, release: ReleaseEvidence, judge: Judged
) -> None:
    for evidence in (make_feed(refused=None), window, release):
        assert judge("consented", evidence).verdict == "cannot be told"


def test_the_phones_own_opt_out_counts(make_feed: MakeFeed, judge: Judged) -> None:
    assert judge("opt-outs-honoured", make_feed(limited=36)).verdict == "fails"


def test_otherwise_a_feed_does_not_tell_whether_opt_outs_are_honoured(make_feed: MakeFeed, judge: Judged) -> None:
    for limited in (None, 0):
        assert judge("opt-outs-honoured", make_feed(limited=limited)).verdict == "cannot be told"


def test_a_store_goes_by_its_register(window: WindowEvidence, judge: Judged) -> None:
    assert judge("opt-outs-honoured", window).verdict == "holds"
    for late in ((16, 20), (0, 31), (0, None)):
        assert judge("opt-outs-honoured", replace(window, delays=((0, 0), late))).verdict == "fails"
    assert judge("opt-outs-honoured", replace(window, delays=())).verdict == "cannot be told"


def test_rows_older_than_they_may_be_fail(make_feed: MakeFeed, window: WindowEvidence, judge: Judged) -> None:
    """The town's first rows are of 2024-03-04."""
    for evidence in (make_feed(), window):
        assert judge("retention-kept", evidence, days=28).verdict == "holds"
        found = judge("retention-kept", evidence, days=28, as_of=dt.date(2024, 4, 20))
        assert (found.verdict, found.shares[0].value) == ("fails", 1.0)


def test_retention_is_nothing_that_a_release_shows(release: ReleaseEvidence, judge: Judged) -> None:
    assert judge("retention-kept", release, days=28).verdict == "cannot be told"
    assert judge("opt-outs-honoured", release).verdict == "cannot be told"
