"""The gate: which rows of a feed may become pings, and for what reason the others may not.

Each row is judged by itself, from its own values and public configuration (the profile, the store's limit,
the operator's clock). A row that is left out is counted once, under the first of these reasons that holds:

``unreadable``
    device, position or time is missing or cannot be read (an id that is empty, longer than 1024 bytes or not
    UTF-8 is none), or there is an accuracy that is no number;
``position``
    not finite, out of range, or exactly 0,0;
``time``
    before 1990 or more than a day ahead of the clock;
``accuracy``
    worse than the store's limit, or negative, by which phones say that the position is invalid. A missing
    accuracy is accepted;
``consent_missing``, ``consent_refused``, ``consent_unreadable``
    rule CONSENT: the consent column is empty; says no, or no yes to what the profile asks of a TCF or GPP
    string; or cannot be wholly understood (:mod:`hereabouts.feeds.consent`). Unknown means no. Rows of a
    feed without a consent column are taken only where the supplier's consent record covers all its devices;
    a column that is there counts;
``opted_out``
    rule CONSENT: ad tracking limited. A missing flag says nothing; one that is neither true nor false counts
    as limited;
``zero_id``
    rule CONSENT: an advertising id of nothing but zeros, which phones give for "opted out";
``bidstream``
    rule RTB-BAN: taken from an ad auction, or from what is neither ``sdk`` nor ``other``: there is no end of
    words for auctions, so that of a word which is not known it is not known either. No word is not one of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.feeds.consent.decide import UNREADABLE, YES, consent_states
from hereabouts.feeds.consent.flags import flag_states
from hereabouts.feeds.formats.columns import check_types
from hereabouts.feeds.ids.identifiers import ALL_ZERO, UNUSABLE, id_states
from hereabouts.feeds.profile import Profile
from hereabouts.feeds.values.instants import UNREADABLE as NO_TIME
from hereabouts.feeds.values.instants import seconds
from hereabouts.feeds.values.numbers import degrees, floats
from hereabouts.feeds.values.text import NO_WORD, Bytes, is_text, plain, word_codes
from hereabouts.movement.kernel import kernel, read_only

REASONS = (
    "unreadable",
    "position",
    "time",
    "accuracy",
    "consent_missing",
    "consent_refused",
    "consent_unreadable",
    "opted_out",
    "zero_id",
    "bidstream",
)
"""Why a row is left out, in the order in which it is asked."""

EARLIEST = 631_152_000
"""1990-01-01T00:00:00Z: no phone gave its position before."""

DAY = 86_400

Flags = NDArray[np.bool_]

_UNREADABLE, _POSITION, _TIME, _ACCURACY = range(4)
_BEFORE_CONSENT = _ACCURACY
"""The answers of hereabouts.feeds.consent but for YES, which is 0, are 1, 2, 3 in the order of their reasons."""
_OPTED_OUT, _ZERO_ID, _BIDSTREAM, _ACCEPTED = range(7, 11)

_SOURCES = ("sdk", "other")
"""Where a ping may come from."""


@dataclass(frozen=True)
class Gate:
    """What the store and the operator ask of a row.

    Attributes
    ----------
    max_accuracy
        The worst horizontal accuracy taken, in metres.
    now
        The clock, UTC seconds since the epoch.
    consent_by_supplier
        Whether the supplier's consent record covers all its devices, so that its feeds need no consent
        column.
    """

    max_accuracy: float
    now: int
    consent_by_supplier: bool


@dataclass(frozen=True, repr=False)
class CheckedPings:
    """The accepted rows of one batch, in their order, and how many were left out.

    Attributes
    ----------
    ids
        Ids of all rows of the batch, as they were spelled: the longest column, which is not copied for those few that
        are left out.
    row
        Which of them are accepted, int64, shape (n,): there they are usable by
        :func:`hereabouts.feeds.ids.identifiers.pseudonyms_under`.
    latitude, longitude
        WGS84 degrees, float64, shape (n,).
    time
        UTC seconds since the epoch, int64, shape (n,).
    counts
        Rows left out, by reason; every reason is there.
    """

    ids: pa.Array
    row: NDArray[np.int64]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    time: NDArray[np.int64]
    counts: dict[str, int]

    @property
    def device(self) -> pa.Array:
        """The accepted ids, shape (n,)."""
        return _as_text(self.ids.take(pa.array(self.row)))

    @property
    def rows(self) -> int:
        """How many rows the batch had: those accepted and those left out."""
        return len(self.time) + sum(self.counts.values())


def check(batch: pa.RecordBatch, profile: Profile, gate: Gate) -> CheckedPings:
    """Judge every row of a batch.

    Parameters
    ----------
    batch
        Raw columns, by the profile's names; a consent column that is not there is a feed without one.

    Raises
    ------
    BadInputError
        If a column is of a type that cannot hold what the profile says.
    KeyError
        If the batch lacks a required column.
    """
    check_types("batch", batch.schema, profile)
    n = batch.num_rows
    device = _device(batch.column(profile.device))
    states = id_states(device)
    latitude = degrees(batch.column(profile.latitude), profile.degrees_per_unit)
    longitude = degrees(batch.column(profile.longitude), profile.degrees_per_unit)
    time = seconds(batch.column(profile.time), profile.time_unit)
    rows = (
        read_only(states == UNUSABLE, np.bool_),
        read_only(latitude, np.float64),
        read_only(longitude, np.float64),
        read_only(time, np.int64),
        read_only(_metres(_optional(batch, profile.accuracy), n), np.float64),
        read_only(_consent(batch, profile, gate), np.uint8),
        read_only(_limited(_optional(batch, profile.limit_ad_tracking), n), np.bool_),
        read_only(states == ALL_ZERO, np.bool_),
        read_only(_bidstream(_optional(batch, profile.source_type), n), np.bool_),
    )
    reasons = _judge(rows, NO_TIME, gate.now + DAY, float(gate.max_accuracy))
    accepted = np.flatnonzero(reasons == _ACCEPTED)
    if len(accepted) < n:
        latitude, longitude, time = latitude[accepted], longitude[accepted], time[accepted]
    return CheckedPings(device, accepted, latitude, longitude, time, _counts(reasons, n - len(time)))


def _device(values: pa.Array) -> pa.Array:
    return plain(values) if is_text(values.type) else values.cast(pa.string())


def _optional(batch: pa.RecordBatch, name: str | None) -> pa.Array | None:
    """Give a column that may be missing; one of Arrow's null type has no value, and is as good as missing."""
    if name is None or name not in batch.schema.names or pa.types.is_null(batch.schema.field(name).type):
        return None
    return batch.column(name)


