"""The tighter restatement of a release: its payments as pieces, whose noise's privacy loss bounds epsilon."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from hereabouts.privacy.bounding import SCALE
from hereabouts.privacy.loss import Piece, Restatement, restated

# Parts whose squared sensitivity is a matter of plan and window alone.
_FIXED = {("presence", "hours"), ("flows", "norms")}
# Parts whose bound was chosen on noisy numbers: it is a whole number of whole trips, in fixed point, and at least one.
_CHOSEN = {("flows", "totals"), ("flows", "pairs")}


def restated_payments(payments: Iterable[tuple[str, str, Fraction, int]], delta: float) -> Restatement:
    """The smallest epsilon at `delta` that can be claimed for all payments of a release together.

    Parameters
    ----------
    payments
        Statistic, part, rho and squared sensitivity of each. One that is not known here is taken to have had the least
        squared sensitivity there is, which claims less.
    delta
        The plan's.
    """
    return restated([Piece(rho, _least(statistic, part, squared)) for statistic, part, rho, squared in payments], delta)


def _least(statistic: str, part: str, squared: int) -> int:
    """The least squared sensitivity that a part can have had, whatever noisy numbers had come before."""
    if (statistic, part) in _FIXED:
        return squared
    return SCALE * SCALE if (statistic, part) in _CHOSEN else 1
