"""The receipt of an intake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


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

    def to_json(self) -> dict[str, Any]:
        """As JSON-like values."""
        return dict(vars(self))
