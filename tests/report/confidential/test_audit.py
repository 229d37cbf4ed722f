"""The page of an audit: a sentence a finding, every figure with its procedure and source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hereabouts.report.confidential.audit import audit_page, headlines
from hereabouts.risk.audit.result import Finding, Question
from hereabouts.risk.figures import Procedure, not_told

if TYPE_CHECKING:
    from tests.report.confidential.conftest import Made

HOW = Procedure("a procedure", "a source")


def test_it_begins_with_a_sentence_for_each_finding(made: Made) -> None:
    said = [sentence.replace("\u00a0", " ") for sentence in headlines(made())]
    assert len(said) == 4
    assert "known to 5.2 km² only, and times to the day, four of them single out 60.0 % of devices" in said[0]
    assert "90.0 % are picked out by four known places and hours" in said[1]
    assert "90.0 % of devices are found again by their habits alone" in said[2]
    assert "where it is by day for 90.0 %" in said[3]


def test_what_was_not_measured_is_said_to_be_so(made: Made) -> None:
    none = not_told("attack", HOW, "nobody was seen by night")
    audit = made(questions=(Question("inference", "?", "So.", none, none),))
    assert headlines(audit)[1] == "Inference could not be measured: nobody was seen by night."
    assert "Beyond the control: nobody was seen by night." in audit_page(audit)


def test_each_part_has_its_procedure_and_source(made: Made) -> None:
    text = audit_page(made())
    assert text.count("Source: a source 2024") >= 5
    assert "Procedure: counting. Source: a law." in text


def test_the_heat_table_has_a_field_for_each_grain(made: Made) -> None:
    text = audit_page(made())
    assert text.count('class="step4"') == 4
    assert text.count("<polyline") == 4
    assert "0.74 km²" in text


def test_figures_of_too_few_devices_are_not_in_it(made: Made) -> None:
    assert "fewer than 20 devices: not told" in audit_page(made())


def test_without_a_list_of_places_it_says_so(made: Made) -> None:
    none = Finding("sensitive places", "No list was given.", "none", "a rule")
    text = audit_page(made(sensitive=(), findings=(none,)))
    assert "No list was given." in text
    assert "Share of devices with a ping at a listed place" not in text
