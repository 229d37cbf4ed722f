"""The tighter restatement of a release: its payments as pieces, whose noise's privacy loss bounds epsilon."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from hereabouts.privacy.bounding import SCALE
from hereabouts.privacy.loss import Piece, Restatement, restated

# Parts whose squared sensitivity is the plan's and the window's alone, whatever earlier answers were.
_FIXED = {"hours", "norms"}
# Parts whose bound was chosen on noisy numbers: a whole number of fixed-point units, and at least one.
_SCALED = {"pairs", "totals"}


def restated_payments(payments: Iterable[tuple[str, Fraction, int]], delta: float) -> Restatement:
    """The smallest epsilon at `delta` that can be claimed for all payments of a release together.

    Parameters
    ----------
    payments
        Part, rho and squared sensitivity of each. A part that is not known here is taken to have had the least
        squared sensitivity there is, which claims less.
    delta
        The plan's.
    """
    return restated([Piece(rho, _least(part, squared)) for part, rho, squared in payments], delta)


def _least(part: str, squared: int) -> int:
    if part in _FIXED:
        return squared
    return SCALE * SCALE if part in _SCALED else 1
