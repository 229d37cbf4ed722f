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
from hereabouts.risk.audit.precision import PositionSample, precision
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
    shared
        The share of devices that are told at one another's positions.
    """

    name: str
    trail: Trail
    columns: tuple[str, ...]
    warnings: tuple[str, ...]
    advertising: bool
    answers: Answers
    shared: Figure
    kind: str = "feed"


class Delay(NamedTuple):
    """How long a list of withdrawals took."""

    devices: int
    kept_out: int
    done: int | None


@dataclass(frozen=True, repr=False)
class WindowEvidence:
    """A window of a store.

    Attributes
    ----------
    delays
        Of each list of withdrawals: how many devices were new in it, days until they were kept out, and until all of
        them was removed (``None`` while that is under way).
    """

    name: str
    kind: str
    trail: Trail
    delays: tuple[Delay, ...]


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
    trail = _trail(traces, sample, named(feeds))
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
        shared.figure(),
    )


def of_window(store: Store, window: Window, is_open: bool, progress: Progress) -> WindowEvidence:
    """Read a window of a store, which is locked.

    Raises
    ------
    BadInputError
        When there are fewer than 20 devices.
    MachineError
        When something of the window is missing or cannot be read.
    """
    sample = PositionSample()
    traces = window_traces(store, window, [sample.look], progress)
    name = f"window {window.name}"
    delays = tuple(_delay(row) for row in store.withdrawals.all())
    kind = "open window" if is_open else "sealed window"
    return WindowEvidence(name, kind, _trail(traces, sample, name), delays)


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


def _trail(traces: Traces, sample: PositionSample, name: str) -> Trail:
    if traces.devices < FEWEST:
        raise BadInputError(name, f"fewer than {FEWEST} devices: a report card has figures about at least as many")
    return Trail(traces, *precision(sample, traces))


def _delay(row: Withdrawal) -> Delay:
    done = None if row.finished is None else (_day(row.finished) - row.requested).days
    return Delay(row.receipt["distinct"] - row.receipt["again"], (_day(row.begun) - row.requested).days, done)


def _day(second: int) -> dt.date:
    return dt.datetime.fromtimestamp(second, dt.UTC).date()
