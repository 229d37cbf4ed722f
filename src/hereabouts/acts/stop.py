"""Stop: one switch halts intake and releases; what protects people goes on."""

from __future__ import annotations

from pathlib import Path

from hereabouts.acts.record import acting
from hereabouts.rules.oversight import StopOrder, lift_stop, order_stop
from hereabouts.rules.signatures import read_private_key


def stop(store: Path, reason: str) -> StopOrder:
    """Halt intake and releases until the order is lifted. Anybody may.

    Parameters
    ----------
    store
        The store's folder.
    reason
        Why, in a sentence; confidential.

    Raises
    ------
    UsageError
        When they are halted already.
    """
    with acting(store, "stop") as target:
        return order_stop(target.state, reason)


def resume(store: Path, officer_key: Path | None = None) -> StopOrder:
    """Lift the stop order; gives it.

    Parameters
    ----------
    store
        The store's folder.
    officer_key
        The officer's private key, a PEM file, where there is an officer.

    Raises
    ------
    BadInputError
        When the key is none.
    RefusedError
        When the officer did not sign.
    UsageError
        When no order is in force.
    """
    private = None if officer_key is None else read_private_key(officer_key)
    with acting(store, "resume") as target:
        return lift_stop(target.state, private)
