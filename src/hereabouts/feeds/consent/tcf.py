"""IAB TCF v2 strings: a decoder that says yes only where every bit is understood.

Source: *Transparency and Consent String with Global Vendor & CMP List Formats*, versions 2.0 to 2.3, by IAB Tech
Lab and IAB Europe. A string is a core segment and up to three others after dots, each in the alphabet of
base64url (RFC 4648) and made of big-endian fields without gaps.

It consents where the purposes of the :class:`~hereabouts.feeds.consent.rule.ConsentRule`, special feature 1
(precise geolocation) and the rule's vendor, if it names one, are all opted in, and no publisher restriction
takes consent away as the ground: type 0 (not allowed) or type 2 (legitimate interest instead) on one of the
purposes, for the vendor, or for anyone where none is named. Purpose 1 is not consented to where the string says that
it was never disclosed (PurposeOneTreatment). Everything else is no. Unreadable is

- another version than 2, a policy version outside 2 to 5, a string that is not service-specific (invalid since
  September 2021), dates out of order or before there was a version 2;
- without the disclosed-vendors segment from policy version 5 (TCF 2.3) on, which makes it mandatory;
- a segment or restriction of an unknown type, a segment that is there twice, a vendor that cannot be;
- a segment that is too short for its fields, or longer than them by anything but the padding that encoders add:
  zeros up to a whole character, a whole byte and then character, or 24 bits (``@iabtechlabtcf/core``).

**No prefix of a refusing string consents.** Fields are read from the front, and a prefix that reaches the end of the
core has the same fields. What it can lack are segments; of those, only the disclosed vendors count, only from
policy version 5 on, and there a string without them is unreadable.

TC strings hold dates, so millions of them may differ in one feed: hence a compiled loop.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.feeds.consent.answers import MISSING, REFUSED, UNREADABLE, YES
from hereabouts.feeds.consent.rule import ConsentRule
from hereabouts.feeds.values.text import Bytes, Int64s, view
from hereabouts.movement.kernel import kernel

# What the kernels say, as places in _ANSWERS; they read constants of this file alone.
_CONSENTS, _REFUSES, _GARBLED = 0, 1, 2
_ANSWERS = np.array([YES, REFUSED, UNREADABLE], np.uint8)

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_FOREIGN = 64
_SEXTETS = np.full(256, _FOREIGN, np.uint8)
_SEXTETS[np.frombuffer(_ALPHABET, np.uint8)] = np.arange(64, dtype=np.uint8)
_DOT = 46

_FIRST_DAY = 15_663_456_000
"""2019-08-21, when version 2 was published, in tenths of a second since 1970."""

# Where the core's fields begin, in bits.
_CREATED, _UPDATED, _POLICY, _SPECIFIC, _FEATURES, _PURPOSES, _TREATMENT, _VENDORS = 6, 42, 132, 138, 140, 152, 200, 213
_DISCLOSED, _ALLOWED, _PUBLISHER = 1, 2, 3
_NOT_ALLOWED, _INTEREST_REQUIRED, _UNDEFINED = 0, 2, 3


def states(strings: pa.Array, rule: ConsentRule) -> Bytes:
    """Say what each TCF string says.

    Parameters
    ----------
    strings
        A text column of n strings, exactly as they were made: white space is no part of one.
    rule
        What is asked.

    Returns
    -------
    numpy.ndarray
        Shape (n,), uint8: :data:`YES`, :data:`REFUSED` or :data:`UNREADABLE`, and :data:`MISSING` where a
        value is null.
    """
    purposes = sum({1 << (24 - purpose) for purpose in rule.tcf_purposes})
    column = view(strings)
    said = _ANSWERS[_read_all(column.offsets, column.data, purposes, rule.tcf_vendor or 0)]
    if strings.null_count:
        said[strings.is_null().to_numpy(zero_copy_only=False)] = MISSING
    return said


@kernel
def _bits(data: Bytes, start: int, stop: int, at: int, count: int) -> int:
    """Read ``count`` bits, at most 36, from bit ``at`` of a segment; past its end there are zeros."""
    place = start + at // 6
    have = 6 - at % 6
    number = int(_SEXTETS[data[place]]) & ((1 << have) - 1) if place < stop else 0
    while have < count:
        place += 1
        have += 6
        number = (number << 6) | (int(_SEXTETS[data[place]]) if place < stop else 0)
    return number >> (have - count)


@kernel
def _ends(data: Bytes, start: int, stop: int, at: int) -> bool:
    """Say whether a segment's fields end at bit ``at``, and nothing but an encoder's padding follows."""
    if at < 0:
        return False
    length = stop - start
    characters = (at + 5) // 6
    of_bytes = ((at + 7) // 8 * 8 + 5) // 6
    of_triples = (at + 23) // 24 * 4
    if length not in (characters, of_bytes, of_triples):
        return False
    return _bits(data, start, stop, at, 6 * length - at) == 0


@kernel
def _ranges(data: Bytes, start: int, stop: int, at: int, entries: int, highest: int, vendor: int) -> tuple[int, bool]:
    """Walk over range entries; give the bit after them, -1 where one cannot be, and whether one has the vendor."""
    found = False
    for _ in range(entries):
        first = _bits(data, start, stop, at + 1, 16)
        last = first
        if _bits(data, start, stop, at, 1):
            last = _bits(data, start, stop, at + 17, 16)
            at += 16
        at += 17
        # Past the end of the segment the first vendor is 0: a short string does not keep this loop busy.
        if not 0 < first <= last <= highest:
            return -1, False
        found = found or first <= vendor <= last
    return at, found


@kernel
def _vendors(data: Bytes, start: int, stop: int, at: int, vendor: int) -> tuple[int, bool]:
    """Walk over a list of vendors, a bit for each or in ranges; give the bit after it, and if the vendor is on it."""
    highest = _bits(data, start, stop, at, 16)
    in_ranges = _bits(data, start, stop, at + 16, 1)
    at += 17
    if in_ranges:
        entries = _bits(data, start, stop, at, 12)
        return _ranges(data, start, stop, at + 12, entries, highest, vendor)
    return at + highest, 0 < vendor <= highest and _bits(data, start, stop, at + vendor - 1, 1) == 1


@kernel
def _restrictions(data: Bytes, start: int, stop: int, at: int, purposes: int, vendor: int) -> tuple[int, bool]:
    """Walk over the publisher's restrictions; give the bit after them, and whether one takes consent away."""
    count = _bits(data, start, stop, at, 12)
    at += 12
    barred = False
    for _ in range(count):
        purpose = _bits(data, start, stop, at, 6)
        kind = _bits(data, start, stop, at + 6, 2)
        entries = _bits(data, start, stop, at + 8, 12)
        if not 1 <= purpose <= 24 or kind == _UNDEFINED:
            return -1, False
        at, found = _ranges(data, start, stop, at + 20, entries, 0xFFFF, vendor)
        if at < 0:
            return -1, False
        if kind in (_NOT_ALLOWED, _INTEREST_REQUIRED) and (purposes >> (24 - purpose)) & 1:
            barred = barred or found or (vendor == 0 and entries > 0)
    return at, barred


