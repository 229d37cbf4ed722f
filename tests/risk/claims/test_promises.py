"""What people were promised; and that no answer is one person's."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hereabouts.risk.claims.evidence import Delay, ReleaseEvidence, Trail, WindowEvidence
from hereabouts.risk.figures import FEW_HITS, FEW_OTHERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.risk.claims.conftest import Judged, MakeFeed
    from tests.risk.conftest import TracesOf

    MakeTrail = Callable[[int], Trail]


def test_every_row_says_yes(make_feed: MakeFeed, judge: Judged) -> None:
    found = judge("consented", make_feed(devices=2_000))
    assert found.verdict == "holds"
    assert [figure.withheld for figure in found.shares] == [FEW_HITS, FEW_HITS]


@pytest.mark.parametrize("changes", [{"refused": 200}, {"auctioned": 200}])
def test_rows_that_do_not_fail(changes: dict[str, int], make_feed: MakeFeed, judge: Judged) -> None:
    found = judge("consented", make_feed(devices=2_000, **changes))
    assert found.verdict == "fails"
    assert 0.1 in [figure.value for figure in found.shares]


@pytest.mark.parametrize(("devices", "verdict"), [(2_000, "holds"), (300, "cannot be told")])
def test_a_few_who_did_not_consent_are_not_told_from_none(
    devices: int, verdict: str, make_feed: MakeFeed, judge: Judged
) -> None:
    """Not from the verdict either; but of a few devices, as few may be many."""
    found = [judge("consented", make_feed(devices=devices, refused=refused)) for refused in (0, 1, 19)]
    assert {one.verdict for one in found} == {verdict}
    assert found[0] == found[1] == found[2]
    assert judge("consented", make_feed(devices=devices, refused=20)).verdict == "fails"


def test_consent_that_is_not_in_the_data_cannot_be_told(
    make_feed: MakeFeed, window: WindowEvidence, release: ReleaseEvidence, judge: Judged
) -> None:
    for evidence in (make_feed(refused=None), window, release):
        assert judge("consented", evidence).verdict == "cannot be told"


def test_who_does_not_say_where_rows_are_from_may_have_them_from_auctions(make_feed: MakeFeed, judge: Judged) -> None:
    assert judge("consented", make_feed(devices=2_000, auctioned=None)).verdict == "cannot be told"


def test_the_phones_own_opt_out_counts(make_feed: MakeFeed, judge: Judged) -> None:
    assert judge("opt-outs-honoured", make_feed(limited=36)).verdict == "fails"


def test_otherwise_a_feed_does_not_tell_whether_opt_outs_are_honoured(make_feed: MakeFeed, judge: Judged) -> None:
    """One phone that limits tracking is not told from none."""
    found = [judge("opt-outs-honoured", make_feed(limited=limited)) for limited in (None, 0, 1, 19)]
    assert {one.verdict for one in found} == {"cannot be told"}
    assert found[1] == found[2] == found[3]


@pytest.mark.parametrize("late", [(16, 20), (0, 31)])
def test_a_store_goes_by_its_register(late: tuple[int, int], window: WindowEvidence, judge: Judged) -> None:
    found = judge("opt-outs-honoured", window)
    assert (found.verdict, "never reached the store" in found.would_tell) == ("holds", True)
    assert judge("opt-outs-honoured", replace(window, delays=())).verdict == "cannot be told"
    some = (*window.delays, Delay(60, *late))
    assert judge("opt-outs-honoured", replace(window, delays=some)).verdict == "fails"


def test_one_persons_withdrawal_turns_no_verdict(window: WindowEvidence, judge: Judged) -> None:
    late, in_time = ((*window.delays, Delay(1, 0, done)) for done in (31, 3))
    assert judge("opt-outs-honoured", replace(window, delays=late)) == judge(
        "opt-outs-honoured", replace(window, delays=in_time)
    )
    only = [judge("opt-outs-honoured", replace(window, delays=(Delay(n, 0, 99),))) for n in (1, 19)]
    assert {found.verdict for found in only} == {"cannot be told"}


@pytest.fixture
def crowd(trail: Trail, traces_of: TracesOf) -> MakeTrail:
    """Two thousand devices in March, and so many that are seen on the first of January before."""

    def make(early: int) -> Trail:
        rows = [(d, 1_709_550_000 + d, 52.0, -1.0) for d in range(2_000)]
        return replace(trail, traces=traces_of(rows + [(d, 1_704_067_200, 52.0, -1.0) for d in range(early)]))

    return make


def test_rows_older_than_they_may_be_fail(
    make_feed: MakeFeed, window: WindowEvidence, crowd: MakeTrail, judge: Judged
) -> None:
    for evidence in (make_feed(), window):
        everybody = replace(evidence, trail=crowd(0))
        assert judge("retention-kept", everybody, days=28).verdict == "holds"
        found = judge("retention-kept", everybody, days=28, as_of=dt.date(2024, 4, 20))
        assert (found.verdict, found.shares[0].withheld) == ("fails", FEW_OTHERS)
        assert judge("retention-kept", replace(evidence, trail=crowd(20)), days=28).verdict == "fails"


def test_no_sweep_over_days_finds_the_day_of_one_device(
    window: WindowEvidence, crowd: MakeTrail, judge: Judged
) -> None:
    """Whatever the claim's days and day are, nineteen early devices leave no trace in a card."""
    nobody, few = (replace(window, trail=crowd(early)) for early in (0, 19))
    for as_of in (dt.date(2024, 1, 1) + dt.timedelta(days=days) for days in range(0, 120, 3)):
        for days in (1, 30):
            assert judge("retention-kept", nobody, days=days, as_of=as_of) == judge(
                "retention-kept", few, days=days, as_of=as_of
            )


def test_of_a_few_hundred_devices_it_holds_for_nobody(window: WindowEvidence, judge: Judged) -> None:
    assert judge("retention-kept", window, days=28).verdict == "cannot be told"


def test_retention_is_nothing_that_a_release_shows(release: ReleaseEvidence, judge: Judged) -> None:
    assert judge("retention-kept", release, days=28).verdict == "cannot be told"
    assert judge("opt-outs-honoured", release).verdict == "cannot be told"
