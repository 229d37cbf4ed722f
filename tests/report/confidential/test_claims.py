"""The page of a report card: the claim in its own words, a verdict in word, colour and shape, what was measured."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import TYPE_CHECKING

import pytest

from hereabouts.report.confidential.claims import badge, claims_page, day, first
from hereabouts.risk.audit.result import CONFIDENTIAL, Finding
from hereabouts.risk.claims.result import VERDICTS, Card, Found, ReportCard, Verdict
from hereabouts.risk.figures import Procedure, not_told, quantity, share

if TYPE_CHECKING:
    from hereabouts.risk.figures import Figure

HOW = Procedure("a procedure", "a source 2024")


def card(*found: Found, words: str = "It is so.") -> ReportCard:
    cards = tuple(
        Card("not-bulk", "It is so", words, "a seller", dt.date(2020, 2, 7), "a paper", "Much.", "it is", "a law", one)
        for one in found
    )
    return ReportCard("What a seller said", "feed", "one file", cards, ("None.",))


def test_every_section_says_that_it_is_confidential() -> None:
    text = claims_page(card(Found("holds", "So it is."), Found("fails", "It is not.")))
    sections = re.findall(r"<section.*?</section>", text, re.DOTALL)
    assert len(sections) == 4
    assert all(CONFIDENTIAL in section for section in sections)


def test_it_loads_nothing_and_runs_nothing() -> None:
    text = claims_page(card(Found("holds", "So it is.")))
    assert "default-src 'none'" in html.unescape(text)
    assert "<script" not in text
    assert "://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"\sstyle=", text)


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_verdict_is_a_word_a_colour_and_a_shape_with_a_name(verdict: Verdict) -> None:
    drawn = str(badge(verdict))
    assert drawn.endswith(f" {verdict}</span>")
    assert 'role="img" aria-label="verdict:"' in drawn
    others = {str(badge(other)).split("</svg>")[0] for other in VERDICTS}
    assert len(others) == len(VERDICTS)


def test_figures_come_with_interval_control_procedure_and_source() -> None:
    control: Figure = share("by chance", 100, 1_000, HOW)
    attack = share("an attack", 600, 1_000, HOW, control)
    text = claims_page(card(Found("fails", "It is not.", (attack,)))).replace("\u00a0", " ")
    assert "an attack: <strong>60.0 %</strong>" in text
    assert "95 % interval 55.3 to 64.6 %; 1,000 devices" in text
    assert "by chance: <strong>10.0 %</strong>" in text
    assert "Procedure: a procedure. Source: a source 2024." in text


def test_numbers_findings_and_what_is_not_told_are_there() -> None:
    found = Found(
        "cannot be told",
        "Nobody can say.",
        (not_told("a share", HOW),),
        (quantity("metres", 12.0, 12.0, 12.0, 50, HOW),),
        (Finding("columns", "There are two.", HOW.name, HOW.source),),
        "Another file.",
    )
    text = claims_page(card(found))
    for words in ("fewer than 20 devices: not told", "of 60 devices", "There are two.", "Another file."):
        assert words in text


def test_words_are_text_and_no_markup() -> None:
    text = claims_page(card(Found("holds", "So it is."), words="<script>alert(1)</script>"))
    assert "&lt;script&gt;" in text
    assert "<script" not in text


def test_words_for_days_and_first_sentences() -> None:
    assert day(dt.date(2020, 2, 7)) == "7 February 2020"
    assert first("It is not. Nor was it.") == "It is not."
    assert first("It is not.") == "It is not."
