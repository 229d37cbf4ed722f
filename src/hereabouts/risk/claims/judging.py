"""What judges of claims share: when a share of devices breaks a claim, and when it is as good as none.

A verdict should not turn on one device: whoever asks it again, with another day or another number in the claim, would
learn of that device whether it is on this side or that. After the data changed nobody can ask it of a store again
(:mod:`hereabouts.store.looks`); of the same data

- every verdict is decided on figures that the card shows, which are rounded (:mod:`hereabouts.risk.figures`), and not
  on numbers behind them: two verdicts differ only where figures do;
- a claim that ought to hold for everybody *fails* from 20 devices on, and not from one. Below that it *holds* if as
  many would be next to nothing of the data set, and else *cannot be told*: none and one are the same;
- what a claim may set (days, a share of people) moves where figures are cut, in whole days or against a rounded number:
  to move it until a verdict changes finds the rounded figure, which the card shows anyway.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hereabouts.risk.claims.evidence import Evidence, ReleaseEvidence
from hereabouts.risk.claims.result import UNTOLD, Found
from hereabouts.risk.claims.stated import Statement
from hereabouts.risk.figures import Figure

NEARLY_NONE = 0.02
"""Share of devices up to which (by the upper end of the interval) those that are not told do not keep a claim from
holding: fewer than 20 of some 1,500.
"""

TOO_SMALL = "Of a data set of so few devices, as many may be too large a share: fewer than 20 are not told from none."

Judge = Callable[[Statement, Evidence], Found]


@dataclass(frozen=True)
class Claim:
    """An entry of the vocabulary.

    Attributes
    ----------
    title
        The claim in plain words.
    means
        What it would mean if it were so, and what it would not.
    threshold
        From where on it is so.
    source
        Who says that, or that it is ours.
    judge
        Tests it.
    """

    title: str
    means: str
    threshold: str
    source: str
    judge: Judge


def broken(figure: Figure) -> bool:
    """Tell whether a share of devices that break a promise is told: 20 of them at the least."""
    return figure.value is not None or (figure.low or 0.0) > 0.0


def nearly_none(figure: Figure) -> bool:
    """Tell whether a share of devices is so small that a data set can be said to have none of them.

    Fewer than 20 are never told from none. Of thousands of devices they are next to nothing; of a hundred they may be a
    fifth, and then nothing can be said.
    """
    return not broken(figure) and figure.high is not None and figure.high <= NEARLY_NONE


def altered(evidence: ReleaseEvidence) -> Found | None:
    """Say that a release cannot be believed, if it cannot."""
    if not evidence.failed:
        return None
    return Found(
        UNTOLD,
        f"The folder does not pass its own checks ({', '.join(evidence.failed)}): it is not what was released.",
        would_tell="The release as it was published; hereabouts verify says what is wrong with this one.",
    )
