"""A report card: what was said, what it would mean, what was measured, and whether it is so."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from hereabouts.risk.audit.result import CONFIDENTIAL, Finding
from hereabouts.risk.figures import Figure

Verdict = Literal["holds", "fails", "cannot be told"]
HOLDS: Verdict = "holds"
FAILS: Verdict = "fails"
UNTOLD: Verdict = "cannot be told"
VERDICTS = (FAILS, HOLDS, UNTOLD)


@dataclass(frozen=True)
class Found:
    """What came out of testing one claim.

    Attributes
    ----------
    verdict
        Whether it is so.
    because
        Why, in a sentence or two.
    shares
        What was measured, where it is a share of devices.
    numbers
        What was measured, where it is a number of something else.
    findings
        What was found, where it is no number.
    would_tell
        What would tell more: where it cannot be told, what would tell at all.
    """

    verdict: Verdict
    because: str
    shares: tuple[Figure, ...] = ()
    numbers: tuple[Figure, ...] = ()
    findings: tuple[Finding, ...] = ()
    would_tell: str = ""


@dataclass(frozen=True)
class Card:
    """One claim with its test.

    Attributes
    ----------
    claim, title
        Name in the vocabulary, and what it says in plain words.
    words, by, said, reported
        How it was put, by whom, when, and where that can be read.
    means
        What it would mean if it were so.
    threshold, source
        From where on it is so, and who says that.
    found
        What came out.
    """

    claim: str
    title: str
    words: str
    by: str
    said: dt.date
    reported: str
    means: str
    threshold: str
    source: str
    found: Found


@dataclass(frozen=True)
class ReportCard:
    """Claims about a data set, each with its test.

    Attributes
    ----------
    title
        What the claims are about, in their file's words.
    kind, name
        What was measured: a ``feed``, a ``sealed window`` of a store, or a ``release``.
    cards
        In the order of the claims.
    limits
        What all this does not say.
    """

    title: str
    kind: str
    name: str
    cards: tuple[Card, ...]
    limits: tuple[str, ...]

    def count(self, verdict: Verdict) -> int:
        """How many claims there are of a verdict."""
        return sum(card.found.verdict == verdict for card in self.cards)

    def to_json(self) -> dict[str, Any]:
        """As the JSON-like values of ``claims.json``."""
        return {
            "confidential": CONFIDENTIAL,
            "title": self.title,
            "data_set": {"kind": self.kind, "name": self.name},
            "verdicts": {verdict: self.count(verdict) for verdict in VERDICTS},
            "claims": [_card(card) for card in self.cards],
            "limits": list(self.limits),
        }


def _card(card: Card) -> dict[str, Any]:
    found = card.found
    told = {name: value for name, value in vars(card).items() if name != "found"}
    return told | {
        "said": card.said.isoformat(),
        "verdict": found.verdict,
        "because": found.because,
        "would_tell": found.would_tell,
        "measured": [figure.to_json() for figure in (*found.shares, *found.numbers)],
        "findings": [vars(finding).copy() for finding in found.findings],
    }
