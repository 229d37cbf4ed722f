"""What judges of claims share: counted shares, and the words for what a kind of data set cannot tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hereabouts.risk.claims.evidence import Evidence, ReleaseEvidence
from hereabouts.risk.claims.result import UNTOLD, Found
from hereabouts.risk.claims.stated import Statement
from hereabouts.risk.figures import Figure, Procedure, share

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


def some(name: str, hits: int, n: int, how: Procedure) -> Figure:
    """Give the share of devices that have something; not told where they, or those that have not, are a few.

    None, and all, are told: they are about the whole data set.
    """
    return share(name, hits, n, how, about_hits=0 < hits < n)


def altered(evidence: ReleaseEvidence) -> Found | None:
    """Say that a release cannot be believed, if it cannot."""
    if not evidence.failed:
        return None
    return Found(
        UNTOLD,
        f"The folder does not pass its own checks ({', '.join(evidence.failed)}): it is not what was released.",
        would_tell="The release as it was published; hereabouts verify says what is wrong with this one.",
    )
