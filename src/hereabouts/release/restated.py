"""The tighter restatement of a release: its payments as pieces, whose noise's privacy loss bounds epsilon."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction

from hereabouts.privacy.bounding import SCALE
from hereabouts.privacy.loss import Piece, Restatement, restated

# Parts whose squared sensitivity is a matter of plan and window alone. Before a part is listed: is that so?
_FIXED = {"hours", "norms", "slot-norms", "counts"}
# Parts whose bound was chosen on noisy numbers: a whole number of whole things, in fixed point, and at least one.
_CHOSEN = {"totals", "taken", "pairs", "slots", "cells", "bins"}


def restated_payments(payments: Iterable[tuple[str, Fraction, int]], delta: float) -> Restatement:
    """The smallest epsilon at `delta` that can be claimed for all payments of a release together.

    Parameters
    ----------
    payments
        Part (what follows a slash only says which), rho and squared sensitivity of each. A part that is not known
        here is taken to have had the least squared sensitivity there is, which claims less.
    delta
        The plan's.
    """
    return restated([Piece(rho, _least(part.partition("/")[0], squared)) for part, rho, squared in payments], delta)


def _least(part: str, squared: int) -> int:
    """The least squared sensitivity that a part can have had, whatever noisy numbers had come before."""
    if part in _FIXED:
        return squared
    return SCALE * SCALE if part in _CHOSEN and squared % SCALE**2 == 0 else 1


# No longer than any sum of shares of a budget: Python would work for days on "1e999999999".
_RHO = re.compile(r"[0-9]{1,200}(/[1-9][0-9]{0,199})?")


def read_rho(text: object) -> Fraction:
    """Read an exact rho of a manifest that may come from anybody.

    Raises
    ------
    ValueError
        When it is no fraction of whole numbers, or a longer one than any budget has.
    """
    if not isinstance(text, str) or not _RHO.fullmatch(text):
        raise ValueError(f"got rho {str(text)[:50]!r}, expected a fraction of whole numbers")
    return Fraction(text)
