"""The gates of intake: from a batch of raw rows to pings in the buckets of their windows, and the counts of all others.

A row counts once, under the first of these that keeps it out: what :mod:`hereabouts.feeds.checks` says of it; its
window is sealed (``late``); it is at a listed place (``sensitive``, SL-BLOCK); its device was withdrawn (``withdrawn``,
WITHDRAW). What becomes of it is a matter of its own values and of public configuration, never of other rows.
"""

from __future__ import annotations

import copy
import time
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.feeds.checks import CheckedPings, Gate, check
from hereabouts.feeds.ids.identifiers import pseudonyms, pseudonyms_under
from hereabouts.feeds.places.gate import PlaceGate
from hereabouts.feeds.profile import Profile
from hereabouts.rules.suppliers import Supplier
from hereabouts.store.keys import PINGS, PSEUDONYMS
from hereabouts.store.pings import BucketedPings, Pings, by_bucket
from hereabouts.store.store import Store
from hereabouts.store.window_keys import CarriedKeys, OwnKeys
from hereabouts.windows import Window

_AHEAD_SECONDS = 2 * 86_400
"""A phone's clock may be a day ahead; windows are looked up as far as that, and a little further."""

Marks = NDArray[np.bool_]


@dataclass(frozen=True)
class WindowKeys:
    """A window of the store, and the keys for its pings."""

    window: Window
    pseudonyms: bytes
    pings: bytes

    def __repr__(self) -> str:
        """The window alone."""
        return f"WindowKeys({self.window.name})"


@dataclass(frozen=True, repr=False)
class GatedBatch:
    """What became of one batch.

    Attributes
    ----------
    rows
        How many it had.
    dropped
        Rows that were kept out, by reason.
    sensitive
        Those of them that were at a listed place, by its category.
    windows
        The others.
    """

    rows: int
    dropped: Counter[str]
    sensitive: Counter[str]
    windows: list[tuple[WindowKeys, BucketedPings]]


