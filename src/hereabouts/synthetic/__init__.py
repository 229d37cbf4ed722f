"""Pings of a made-up town, for demos, tests and benchmarks: nobody in it has ever lived.

``config`` says what is asked for, ``town`` lays out streets of homes and places to go, ``people`` moves
devices in, ``days`` walks each of them through a day, ``feed`` puts the rows into feed columns and
``files`` writes them. Everything follows from the seed; the draws here are for looks, never for privacy.
"""

from __future__ import annotations

from hereabouts.synthetic.config import TownConfig
from hereabouts.synthetic.feed import FEED_SCHEMA, pings
from hereabouts.synthetic.files import FeedFormat, FeedSummary, write_feed

__all__ = ["FEED_SCHEMA", "FeedFormat", "FeedSummary", "TownConfig", "pings", "write_feed"]
