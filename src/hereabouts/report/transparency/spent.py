"""What was spent of a device's privacy: exact rho as the log has it, per window and in all, restated as epsilon."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hereabouts.privacy.accounting import epsilon_of, rho_of
from hereabouts.report.transparency.events import Events


@dataclass(frozen=True)
class Cost:
    """A sum of charges.

    Attributes
    ----------
    rho
        Exact.
    epsilon
        What `rho` implies at the report's delta.
    """

    rho: Fraction
    epsilon: float


@dataclass(frozen=True)
class WindowSpent:
    """What a device that was in a window has spent in it.

    Attributes
    ----------
    charges
        How many measurements were paid for, ever.
    now
        Of it, in the report's days.
    whole
        Up to the report's last day.
    share
        Of the window's budget.
    """

    window: str
    charges: int
    now: Cost
    whole: Cost
    share: float | None


@dataclass(frozen=True)
class Spent:
    """What was spent.

    Attributes
    ----------
    delta
        At which every epsilon here is stated: that of the budget; 1e-6 where the log names none.
    budget
        Of each window, by the policy that was in force at the end.
    windows
        Those that something was spent of, by name.
    now, whole
        In the report's days, and up to its end: what a device that was in every window has spent.
    given_back
        Numbers of charges that were given back in the report's days: nothing of them was measured.
    unpublished
        Numbers of charges of the report's days that stand, and that no release was made from.
    """

    delta: float
    budget: Cost | None
    windows: list[WindowSpent]
    now: Cost
    whole: Cost
    given_back: list[int]
    unpublished: list[int]


def spent(events: Events) -> Spent:
    """Add up the charges."""
    policy = next((event for event in reversed(tuple(events.of("policy", ever=True))) if event.done), None)
    delta = float(policy.get("delta")) if policy is not None else 1e-6
    budget = None
    if policy is not None:
        epsilon = float(policy.get("epsilon"))
        budget = Cost(rho_of(epsilon, delta), epsilon)
    voids = {event.get("charge"): event for event in events.of("void", ever=True)}
    released = {event.get("charge") for event in events.of("release", ever=True) if event.done}
    charges = [event for event in events.of("charge", ever=True) if event.get("charge") not in voids]
    fresh = [event for event in charges if event.day >= events.since]

    def cost(some: list[Fraction]) -> Cost:
        rho = sum(some, Fraction(0))
        return Cost(rho, epsilon_of(rho, delta) if rho else 0.0)

    windows = []
    for window in sorted({event.get("window") for event in charges}):
        ours = [Fraction(event.get("rho")) for event in charges if event.get("window") == window]
        now = [Fraction(event.get("rho")) for event in fresh if event.get("window") == window]
        whole = cost(ours)
        share = None if budget is None else float(whole.rho / budget.rho)
        windows.append(WindowSpent(window, len(ours), cost(now), whole, share))
    return Spent(
        delta,
        budget,
        windows,
        cost([Fraction(event.get("rho")) for event in fresh]),
        cost([Fraction(event.get("rho")) for event in charges]),
        sorted(number for number, event in voids.items() if event.day >= events.since),
        [event.get("charge") for event in fresh if event.get("charge") not in released],
    )
