"""What the rows of a feed say of their devices beside where they were: consent, opt-outs, the form of the id.

The gate of intake judges each row (:mod:`hereabouts.feeds.checks`), once for every question. Devices are counted, and
forgotten: no id, and nothing made of one, is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from hereabouts.engines.local import in_order
from hereabouts.feeds.checks import Gate, check
from hereabouts.feeds.formats.feed import Feed
from hereabouts.feeds.ids.identifiers import pseudonyms_under
from hereabouts.feeds.profile import Profile
from hereabouts.movement.kernel import UInt64s
from hereabouts.risk.claims.advertising import have_uuids

_KEY = bytes(32)
"""No secret, as in :mod:`hereabouts.risk.reading`."""
_SETTLE_AT = 1 << 22


@dataclass(frozen=True)
class Answers:
    """How many devices have rows of a kind.

    Attributes
    ----------
    devices
        All.
    refused
        With a row that does not say yes to consent; ``None`` where the feed has no consent column.
    limited
        With a row that says that ad tracking is limited; ``None`` where the feed does not say.
    auctioned
        With a row from an ad auction, or of a source that is not known; ``None`` where the feed does not say.
    advertising
        Whose id has the form of an advertising id, a UUID.
    """

    devices: int
    refused: int | None
    limited: int | None
    auctioned: int | None
    advertising: int


@dataclass(repr=False)
class _Devices:
    """Counts the distinct ones."""

    known: UInt64s = field(default_factory=lambda: np.empty(0, np.uint64))
    new: list[UInt64s] = field(default_factory=list)
    held: int = 0

    def add(self, keys: UInt64s) -> None:
        if len(keys):
            self.new.append(np.unique(keys))
            self.held += len(self.new[-1])
        if self.held > _SETTLE_AT:
            self.count()

    def count(self) -> int:
        self.known = np.unique(np.concatenate([self.known, *self.new]))
        self.new, self.held = [], 0
        return len(self.known)


class _Question(NamedTuple):
    """A question of consent: the column that answers it, and the profile that asks it alone."""

    name: str
    column: str | None
    profile: Profile
    by_supplier: bool = True


def answers(feeds: Sequence[Feed], now: int, progress: Callable[[int, float], None]) -> Answers:
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
        When a file turns out to be damaged.
    """
    profile = feeds[0].profile
    bare = replace(
        profile, accuracy=None, consent=None, consent_framework=None, limit_ad_tracking=None, source_type=None
    )
    said_by = replace(bare, consent=profile.consent, consent_framework=profile.consent_framework)
    asked = (
        _Question("refused", profile.consent, said_by, by_supplier=False),
        _Question("limited", profile.limit_ad_tracking, replace(bare, limit_ad_tracking=profile.limit_ad_tracking)),
        _Question("auctioned", profile.source_type, replace(bare, source_type=profile.source_type)),
    )
    counted = {name: _Devices() for name in ("all", "advertising", *(question.name for question in asked))}
    columns: set[str] = set()

    def batches() -> Iterator[tuple[pa.RecordBatch, float]]:
        for number, feed in enumerate(feeds):
            for batch in feed.batches():
                yield batch, (number + feed.progress) / len(feeds)

    def work(item: tuple[pa.RecordBatch, float]) -> tuple[dict[str, UInt64s], int, float]:
        batch, share = item
        pings = check(batch, bare, Gate(float("inf"), now, consent_by_supplier=True))
        (names,) = pseudonyms_under(pings.ids, [_KEY], pings.row)
        keys = names[:, 0]
        found = {"all": keys, "advertising": keys[have_uuids(pings.device)]}
        for question in asked:
            # A file without a consent column, of several, says yes for nobody.
            passed = check(batch, question.profile, Gate(float("inf"), now, question.by_supplier)).row
            found[question.name] = keys[~np.isin(pings.row, passed, assume_unique=True)]
        columns.update(batch.schema.names)
        return found, pings.rows, share

    rows = 0
    for found, read, share in in_order(work, batches()):
        for name, keys in found.items():
            counted[name].add(keys)
        rows += read
        progress(rows, share)
    told = {question.name: counted[question.name].count() for question in asked if question.column in columns}
    return Answers(
        counted["all"].count(),
        told.get("refused"),
        told.get("limited"),
        told.get("auctioned"),
        counted["advertising"].count(),
    )
