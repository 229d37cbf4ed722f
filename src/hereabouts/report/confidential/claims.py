"""``claims.html``: a report card, for a journalist, a regulator or a privacy officer."""

from __future__ import annotations

import datetime as dt

from markupsafe import Markup

from hereabouts.report.confidential.page import number, render
from hereabouts.risk.claims.result import FAILS, HOLDS, UNTOLD, ReportCard, Verdict
from hereabouts.risk.figures import Figure

_CLASSES: dict[Verdict, str] = {HOLDS: "holds", FAILS: "fails", UNTOLD: "untold"}
_DRAWN: dict[Verdict, str] = {
    HOLDS: '<circle cx="12" cy="12" r="11"/><path d="M6.5 12.5l3.8 3.8 7.2-8"/>',
    FAILS: '<path class="ground" d="M7.5 1h9L23 7.5v9L16.5 23h-9L1 16.5v-9z"/><path d="M8 8l8 8M16 8l-8 8"/>',
    UNTOLD: '<rect x="1" y="1" width="22" height="22" rx="4"/>'
    '<path d="M8.6 9.2a3.4 3.4 0 1 1 5.1 3c-1.2.7-1.7 1.3-1.7 2.6M12 17.6v.8"/>',
}
"""Shapes that differ as the colours do: circle, octagon, square."""


def claims_page(card: ReportCard) -> str:
    """Give the page of a report card."""
    return render(
        "claims.html.j2",
        card=card,
        counts=[(verdict, card.count(verdict)) for verdict in _CLASSES],
        badge=badge,
        day=day,
        value=value,
        about=about,
        first=first,
    )


def badge(verdict: Verdict) -> Markup:
    """Draw a verdict: a word, a colour and a shape; who hears the page hears the word."""
    return Markup(
        '<span class="verdict {}"><svg viewBox="0 0 24 24" width="22" height="22" role="img" aria-label="verdict:">'
        "{}</svg> {}</span>"
    ).format(_CLASSES[verdict], Markup(_DRAWN[verdict]), verdict)  # noqa: S704 - shapes of our own


def day(date: dt.date) -> str:
    """Give a date as people write it."""
    return f"{date.day} {date:%B %Y}"


def first(text: str) -> str:
    """Give the first sentence of a text."""
    return text.partition(". ")[0].rstrip(".") + "."


def value(figure: Figure) -> str:
    """Give the value of a number that is no share, or why there is none."""
    return figure.withheld or "" if figure.value is None else number(figure.value)


def about(figure: Figure) -> str:
    """Say of how many devices a number speaks, where it is not itself a number of devices."""
    return "" if figure.n is None or figure.value == figure.n else f"of {figure.n:,} devices"
