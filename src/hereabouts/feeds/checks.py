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
``consent``
    rule CONSENT: not ``true``, be it false, missing or anything else. Rows of a feed without a consent column
    are taken only where the supplier's consent record covers all its devices; a column that is there counts;
``opted_out``
    rule CONSENT: ad tracking limited, by the flag or by an advertising id of nothing but zeros. A missing
    flag says nothing; one that is neither true nor false counts as limited;
``bidstream``
    rule RTB-BAN: taken from an ad auction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.feeds.columns import check_types
from hereabouts.feeds.identifiers import ALL_ZERO, UNUSABLE, id_states
from hereabouts.feeds.instants import UNREADABLE, seconds
from hereabouts.feeds.numbers import floats
from hereabouts.feeds.profile import Profile
from hereabouts.feeds.text import MISSING, NO_WORD, Bytes, is_text, plain, word_codes
from hereabouts.movement.kernel import kernel, read_only

REASONS = ("unreadable", "position", "time", "accuracy", "consent", "opted_out", "bidstream")
"""Why a row is left out, in the order in which it is asked."""

EARLIEST = 631_152_000
"""1990-01-01T00:00:00Z: no phone gave its position before."""

DAY = 86_400

_ACCEPTED = len(REASONS)
_TRUE = 1
_BIDSTREAM = 0


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
    device
        Ids as they were spelled, usable by :func:`hereabouts.feeds.identifiers.pseudonyms`; shape (n,).
    latitude, longitude
        WGS84 degrees, float64, shape (n,).
    time
        UTC seconds since the epoch, int64, shape (n,).
    counts
        Rows left out, by reason; every reason is there.
    """

    device: pa.Array
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    time: NDArray[np.int64]
    counts: dict[str, int]

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
    device = _device(batch.column(profile.device))
    latitude = floats(batch.column(profile.latitude), np.nan)
    longitude = floats(batch.column(profile.longitude), np.nan)
    time = seconds(batch.column(profile.time), profile.time_unit)
    accuracy = _optional(batch, profile.accuracy)
    consent = _optional(batch, profile.consent)
    limited = _optional(batch, profile.limit_ad_tracking)
    source = _optional(batch, profile.source_type)
    n = batch.num_rows
    without_consent = _TRUE if gate.consent_by_supplier else MISSING
    rows = (
        id_states(device),
        read_only(latitude, np.float64),
        read_only(longitude, np.float64),
        read_only(time, np.int64),
        read_only(_metres(accuracy, n), np.float64),
        read_only(_flags(consent, n, without=without_consent), np.uint8),
        read_only(_flags(limited, n, without=MISSING), np.uint8),
        read_only(_codes(source, ("bidstream",), n, without=MISSING), np.uint8),
    )
    reasons, counts = _judge(rows, float(gate.max_accuracy), gate.now + DAY)
    accepted = reasons == _ACCEPTED
    if not accepted.all():
        device = device.filter(pa.array(accepted))
        latitude, longitude, time = latitude[accepted], longitude[accepted], time[accepted]
    return CheckedPings(
        _as_text(device),
        latitude,
        longitude,
        time,
        {reason: int(count) for reason, count in zip(REASONS, counts, strict=False)},
    )


def _device(values: pa.Array) -> pa.Array:
    return plain(values) if is_text(values.type) else values.cast(pa.string())


def _optional(batch: pa.RecordBatch, name: str | None) -> pa.Array | None:
    return None if name is None or name not in batch.schema.names else batch.column(name)


def _metres(accuracy: pa.Array | None, n: int) -> NDArray[np.float64]:
    if accuracy is None or pa.types.is_null(accuracy.type):
        return np.zeros(n)
    return floats(accuracy, 0.0)


def _codes(values: pa.Array | None, words: tuple[str, ...], n: int, without: int) -> Bytes:
    if values is None or pa.types.is_null(values.type):
        return np.full(n, without if values is None else MISSING, np.uint8)
    return word_codes(values, words)


def _flags(values: pa.Array | None, n: int, without: int) -> Bytes:
    if values is not None and pa.types.is_boolean(values.type):
        flags: Bytes = values.cast(pa.uint8()).fill_null(MISSING).to_numpy()
        return flags
    return _codes(values, ("false", "true"), n, without)


def _as_text(device: pa.Array) -> pa.Array:
    """Give accepted ids, which are UTF-8, as Arrow text where they came as bytes."""
    if pa.types.is_binary(device.type):
        return device.cast(pa.string())
    if pa.types.is_large_binary(device.type):
        return device.cast(pa.large_string())
    return device


_Values = NDArray[np.generic]
_Rows = tuple[Bytes, _Values, _Values, _Values, _Values, _Values, _Values, _Values]


@kernel
def _judge(rows: _Rows, max_accuracy: float, latest: int) -> tuple[Bytes, NDArray[np.int64]]:
    """Give each row's reason, by its place in :data:`REASONS`, and how many rows have each."""
    states, latitudes, longitudes, time, accuracy, consent, limited, source = rows
    reasons = np.empty(len(states), np.uint8)
    counts = np.zeros(_ACCEPTED + 1, np.int64)
    for i in range(len(reasons)):
        latitude, longitude = latitudes[i], longitudes[i]
        if not _is_readable(states[i], time[i], latitude, longitude, accuracy[i]):
            reason = 0
        elif not _is_position(latitude, longitude):
            reason = 1
        elif not EARLIEST <= time[i] <= latest:
            reason = 2
        elif not 0.0 <= accuracy[i] <= max_accuracy:
            reason = 3
        elif consent[i] != _TRUE:
            reason = 4
        elif states[i] == ALL_ZERO or limited[i] == _TRUE or limited[i] == NO_WORD:
            reason = 5
        elif source[i] == _BIDSTREAM:
            reason = 6
        else:
            reason = _ACCEPTED
        reasons[i] = reason
        counts[reason] += 1
    return reasons, counts


@kernel
def _is_readable(state: int, time: int, latitude: float, longitude: float, accuracy: float) -> bool:
    if state == UNUSABLE or time == UNREADABLE:
        return False
    return not (np.isnan(latitude) or np.isnan(longitude) or np.isnan(accuracy))


@kernel
def _is_position(latitude: float, longitude: float) -> bool:
    return abs(latitude) <= 90.0 and abs(longitude) <= 180.0 and not (latitude == 0.0 and longitude == 0.0)
