"""What a plan's measurement costs, and that it is paid for once: charged before it is drawn, kept, found again.

A release goes through four steps, and the store is locked from before the first to after the last. Killed between any
two, this is what is left, and what the next release of the window does with it:

=============  =======================================  ==========================================================
killed after   what is left                             what comes next
=============  =======================================  ==========================================================
reserve        an open charge, which counts as spent;   the same plan draws, on that charge; any other one voids
               noise was in memory alone, or in a       it, which gives the budget back. The part is deleted with
               ``.part``                                the lock, before anything is drawn
measure        the measurement under its key; the       the charge is marked measured, whichever plan comes; the
               charge is open, or measured              same plan is then published from what was kept, for
                                                        nothing: noise is never drawn anew
log            the entry of a release that was not let  the same plan makes the same folder, byte for byte, and
               out, whose folder is a ``.part``         finds its entry. Were others paid since, it says so in its
                                                        manifest: that is another release, with an entry of its own
publish        the folder, whole, in its place          nothing
=============  =======================================  ==========================================================

The charge is in the log before the release is: :func:`hereabouts.acts.record.record_charges` takes from the ledger,
wherever that lies, what the log has not yet, and every act does so at its end. So an entry can be late, and is neither
lost nor written twice. Where the ledger is shared, the other stores see an open charge as spent until its own store
comes back; they cannot know what was kept.
"""

from __future__ import annotations

import contextlib
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from hereabouts.acts.accounts import ledger_of, measurement_key, plan_key
from hereabouts.acts.measuring.plan import measure_plan
from hereabouts.acts.measuring.purse import Purse
from hereabouts.errors import HereaboutsError, MachineError, RefusedError
from hereabouts.estimate.measurements import Measurements
from hereabouts.ledger import BudgetRefusedError, Charge, Ledger
from hereabouts.privacy.accounting import epsilon_of
from hereabouts.release.plan import Plan
from hereabouts.release.region import Region
from hereabouts.store.files import durable_write
from hereabouts.store.rewrite import count_rows, require_registered
from hereabouts.store.store import Store, WindowState
from hereabouts.windows import Window

Progress = Callable[[str], None]


def sealed_for(store: Store, window: Window, rho: Fraction, plan: Plan) -> WindowState:
    """The sealed window that a plan is of; one that nobody was in is registered now, unless the plan is refused.

    Raises
    ------
    RefusedError
        By ``sealed``, ``retention`` or ``budget``, and in that order for every window: by which one a plan is refused
        must not tell whether anybody was in it.
    """
    unknown = window not in {known.window for known in store.windows()}
    if unknown and window.end <= store.sealed_until():
        # It is registered with its first charge: not for a plan that cannot be measured.
        _require_tables(store, window)
        try:
            ledger_of(store).require_left(window.name, rho)
        except BudgetRefusedError as refused:
            raise _in_epsilon(refused, store.policy.budget.delta, plan) from None
    known = store.sealed_window(window)
    if known is None:
        raise _not_sealed(window)
    return known


def measured_for(
    store: Store, known: WindowState, plan: Plan, region: Region, rho: Fraction, tell: Progress, fresh: bool
) -> tuple[Measurements, Charge, bool]:
    """The plan's measurement: the one that was kept, or a new one, charged before and kept after.

    Parameters
    ----------
    store
        The store, locked.
    known
        The window.
    plan, region, rho
        What is measured, and for how much.
    tell
        Told when it is being measured.
    fresh
        Measure anew where what was kept is of earlier data.

    Returns
    -------
    tuple
        The measurement, its charge, and whether it had been paid for before.

    Raises
    ------
    RefusedError
        By the retention schedule or the budget.
    MachineError
        When something of the window, or of what was kept, is missing or damaged.
    """
    window = known.window
    ledger = ledger_of(store)
    key = measurement_key(store.facts.id, known.data_version, plan, window, region)
    ours = plan_key(store.facts.id, plan, window, region)
    for charge in ledger.open_charges(window.name):
        # Left by a crash. What was kept was paid for; of what was not kept, nothing is left, and it is given back.
        if _kept(store, charge.key).exists():
            ledger.mark_measured(charge)
        elif charge.key != key:
            ledger.void(charge)
    kept = _kept(store, key)
    standing = ledger.find(window.name, key)
    if standing is None and not fresh and not kept.exists():
        for earlier in ledger.measured(window.name, ours):
            return read_paid(store, earlier), earlier, True
    if (standing is None or standing.state == "open") and not kept.exists():
        _require_tables(store, window)
        # Tables from an older copy would hold withdrawn devices.
        folder = store.sealed_folder(window)
        require_registered(folder, count_rows(folder), known.counts or {})
    try:
        charge = ledger.reserve(window.name, key, rho, plan.epsilon, plan.delta, plan.name, ours, known.data_version)
    except BudgetRefusedError as refused:
        raise _in_epsilon(refused, store.policy.budget.delta, plan) from None
    if charge.state == "measured":
        return read_paid(store, charge), charge, True
    if kept.exists():
        # The ledger was put back to an earlier state. Noise that was kept is never drawn anew.
        return _read(kept), ledger.mark_measured(charge), False
    # Between the first draw and the file nobody is told anything: who stops us there must not have seen noise.
    tell("measuring")
    purse = Purse()
    try:
        found = measure_plan(store.sealed_folder(window), window, plan, region, charge.rho, purse)
        durable_write(kept, found.to_bytes())
    except BaseException as error:
        # Given back are a charge that nothing was drawn for, and one whose noise found no room on the disk. What else
        # stops us here leaves it open: the same plan goes on with it.
        if (isinstance(error, OSError) or not purse.payments) and not kept.exists():
            with contextlib.suppress(HereaboutsError):
                ledger.void(charge)
        raise
    return found, _settled(ledger, charge, kept), False


