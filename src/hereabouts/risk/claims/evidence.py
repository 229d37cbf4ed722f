"""What is read of a data set, once, for all claims about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from hereabouts.errors import BadInputError
from hereabouts.feeds.formats.feed import Feed
from hereabouts.feeds.profiles.identifying import sample_warnings
from hereabouts.release.verify import Check, check_release_folder, read_manifest
from hereabouts.risk.audit.precision import PositionSample, precision_of, precision_of_cells
from hereabouts.risk.audit.result import Finding
from hereabouts.risk.claims.advertising import says_advertising
from hereabouts.risk.claims.rows import Answers, answers
from hereabouts.risk.claims.shared_positions import SharedPositions
from hereabouts.risk.figures import Figure
from hereabouts.risk.reading import Progress, feed_traces, named, window_traces
from hereabouts.risk.traces import Traces
from hereabouts.rules.fewest import FEWEST
from hereabouts.state.tables import Withdrawal
from hereabouts.store.store import Store
from hereabouts.windows import Window

_TRACES_SHARE = 0.5
"""Of the reading of a feed, which is read twice."""


@dataclass(frozen=True, repr=False)
class Trail:
    """The devices of a feed or of a window.

    Attributes
    ----------
    traces
        Where each was.
    grid, precision
        How finely positions are told.
    """

    traces: Traces
    grid: Figure
    precision: Finding


@dataclass(frozen=True, repr=False)
class FeedEvidence:
    """A feed.

    Attributes
    ----------
    columns
        Names of all its columns.
    warnings
        What its first rows show of direct identifiers, in words.
    advertising
        Whether it says itself that its ids are advertising ids.
    answers
        What its rows say beside where somebody was.
    shared, again
        The shares of devices that are told at one another's positions, and at one of their own in another hour.
    """

    name: str
    trail: Trail
    columns: tuple[str, ...]
    warnings: tuple[str, ...]
    advertising: bool
    answers: Answers
    shared: Figure
    again: Figure
    kind: str = "feed"


class Delay(NamedTuple):
    """How long a list of withdrawals took, in days of UTC."""

    devices: int
    """How many were new in it."""
    kept_out: int
    """Until they were kept out."""
    done: int
    """Until all of them was removed; while that is under way, until now."""


@dataclass(frozen=True, repr=False)
class WindowEvidence:
    """A sealed window of a store, and how long each list of withdrawals took in the store."""

    name: str
    trail: Trail
    delays: tuple[Delay, ...]
    kind: str = "sealed window"


@dataclass(frozen=True, repr=False)
class ReleaseEvidence:
    """A release's folder: its manifest, and what ``hereabouts verify`` says of it."""

    name: str
    manifest: dict[str, Any]
    checks: tuple[Check, ...]
    kind: str = "release"
    failed: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "failed", tuple(check.name for check in self.checks if not check.passed))


Evidence = FeedEvidence | WindowEvidence | ReleaseEvidence


def of_feeds(feeds: Sequence[Feed], now: int, progress: Progress) -> FeedEvidence:
    """Read feeds that were opened, all of one profile.

    Parameters
    ----------
    feeds
        At least one.
    now
        The clock, UTC seconds.
    progress
        Told how many rows were read, and what share of all that is.

    Raises
    ------
    BadInputError
        When a feed cannot be read, or there are fewer than 20 devices.
    """
    sample, shared = PositionSample(), SharedPositions()
    traces = feed_traces(feeds, now, [sample.look, shared.look], lambda rows, at: progress(rows, _TRACES_SHARE * at))
    trail = _trail(traces, named(feeds), *precision_of(sample.positions))
    said = answers(feeds, now, lambda rows, at: progress(rows, _TRACES_SHARE + (1 - _TRACES_SHARE) * at))
    samples = [feed.sample() for feed in feeds]
    columns = sorted({column for found in samples for column in found.names})
    warnings = sorted({warning for feed in feeds for warning in sample_warnings(feed)})
    return FeedEvidence(
        named(feeds),
        trail,
        tuple(columns),
        tuple(warnings),
        any(says_advertising(found, feeds[0].profile.device) for found in samples),
        said,
        shared.of_others(),
        shared.own_again(),
    )


def of_window(store: Store, window: Window, now: int, progress: Progress) -> WindowEvidence:
    """Read a sealed window of a store, which is locked.

    Parameters
    ----------
    store, window
        The store and the window.
    now
        The clock, UTC seconds.
    progress
        As in :func:`of_feeds`.

    Raises
    ------
    BadInputError
        When there are fewer than 20 devices.
    MachineError
        When something of the window is missing or cannot be read.
    """
    traces = window_traces(store, window, progress)
    name = f"window {window.name}"
    trail = _trail(traces, name, *precision_of_cells(traces.resolution, traces.devices))
    return WindowEvidence(name, trail, tuple(_delay(row, now) for row in store.withdrawals.all()))


def of_release(folder: Path) -> ReleaseEvidence:
    """Read a release's folder.

    Raises
    ------
    BadInputError, VerificationError, MachineError
        As :func:`hereabouts.release.verify.check_release_folder` does.
    """
    checks = tuple(check_release_folder(folder))
    manifest = read_manifest(folder)
    return ReleaseEvidence(f"'{manifest['name']}', window {manifest['window']['name']}", manifest, checks)


def _trail(traces: Traces, name: str, grid: Figure, words: Finding) -> Trail:
    if traces.devices < FEWEST:
        raise BadInputError(name, f"fewer than {FEWEST} devices: a report card has figures about at least as many")
    return Trail(traces, grid, words)


def _delay(row: Withdrawal, now: int) -> Delay:
    ended = now if row.finished is None else row.finished
    kept_out, done = ((_day(second) - row.requested).days for second in (row.begun, ended))
    return Delay(row.receipt["distinct"] - row.receipt["again"], kept_out, done)


def _day(second: int) -> dt.date:
    return dt.datetime.fromtimestamp(second, dt.UTC).date()