@kernel
def _core(data: Bytes, start: int, stop: int, purposes: int, vendor: int) -> int:
    """Say what the core segment says, without regard to the segments after it."""
    created = _bits(data, start, stop, _CREATED, 36)
    if _bits(data, start, stop, 0, 6) != 2 or not 2 <= _bits(data, start, stop, _POLICY, 6) <= 5:
        return _GARBLED
    if not _FIRST_DAY <= created <= _bits(data, start, stop, _UPDATED, 36):
        return _GARBLED
    if _bits(data, start, stop, _SPECIFIC, 1) == 0:
        return _GARBLED
    at, vendor_consented = _vendors(data, start, stop, _VENDORS, vendor)
    if at < 0:
        return _GARBLED
    at, _ = _vendors(data, start, stop, at, vendor)
    if at < 0:
        return _GARBLED
    at, barred = _restrictions(data, start, stop, at, purposes, vendor)
    if not _ends(data, start, stop, at):
        return _GARBLED
    if barred or _bits(data, start, stop, _FEATURES, 1) == 0 or (vendor > 0 and not vendor_consented):
        return _REFUSES
    undisclosed = _bits(data, start, stop, _TREATMENT, 1) << 23
    consented = _bits(data, start, stop, _PURPOSES, 24) & ~undisclosed
    return _CONSENTS if consented & purposes == purposes else _REFUSES


@kernel
def _segment(data: Bytes, start: int, stop: int, vendor: int) -> tuple[int, bool]:
    """Give the type of a segment that is not the core, -1 if it is garbled, and if the vendor is on its list."""
    kind = _bits(data, start, stop, 0, 3)
    listed = False
    if kind in (_DISCLOSED, _ALLOWED):
        at, listed = _vendors(data, start, stop, 3, vendor)
    elif kind == _PUBLISHER:
        # Consents and interests, 24 bits each, then as many again as there are custom purposes.
        at = 57 + 2 * _bits(data, start, stop, 51, 6)
    else:
        return -1, False
    return (kind if _ends(data, start, stop, at) else -1), listed


@kernel
def _segment_end(data: Bytes, start: int, stop: int) -> int:
    """Give where the segment that begins at ``start`` ends; -1 if it has a character that is in no alphabet."""
    place = start
    while place < stop and data[place] != _DOT:
        if _SEXTETS[data[place]] == _FOREIGN:
            return -1
        place += 1
    return place


@kernel
def _read(data: Bytes, start: int, stop: int, purposes: int, vendor: int) -> int:
    """Say what one string says."""
    end = _segment_end(data, start, stop)
    if end < 0:
        return _GARBLED
    answer = _core(data, start, end, purposes, vendor)
    policy = _bits(data, start, end, _POLICY, 6)
    seen, disclosed = 0, False
    while answer != _GARBLED and end < stop:
        begin = end + 1
        end = _segment_end(data, begin, stop)
        if end < 0:
            return _GARBLED
        kind, listed = _segment(data, begin, end, vendor)
        if kind < 0 or (seen >> kind) & 1:
            return _GARBLED
        seen |= 1 << kind
        disclosed = disclosed or (kind == _DISCLOSED and listed)
    if answer == _GARBLED or policy < 5:
        return answer
    if not (seen >> _DISCLOSED) & 1:
        return _GARBLED
    return answer if vendor == 0 or disclosed else _REFUSES


@kernel
def _read_all(offsets: Int64s, data: Bytes, purposes: int, vendor: int) -> NDArray[np.uint8]:
    out = np.empty(len(offsets) - 1, np.uint8)
    for i in range(len(out)):
        out[i] = _read(data, offsets[i], offsets[i + 1], purposes, vendor)
    return out