def _metres(accuracy: pa.Array | None, n: int) -> NDArray[np.float64]:
    return np.zeros(n) if accuracy is None else floats(accuracy, 0.0)


def _consent(batch: pa.RecordBatch, profile: Profile, gate: Gate) -> Bytes:
    if profile.consent not in batch.schema.names and gate.consent_by_supplier:
        return np.full(batch.num_rows, YES, np.uint8)
    framework = _optional(batch, profile.consent_framework)
    return consent_states(_optional(batch, profile.consent), framework, profile.consent_rule, batch.num_rows)


def _limited(flags: pa.Array | None, n: int) -> Flags:
    if flags is None:
        return np.zeros(n, np.bool_)
    said = flag_states(flags)
    limited: Flags = (said == YES) | (said == UNREADABLE)
    return limited


def _bidstream(source: pa.Array | None, n: int) -> Flags:
    if source is None:
        return np.zeros(n, np.bool_)
    if pa.types.is_dictionary(source.type) and not (word_codes(source.dictionary, _SOURCES) == NO_WORD).any():
        return np.zeros(n, np.bool_)  # no row can have a word that is not in the dictionary
    bidstream: Flags = word_codes(source, _SOURCES) == NO_WORD
    return bidstream


def _counts(reasons: Bytes, dropped: int) -> dict[str, int]:
    if not dropped:
        return dict.fromkeys(REASONS, 0)
    return {reason: int(np.count_nonzero(reasons == place)) for place, reason in enumerate(REASONS)}


def _as_text(device: pa.Array) -> pa.Array:
    """Give accepted ids, which are UTF-8, as Arrow text where they came as bytes."""
    if pa.types.is_binary(device.type):
        return device.cast(pa.string())
    if pa.types.is_large_binary(device.type):
        return device.cast(pa.large_string())
    return device


_Values = NDArray[np.generic]
_Rows = tuple[_Values, _Values, _Values, _Values, _Values, _Values, _Values, _Values, _Values]


@kernel
def _judge(rows: _Rows, no_time: int, latest: int, max_accuracy: float) -> Bytes:
    """Give each row's reason, by its place in :data:`REASONS`."""
    nameless, latitudes, longitudes, times, accuracies, consent, limited, all_zero, bidstream = rows
    reasons = np.empty(len(times), np.uint8)
    for i in range(len(reasons)):
        latitude, longitude, time, accuracy = latitudes[i], longitudes[i], times[i], accuracies[i]
        # From the last reason to the first, and without a branch, so that LLVM makes vectors of it.
        reason = np.uint8(_BIDSTREAM) if bidstream[i] else np.uint8(_ACCEPTED)
        reason = np.uint8(_ZERO_ID) if all_zero[i] else reason
        reason = np.uint8(_OPTED_OUT) if limited[i] else reason
        reason = np.uint8(_BEFORE_CONSENT + consent[i]) if consent[i] != 0 else reason
        reason = np.uint8(_ACCURACY) if not ((accuracy >= 0.0) & (accuracy <= max_accuracy)) else reason
        reason = np.uint8(_TIME) if (time < EARLIEST) | (time > latest) else reason
        on_earth = (abs(latitude) <= 90.0) & (abs(longitude) <= 180.0)
        nowhere = (latitude == 0.0) & (longitude == 0.0)
        reason = np.uint8(_POSITION) if nowhere | (not on_earth) else reason
        no_number = np.isnan(latitude) | np.isnan(longitude) | np.isnan(accuracy)
        reason = np.uint8(_UNREADABLE) if no_number | nameless[i] | (time == no_time) else reason
        reasons[i] = reason
    return reasons
