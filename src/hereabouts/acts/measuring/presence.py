"""Measuring presence: one noisy hourly count for each resolution; days, weeks and windows are means of it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from hereabouts.acts.measuring.purse import Purse
from hereabouts.estimate.measurements import PresenceLevel
from hereabouts.privacy.measure import Contribution
from hereabouts.release.levels import presence_shares


def measure_presence(
    contributions: Mapping[int, Contribution], rho: Fraction, purse: Purse
) -> tuple[PresenceLevel, ...]:
    """Measure the contributions of each resolution for exactly `rho` together."""
    found = []
    for resolution, share in presence_shares(list(contributions)).items():
        noisy = purse.measure(contributions[resolution], rho * share, "presence", resolution, "hours")
        found.append(PresenceLevel(resolution, noisy.values, noisy.scale**2))
    return tuple(found)
