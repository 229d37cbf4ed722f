"""The receipt of an intake.

Where each file is one person's (profiles that take the device from the file's name), what was counted in one file is
that person's diary: how often they were at a clinic, in which weeks they were seen. So nothing is counted by file
there. The counts of all files that one command took are added up, in the receipt of the last of them, and told only of
FEWEST persons or more; what the store files of every other is which file it was. Files that had been taken
before add nothing to the counts, nor to the number of persons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hereabouts.rules.fewest import FEWEST


@dataclass(frozen=True)
class Receipt:
    """What one intake took and dropped. Confidential.

    Attributes
    ----------
    feed
        Name of the feed's file.
    digest
        SHA-256 of its content.
    again
        The feed had been taken in before; nothing was done.
    rows, taken
        Rows read, and pings that now wait in a window (duplicates are removed when it is sealed).
    dropped
        Rows left out, by reason: those of :data:`hereabouts.feeds.checks.REASONS`, ``late``, ``sensitive``,
        ``withdrawn``.
    sensitive
        Those at a listed place, by its category (SL-BLOCK).
    places_version
        Version of the list of sensitive places; 0 where there is none.
    windows
        Pings taken, by window.
    warnings
        What a sample of the feed has of direct identifiers, in words for the operator.
    files
        Of how many files ``rows``, ``taken``, ``dropped``, ``sensitive`` and ``windows`` are. More than 1 where each
        is one person's: then they are of all those that the command took. 0 where they are not told: all of them are
        0 and empty here, and null in :meth:`to_json`.
    """

    feed: str
    digest: str
    supplier: str
    profile: str
    again: bool
    rows: int
    taken: int
    dropped: dict[str, int]
    sensitive: dict[str, int]
    places_version: int
    windows: dict[str, int]
    warnings: list[str]
    files: int = 1

    def to_json(self) -> dict[str, Any]:
        """As JSON-like values."""
        untold = dict.fromkeys(("rows", "taken", "dropped", "sensitive", "windows"))
        return dict(vars(self)) | (untold if self.files == 0 else {})

    def untold(self) -> Receipt:
        """The receipt without its counts."""
        return replace(self, rows=0, taken=0, dropped={}, sensitive={}, windows={}, files=0)


def pooled(receipts: Sequence[Receipt], persons: int) -> Receipt:
    """One receipt in place of those of several files, without counts where they are of too few persons.

    Parameters
    ----------
    receipts
        Of files of which nothing had been taken before, at least one; the last gives its name.
    persons
        How many persons' files they are.
    """
    last = receipts[-1]
    if persons < FEWEST:
        return last.untold()
    return replace(
        last,
        rows=sum(receipt.rows for receipt in receipts),
        taken=sum(receipt.taken for receipt in receipts),
        dropped=_sums([receipt.dropped for receipt in receipts]),
        sensitive=_sums([receipt.sensitive for receipt in receipts]),
        windows=_sums([receipt.windows for receipt in receipts]),
        files=len(receipts),
    )


def _sums(counts: Sequence[dict[str, int]]) -> dict[str, int]:
    names = sorted({name for count in counts for name in count})
    return {name: sum(count.get(name, 0) for count in counts) for name in names}