def _settled(ledger: Ledger, charge: Charge, kept: Path) -> Charge:
    """Say that a charge was measured; where a copy of this store was first, what was drawn here is forgotten.

    Two answers to one charge must never be published.
    """
    try:
        return ledger.mark_measured(charge)
    except RefusedError:
        kept.unlink()
        raise


@dataclass(frozen=True)
class Foreseen:
    """What a release of a plan would find in the ledger.

    Attributes
    ----------
    left
        Rho that the window has left before it.
    again
        It was charged before: nothing more would be spent.
    stale
        That charge was for earlier data.
    refused
        By which rule it would not be measured; ``None`` where it would be.
    """

    left: Fraction
    again: bool
    stale: bool
    refused: RefusedError | None


def foresee(store: Store, window: Window, plan: Plan, region: Region, rho: Fraction) -> Foreseen:
    """What :func:`sealed_for` and :func:`measured_for` would find; nothing is charged, given back or registered."""
    ledger = ledger_of(store)
    delta = store.policy.budget.delta
    version = next((known.data_version for known in store.windows() if known.window == window), "")
    key = measurement_key(store.facts.id, version, plan, window, region)
    # Of what a crash left open, the same plan goes on with its own; what was not kept is given back.
    opened = ledger.open_charges(window.name)
    void = [c.id for c in opened if c.key != key and not _kept(store, c.key).exists()]
    live = [*ledger.measured(window.name), *(c for c in opened if c.id not in void)]
    left = ledger.left(window.name, without=void)
    ours = plan_key(store.facts.id, plan, window, region)
    paid = [c for c in live if c.key == key] or [
        c for c in live if c.plan_key == ours and not _kept(store, key).exists()
    ]
    refused: RefusedError | None = None
    try:
        if window.end > store.sealed_until():
            raise _not_sealed(window)
        if not paid:
            _require_tables(store, window)
            try:
                ledger.require_left(window.name, rho, without=void)
            except BudgetRefusedError as short:
                raise _in_epsilon(short, delta, plan) from None
    except RefusedError as rule:
        refused = rule
    return Foreseen(left, bool(paid), bool(paid) and paid[0].data_version != version, refused)


def _not_sealed(window: Window) -> RefusedError:
    return RefusedError("sealed", f"window {window.name} is not sealed: take in its feeds and run 'hereabouts seal'")


def _require_tables(store: Store, window: Window) -> None:
    if window.end <= store.retention.tables_until():
        raise RefusedError(
            "retention",
            f"window {window.name} has no tables any more, by the retention schedule of the policy: publish a plan of "
            "it that was measured before, or choose a later window",
        )


def read_paid(store: Store, charge: Charge) -> Measurements:
    """The measurement that a charge bought, as it was kept.

    Raises
    ------
    MachineError
        When it is missing or damaged.
    """
    kept = _kept(store, charge.key)
    if not kept.exists():
        raise MachineError(f"the measurement {kept} was paid for and is missing: restore it from a copy")
    return _read(kept)


def _kept(store: Store, key: str) -> Path:
    return store.measurements / f"{key}.npz"


def _read(kept: Path) -> Measurements:
    try:
        return Measurements.from_bytes(kept.read_bytes())
    except (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise MachineError(f"the measurement {kept} cannot be read ({error}): restore it from a copy") from error


def _in_epsilon(refused: BudgetRefusedError, delta: float, plan: Plan) -> RefusedError:
    left = epsilon_of(refused.left, delta) if refused.left > 0 else 0.0
    return RefusedError(
        "budget",
        f"plan '{plan.name}' costs epsilon {plan.epsilon:g} at delta {plan.delta:g}; {refused.whose} has "
        f"epsilon {left:.3g} left of {epsilon_of(refused.budget, delta):.3g} at delta {delta:g} (they add up in rho: "
        f"{float(refused.asked):.5g} asked, {float(refused.left):.5g} left). Ask for less, publish a measurement that "
        "was paid for already, or choose another window",
    )
