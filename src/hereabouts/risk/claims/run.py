"""One report card from claims and evidence."""

from __future__ import annotations

from collections.abc import Callable

from hereabouts.risk.claims.evidence import Evidence
from hereabouts.risk.claims.result import Card, ReportCard
from hereabouts.risk.claims.stated import Stated
from hereabouts.risk.claims.vocabulary import VOCABULARY

_LIMITS = (
    "Verdicts are about this data set as it was handed over, and not about copies, earlier deliveries, other products.",
    "“Holds” means that the stated threshold was met, and no more: whoever said these words may have meant others.",
    "Numbers of devices are to the nearest 20, and fewer than 20 break no claim: “holds” may leave out as many.",
    "No figure has noise: two cards, of before and after one device went, may differ by what it was.",
    "“Fails” is a finding about data, and no finding of law; thresholds of laws are paraphrased.",
    "“Cannot be told” is no acquittal: it says what would tell.",
    "A person with two phones, or a new advertising id, is two devices here.",
)


def judged(stated: Stated, evidence: Evidence, progress: Callable[[str, float], None]) -> ReportCard:
    """Test claims.

    Parameters
    ----------
    stated
        The claims.
    evidence
        What was read of the data set.
    progress
        Told which claim is being tested, and what share of all that is.
    """
    cards = []
    for number, statement in enumerate(stated.statements):
        progress(statement.claim, number / len(stated.statements))
        claim = VOCABULARY[statement.claim]
        cards.append(
            Card(
                claim=statement.claim,
                title=claim.title,
                words=statement.words,
                by=statement.by,
                said=statement.said,
                reported=statement.reported,
                means=claim.means,
                threshold=claim.threshold,
                source=claim.source,
                found=claim.judge(statement, evidence),
            )
        )
    progress("done", 1.0)
    return ReportCard(stated.title, evidence.kind, evidence.name, tuple(cards), _LIMITS)
