"""Init: a new, empty store with its policy, its state and its keys."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from hereabouts.acts.record import acting
from hereabouts.ledger import absolute_url
from hereabouts.rules.policy import OWN, make_policy
from hereabouts.store.making import create_store
from hereabouts.store.store import Store
from hereabouts.windows import Calendar


def init(
    store: Path,
    timezone: str = "UTC",
    window: str = "P7D",
    anchor: dt.date | None = None,
    resolution: int = 8,
    budget: tuple[float, float] = (2.0, 1e-6),
    policy: str = "research",
    ledger: str = "own",
    keys: Path | None = None,
    max_accuracy: float = 500.0,
    data: str = OWN,
) -> Store:
    """Make a store.

    Parameters
    ----------
    store
        Its folder; must not exist, or be empty.
    timezone
        IANA name of the time zone of its hours.
    window
        Length of its windows, an ISO 8601 duration of whole days.
    anchor
        Local day that windows are counted from; by default a Monday, so that P7D gives ISO weeks.
    resolution
        Finest H3 resolution that is kept.
    budget
        Epsilon and delta that each window may spend.
    policy
        ``research`` or ``regulated``.
    ledger
        ``own``, or the URL of a database for stores that share feeds (``sqlite:///PATH`` or ``postgresql://…``; made
        where there is none): what one of them spends of a feed counts for all that have taken it.
    keys
        Folder of the keys; by default one beside the store.
    max_accuracy
        Worst horizontal accuracy that is taken, metres.
    data
        Where its rows are to lie: ``own``, in its folder, or ``s3://BUCKET/PREFIX``, which must hold nothing.

    Raises
    ------
    UsageError
        When a value is out of range or the place is taken.
    MachineError
        When the machine, or the object storage, refuses.
    RefusedError
        When rows are to lie in a bucket that keeps old versions of its objects.
    """
    epsilon, delta = budget
    calendar = Calendar.of(timezone, window, anchor)
    folder = f"{store.resolve().name}.keys" if keys is None else str(keys.resolve())
    rules = make_policy(policy, epsilon=epsilon, delta=delta, keys=folder, ledger=absolute_url(ledger), data=data)
    create_store(store, calendar, window, rules, resolution, max_accuracy)
    with acting(store, "init") as made:  # its policy is registered, and its log begins
        return made
