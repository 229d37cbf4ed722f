"""Review: somebody has looked at the log, up to an entry, and says what they noted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hereabouts.acts.record import acting
from hereabouts.rules.oversight import Review, review_log
from hereabouts.rules.signatures import read_private_key


def review(store: Path, up_to: int, incidents: Sequence[str] = (), officer_key: Path | None = None) -> Review:
    """File a review of the log.

    Parameters
    ----------
    store
        The store's folder.
    up_to
        Number of the last entry that was looked at, from 0.
    incidents
        What was noted, a text each; confidential, but for how many.
    officer_key
        The officer's private key, a PEM file, where there is an officer.

    Raises
    ------
    BadInputError
        When the key is none.
    RefusedError
        When the officer did not sign.
    UsageError
        When there is no such entry, or a review went further before.
    """
    private = None if officer_key is None else read_private_key(officer_key)
    with acting(store, "review") as target:
        return review_log(target.state, up_to, incidents, private)
