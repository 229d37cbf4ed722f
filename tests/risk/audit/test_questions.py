"""WP29's three questions: each has an attack, a control, and what is found beyond it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hereabouts.risk.audit.questions import questions
from hereabouts.risk.traces import Traces

if TYPE_CHECKING:
    from tests.risk.conftest import TracesOf


def test_each_is_answered_by_a_number_an_interval_and_a_control(town: Traces) -> None:
    told: list[float] = []
    answers = questions(town, 1, told.append)
    assert [answer.name for answer in answers] == ["singling out", "linkability", "inference"]
    assert told == sorted(told)
    for answer in answers:
        for figure in (answer.attack, answer.attack.control, answer.risk):
            assert figure is not None
            assert figure.about is not None
            assert figure.low is not None
            assert figure.high is not None
            assert figure.low <= figure.about <= figure.high
            assert figure.procedure
            assert figure.source
        assert answer.risk.control == answer.attack.control


def test_known_points_single_out_those_who_are_in_the_data_alone(town: Traces) -> None:
    attack = questions(town, 1, lambda _: None)[0].attack
    assert attack.low is not None
    assert attack.control is not None
    assert attack.control.high is not None
    assert attack.low > 0.7
    assert attack.control.high < 0.3


def test_a_crowd_of_twins_answers_no(traces_of: TracesOf) -> None:
    rows = [(d, 1_709_510_400 + 7200 * k, 52.0, -1.0 + 0.1 * (k % 3)) for d in range(80) for k in range(60)]
    for answer in questions(traces_of(rows), 1, lambda _: None):
        assert answer.risk.low in (0.0, None)
