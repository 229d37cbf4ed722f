"""Synth: pings of a made-up town, as a feed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from hereabouts.synthetic import FeedFormat, FeedSummary, TownConfig, write_feed

FIRST_DAY = dt.date(2024, 3, 4)


def synth(
    devices: int,
    days: int,
    seed: int,
    out: Path,
    start: dt.date = FIRST_DAY,
    pings_per_day: float = 14.3,
    format: FeedFormat = "parquet",  # noqa: A002
    progress: Callable[[int], None] | None = None,
    day: int | None = None,
) -> FeedSummary:
    """Write a made-up feed.

    Parameters
    ----------
    devices, days
        Size of the town, and for how many days from `start`.
    seed
        The same seed gives the same pings.
    out
        Folder of the feed; must not exist, or be empty.
    start
        First day, a past Monday by default.
    pings_per_day
        Mean pings of a device in a day.
    format
        ``parquet``, ``csv`` or ``jsonl``.
    progress
        Told how many rows are written.
    day
        Write only this day of them, 1 being the first: the same devices, and the same pings as among all days.

    Raises
    ------
    UsageError
        When a figure is out of range or the place is taken.
    """
    config = TownConfig(devices=devices, days=days, seed=seed, start=start, pings_per_day=pings_per_day)
    return write_feed(config, out, format, progress, day)