class Gates:
    """The gates of one intake, which are shared by its threads.

    Parameters
    ----------
    store
        The store, locked and brought up to date.
    profile
        What the columns mean.
    supplier
        Whose feed it is.

    Attributes
    ----------
    places_version
        Version of the list of sensitive places that they hold; 0 where there is none.

    Raises
    ------
    MachineError
        When the list, or what withdrawals left, is missing or damaged.
    """

    def __init__(self, store: Store, profile: Profile, supplier: Supplier) -> None:
        now = int(time.time())
        self._profile = profile
        self._gate = Gate(store.facts.max_accuracy, now, supplier.all_consented)
        self._calendar = store.calendar
        self._first, self._starts = store.calendar.starts(now + _AHEAD_SECONDS)
        self._sealed_until = store.sealed_until()
        self._keys: OwnKeys | CarriedKeys | None = OwnKeys(store)
        self._windows: dict[int, WindowKeys] = {}
        self.places_version, places = store.places()
        self._places = PlaceGate(places) if places is not None and len(places) else None
        self._suppressed = store.suppressed()
        self._tokens_key = store.withdrawals.key() if self._suppressed else b""

    def without_keys(self) -> Gates:
        """The same without a secret, to be carried elsewhere: they hold :meth:`with_keys` there."""
        bare = copy.copy(self)
        vars(bare).update(_keys=None, _windows={}, _tokens_key=b"", _suppressed=self._suppressed.without_key())
        return bare

    def with_keys(self, keys: CarriedKeys) -> Gates:
        """The same, with keys that were handed over; lists are shared."""
        held = copy.copy(self)
        vars(held).update(_keys=keys, _windows={}, _tokens_key=keys.tokens)
        return held

    def pass_through(self, batch: pa.RecordBatch) -> GatedBatch:
        """Send the rows of a batch through all gates, and those that pass to their windows.

        Raises
        ------
        BadInputError
            If a column cannot hold what the profile says.
        MachineError
            If a key is missing, or cannot be made.
        """
        checked = check(batch, self._profile, self._gate)
        dropped = Counter(checked.counts)
        sensitive: Counter[str] = Counter()
        kept = np.ones(len(checked.time), np.bool_)
        if not kept.size:
            return GatedBatch(checked.rows, dropped, sensitive, [])
        dropped["late"] = _take_out(kept, self._late(checked))
        if self._places is not None:
            sensitive = self._take_out_sensitive(kept, checked, self._places)
            dropped["sensitive"] = sensitive.total()
        number = self._only_window(checked, kept)
        if number is None:
            windows = self._to_windows(checked, kept, dropped)
        else:
            windows = self._to_window(self._window(number), checked, kept, dropped)
        return GatedBatch(checked.rows, dropped, sensitive, windows)

    def _late(self, checked: CheckedPings) -> Marks | None:
        """Rows of sealed windows: windows lie one after the other, and are sealed up to the end of one of them."""
        if checked.time.min() >= self._sealed_until:
            return None
        late: Marks = checked.time < self._sealed_until
        return late

    def _take_out_sensitive(self, kept: Marks, checked: CheckedPings, places: PlaceGate) -> Counter[str]:
        category = places.at(checked.latitude, checked.longitude)
        there = category >= 0
        counts = np.bincount(category[there & kept], minlength=len(places.categories)).tolist()
        kept &= ~there
        return Counter({name: count for name, count in zip(places.categories, counts, strict=True) if count})

    def _only_window(self, checked: CheckedPings, kept: Marks) -> int | None:
        """Number of the window that all rows are in, as they mostly are; ``None`` where they are in several."""
        if not kept.any():
            return None
        number = self._window_of_all(checked.time)  # those too that were kept out: they are mostly in it too
        return self._window_of_all(checked.time[kept]) if number is None else number

    def _window_of_all(self, times: NDArray[np.int64]) -> int | None:
        ends = np.searchsorted(self._starts, [times.min(), times.max()], side="right") - 1
        return int(ends[0]) if ends[0] == ends[1] else None

    def _to_window(
        self, keys: WindowKeys, checked: CheckedPings, kept: Marks, dropped: Counter[str]
    ) -> list[tuple[WindowKeys, BucketedPings]]:
        rows = np.flatnonzero(kept)
        under = [keys.pseudonyms, *([self._tokens_key] if self._suppressed else [])]
        names, *tokens = pseudonyms_under(checked.ids, under, checked.row[rows])
        stays = None
        if tokens:
            withdrawn = self._suppressed.among(tokens[0])
            dropped["withdrawn"] = int(np.count_nonzero(withdrawn))
            if dropped["withdrawn"] == len(rows):
                return []  # a window is not opened for devices that were withdrawn
            stays = ~withdrawn if dropped["withdrawn"] else None
        pings = Pings(names, checked.time[rows], checked.latitude[rows], checked.longitude[rows])
        return [(keys, by_bucket(pings, stays))]

    def _to_windows(
        self, checked: CheckedPings, kept: Marks, dropped: Counter[str]
    ) -> list[tuple[WindowKeys, BucketedPings]]:
        if self._suppressed and kept.any():
            tokens = pseudonyms(checked.device, self._tokens_key)
            dropped["withdrawn"] = _take_out(kept, self._suppressed.among(tokens))
        place = np.searchsorted(self._starts, checked.time, side="right") - 1
        found = []
        for number in np.unique(place[kept]):
            rows = np.flatnonzero(kept & (place == number))
            keys = self._window(int(number))
            (names,) = pseudonyms_under(checked.ids, [keys.pseudonyms], checked.row[rows])
            pings = Pings(names, checked.time[rows], checked.latitude[rows], checked.longitude[rows])
            found.append((keys, by_bucket(pings)))
        return found

    def _window(self, number: int) -> WindowKeys:
        if number not in self._windows:
            if self._keys is None:
                raise ValueError("these gates were made to be carried, and hold no keys")
            window = self._calendar.window(self._first + number)
            names, pings = (self._keys.get(window.folder, use) for use in (PSEUDONYMS, PINGS))
            self._windows[number] = WindowKeys(window, names, pings)
        return self._windows[number]


def _take_out(kept: Marks, marked: Marks | None) -> int:
    """Keep marked rows no longer; give how many of them were kept until now."""
    if marked is None:
        return 0
    count = int(np.count_nonzero(marked & kept))
    kept &= ~marked
    return count
