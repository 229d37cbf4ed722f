"""Preview: what a plan would cost and how precise it would be, without touching data.

Plan, policy, ledger, the list of sensitive places and public facts are all that is read; no pings, no tables, and no
measurement. Nothing is charged, given back, purged or registered.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from hereabouts.acts.asked import asked, check_places, check_rules, measurable
from hereabouts.acts.paid import foresee
from hereabouts.catalogue.distributions import DISTRIBUTIONS
from hereabouts.errors import RefusedError
from hereabouts.privacy.accounting import epsilon_of, rho_of
from hereabouts.release.expected import Level, levels
from hereabouts.release.payments import Payment, payments
from hereabouts.store.store import Store


@dataclass(frozen=True)
class Refusal:
    """By which rule a plan would be refused, and why."""

    rule: str
    reason: str


@dataclass(frozen=True)
class Loss:
    """Exact rho, and epsilon at the budget's delta."""

    rho: Fraction
    epsilon: float


@dataclass(frozen=True)
class Preview:
    """What a release of a plan would be.

    Attributes
    ----------
    plan, window
        Their names.
    epsilon, delta, rho
        What the plan costs, where it was not measured before.
    refused
        The first rule by which it would be refused; ``None`` where it would be released.
    again, stale
        It was measured before, so nothing would be spent; and that was of earlier data.
    left, left_after
        What the window has left before and after it, at `budget_delta`.
    leaves, left_out
        Cells of resolution 7 that are measured, and those of the plan's region that protected areas leave out.
    protected
        Names of the protected areas that withhold rows.
    draws, seconds
        How many numbers are drawn at the most, and roughly how long one core takes for them.
    payments
        What is measured, with which share of rho and how much noise.
    levels
        What to expect of each level.
    minimum, max_relative_halfwidth
        Of the plan's ``[publish]``.
    """

    plan: str
    window: str
    epsilon: float
    delta: float
    rho: Fraction
    refused: Refusal | None
    again: bool
    stale: bool
    left: Loss
    left_after: Loss
    budget_delta: float
    leaves: int
    left_out: int
    protected: list[str]
    draws: int
    seconds: float
    payments: list[Payment]
    levels: list[Level]
    minimum: float
    max_relative_halfwidth: float


def preview(plan: Path, store: Path) -> Preview:
    """What a plan would cost and how precise it would be, from public facts and the ledger alone.

    Parameters
    ----------
    plan
        The plan, a TOML file.
    store
        The store's folder.

    Raises
    ------
    RefusedError
        When protected areas leave nothing of the region: there is nothing to foresee then. Every other refusal is
        part of the result.
    UsageError
        When plan or window are wrong.
    """
    target = Store(store)
    wanted, window = asked(plan, target)
    refusals = []
    try:
        check_rules(target, wanted, window)
    except RefusedError as refused:
        refusals.append(refused)
    protection = measurable(target, wanted, window)
    try:
        check_places(target, protection.region)
    except RefusedError as refused:
        refusals.append(refused)
    rho = rho_of(wanted.epsilon, wanted.delta)
    found = foresee(target, window, wanted, protection.region, rho)
    if found.refused is not None:
        refusals.append(found.refused)
    days = int(window.day_starts().size)
    most = {name: DISTRIBUTIONS[name].most for name in wanted.distributions}
    natural = {name: None if of_days is None else of_days(days) for name, of_days in most.items()}
    paid = payments(wanted, window, protection.region, rho, natural)
    delta = target.policy.budget.delta
    after = found.left if found.again else max(found.left - rho, Fraction(0))
    return Preview(
        plan=wanted.name,
        window=window.name,
        epsilon=wanted.epsilon,
        delta=wanted.delta,
        rho=rho,
        refused=Refusal(refusals[0].rule, refusals[0].reason) if refusals else None,
        again=found.again,
        stale=found.stale,
        left=_loss(found.left, delta),
        left_after=_loss(after, delta),
        budget_delta=delta,
        leaves=int(protection.region.leaves.size),
        left_out=protection.left_out,
        protected=[guarded.area.name for guarded in protection.areas],
        draws=sum(piece.values for piece in paid),
        seconds=sum(piece.seconds for piece in paid),
        payments=paid,
        levels=levels(wanted, window, protection, paid),
        minimum=wanted.publish.minimum,
        max_relative_halfwidth=wanted.publish.max_relative_halfwidth,
    )


def _loss(rho: Fraction, delta: float) -> Loss:
    return Loss(rho, epsilon_of(rho, delta) if rho > 0 else 0.0)
