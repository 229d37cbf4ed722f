"""What pays for measurements, and keeps what was paid: the only caller of the door to the noise."""

from __future__ import annotations

from fractions import Fraction

from hereabouts.estimate.measurements import Payment
from hereabouts.privacy.measure import Contribution, Measurement, measure


class Purse:
    """Pays for measurements and keeps the receipts: where there is none yet, no noise was drawn."""

    def __init__(self) -> None:
        self.payments: list[Payment] = []

    def measure(
        self, contribution: Contribution, rho: Fraction, statistic: str, resolution: int | None, part: str
    ) -> Measurement:
        """Measure one contribution, and keep what was paid for it."""
        found = measure(contribution, rho)
        piece = Payment(statistic, resolution, part, rho, found.squared_sensitivity, found.scale, found.values.size)
        self.payments.append(piece)
        return found
