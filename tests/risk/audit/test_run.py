"""A whole audit of traces."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from hereabouts.errors import BadInputError
from hereabouts.risk.audit.precision import precision_of_cells
from hereabouts.risk.audit.run import audited
from hereabouts.risk.figures import FEW_OTHERS
from hereabouts.risk.traces import Traces
from hereabouts.windows import HOUR

if TYPE_CHECKING:
    from tests.risk.conftest import TracesOf


GRID = precision_of_cells(8, 300)


def test_every_figure_has_a_procedure_and_a_source_and_is_about_many(town: Traces) -> None:
    told: list[float] = []
    audit = audited(town, "feed", "a test", GRID, None, [], lambda _, share: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1.0
    figures = [figure for grain in audit.unicity for figure in grain.figures]
    figures += [*audit.night_and_day, *audit.sampling, *audit.sizes, *(q.attack for q in audit.questions)]
    assert all(figure.procedure and figure.source for figure in figures)
    assert {figure.n is None or figure.n >= 20 for figure in figures} == {True}
    assert [finding.about for finding in audit.findings] == ["precision of coordinates", "precise geolocation", "bulk"]
    json.dumps(audit.to_json(), allow_nan=False)


@pytest.mark.parametrize("devices", [0, 1, 19])
def test_fewer_than_twenty_devices_are_not_audited(traces_of: TracesOf, devices: int) -> None:
    rows = [(d, 1_709_510_400, 52.0, -1.0) for d in range(devices)]
    traces = traces_of(rows) if rows else traces_of([(0, 1_709_510_400, 52.0, -1.0)])
    with pytest.raises(BadInputError, match="fewer than 20 devices"):
        audited(traces, "feed", "a test", GRID, None, [], lambda *_: None)


def test_forty_who_were_seen_once_have_an_audit(traces_of: TracesOf) -> None:
    rows = [(d, 1_709_510_400, 52.0 + d / 2, -1.0) for d in range(40)]
    audit = audited(traces_of(rows, 8, HOUR), "sealed window", "a test", GRID, None, [], lambda *_: None)
    assert audit.unicity[0].figures[0].withheld == FEW_OTHERS
    assert audit.questions[1].attack.value is None
    assert "not kept" in audit.findings[0].text
