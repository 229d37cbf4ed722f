"""Anybody stops, the officer lifts; a review says how far somebody has looked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text

from hereabouts.errors import RefusedError, UsageError
from hereabouts.log.entries import append, committed
from hereabouts.rules.oversight import Review, StopOrder, lift_stop, order_stop, review_log, stop_of, unreviewed_since
from hereabouts.rules.people import appoint
from hereabouts.rules.signatures import statement, verifies
from hereabouts.state import reading, writing
from tests.rules.conftest import Log, private, public

Clock = Callable[[int], None]


def stopped(state: Engine) -> StopOrder | None:
    with reading(state) as session:
        return stop_of(session)


def test_a_stop_order(state: Engine, log: Log, clock: Clock) -> None:
    assert stopped(state) is None
    clock(1_772_000_000)
    order = order_stop(state, "The supplier is under investigation.")
    assert order == StopOrder(1, "olga", "The supplier is under investigation.", 1_772_000_000)
    assert stopped(state) == order
    (entry,) = log()
    assert (entry.act, entry.role, entry.facts) == ("stop", "operator", {"order": 1})
    assert b"investigation" not in entry.to_bytes(), "why is confidential"
    with reading(state) as session:
        salt, document = session.execute(text("SELECT salt, document FROM log_entries")).one()
    assert document == b'{"reason": "The supplier is under investigation."}'
    assert entry.commitment == committed(salt, document), "and committed to"


def test_one_order_at_a_time(state: Engine) -> None:
    order_stop(state, "a")
    with pytest.raises(UsageError, match="stop order 1 is in force already"):
        order_stop(state, "b")
    lift_stop(state)
    assert order_stop(state, "b").number == 2


def test_an_order_has_a_reason(state: Engine) -> None:
    with pytest.raises(UsageError, match="got no reason"):
        order_stop(state, " \n")
    assert stopped(state) is None


def test_anybody_stops_and_the_officer_lifts(state: Engine, log: Log, clock: Clock) -> None:
    appoint(state, "ines", public("ines"))
    order_stop(state, "a")
    for key in (None, private("olga")):
        with pytest.raises(RefusedError, match="'resume' is for the officer") as caught:
            lift_stop(state, key)
        assert caught.value.rule == "officer-key"
    assert stopped(state) is not None
    clock(1_772_000_000)
    assert lift_stop(state, private("ines")).reason == "a"
    assert stopped(state) is None
    entry = log()[-1]
    assert (entry.act, entry.role) == ("resume", "officer")
    facts = dict(entry.facts)
    signature = bytes.fromhex(facts.pop("signature"))
    assert facts == {"order": 1}
    with reading(state) as session:
        assert verifies(public("ines"), signature, statement(session, "resume", facts))
        assert session.execute(text("SELECT lifted, lifted_by FROM stop_orders")).one() == (1_772_000_000, "olga")


def test_there_is_nothing_to_lift(state: Engine) -> None:
    with pytest.raises(UsageError, match="no stop order is in force"):
        lift_stop(state)


# --- reviews ---------------------------------------------------------------------------------------------------------


def fill(state: Engine, clock: Clock, *times: int) -> None:
    for time in times:
        clock(time)
        with writing(state) as session:
            append(session, "seal")


def since(state: Engine) -> int | None:
    with reading(state) as session:
        return unreviewed_since(session)


def test_a_review_says_how_far_somebody_looked(state: Engine, clock: Clock) -> None:
    assert since(state) is None, "nothing was done"
    fill(state, clock, 100, 200, 300)
    assert since(state) == 100
    clock(400)
    assert review_log(state, 0) == Review(1, "olga", 0, ())
    assert since(state) == 200
    review_log(state, 2)
    assert since(state) == 400, "reviews are acts too, and are reviewed in turn"
    assert review_log(state, 4).number == 3
    assert since(state) == 400
    with reading(state) as session:
        assert session.execute(text("SELECT up_to, made FROM log_reviews")).all() == [(0, 400), (2, 400), (4, 400)]


def test_a_review_goes_forward_and_not_beyond_the_log(state: Engine, clock: Clock) -> None:
    fill(state, clock, 100, 200, 300)
    for place in (-1, 3):
        with pytest.raises(UsageError, match=rf"got entry {place}, expected one from 0 .* to 2 \(the last\)"):
            review_log(state, place)
    review_log(state, 2)
    with pytest.raises(UsageError, match=r"got entry 1, expected one from 2 \(where the last review ended\) to 3"):
        review_log(state, 1)
    assert review_log(state, 2).number == 2, "to look again is fine"


def test_findings_are_confidential_but_for_how_many(state: Engine, clock: Clock, log: Log) -> None:
    fill(state, clock, 100)
    found = review_log(state, 0, ["noor ran 40 plans in a night", "two"])
    assert found.incidents == ("noor ran 40 plans in a night", "two")
    entry = log()[-1]
    assert (entry.act, entry.role) == ("review", "operator")
    assert entry.facts == {"review": 1, "up_to": 0, "incidents": 2}
    with reading(state) as session:
        salt, document = session.execute(text("SELECT salt, document FROM log_entries WHERE place = 1")).one()
        assert session.scalar(text("SELECT incidents FROM log_reviews")) == '["noor ran 40 plans in a night", "two"]'
    assert document == b'{"incidents": ["noor ran 40 plans in a night", "two"]}'
    assert entry.commitment == committed(salt, document)
    review_log(state, 1)
    assert log()[-1].commitment is None, "there was nothing to note"


def test_the_officer_reviews(state: Engine, log: Log) -> None:
    appoint(state, "ines", public("ines"))
    with pytest.raises(RefusedError, match="'review' is for the officer") as caught:
        review_log(state, 0)
    assert caught.value.rule == "officer-key"
    assert review_log(state, 0, officer_key=private("ines")).reviewer == "ines"
    assert log()[-1].role == "officer"
    facts = dict(log()[-1].facts)
    signature = bytes.fromhex(facts.pop("signature"))
    assert facts == {"review": 1, "up_to": 0, "incidents": 0}
    with reading(state) as session:
        assert verifies(public("ines"), signature, statement(session, "review", facts))
