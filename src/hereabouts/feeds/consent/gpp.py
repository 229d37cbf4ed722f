"""IAB GPP strings: a decoder that says yes only where every section is understood.

Source: IAB Tech Lab, *Global Privacy Platform String*, version 1, and *MSPA US National Section*, versions 1 and 2.
A string is a header, which lists the ids of its sections in Fibonacci coding, and those sections, joined by tildes.
Two of them are known here:

7, ``usnat``
    consents where item 8 of SensitiveDataProcessing, precise geolocation, is 2 (1 is no consent, 0 not
    applicable), nothing in it is a no to being handed on, and the Gpc sub-section is there and false. Feeds of
    pings are sold, or shared, so that 1 is no in SaleOptOut and SharingOptOut (opted out; 0 is not applicable), and
    in each item of KnownChildSensitiveDataConsents (no consent for a child). TargetedAdvertisingOptOut does not
    count: nothing of a release is advertising. Global Privacy Control is an opt-out of a
    person's browser or phone, so true is no. A string without the sub-section is unreadable, although
    the specification lets encoders leave it out: cut off behind the core, a string with Gpc true looks just like it.
2, ``tcfeuv2``
    is a TCF string, and consents where :mod:`hereabouts.feeds.consent.tcf` says so. Without ``tcf_vendor`` in the
    rule that is consent to the purposes, to whomever it was given: of a vendor no string is asked.

If both are there, both must consent. A string with any other section is unreadable: it may hold a no that nobody
here would understand (the sections of single states speak of precise geolocation too).

**No prefix of a refusing string consents.** The header says how many sections there are, each must be whole, and of
the parts of a section only the last of ``tcfeuv2`` may be missing, for which the argument is in ``tcf``.

Headers and ``usnat`` sections hold no dates, so few of them differ, and each is read once.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pyarrow as pa

from hereabouts.feeds.consent import tcf
from hereabouts.feeds.consent.answers import MISSING, REFUSED, UNREADABLE, YES
from hereabouts.feeds.consent.bits import Bits, NotWholeError
from hereabouts.feeds.consent.rule import ConsentRule
from hereabouts.feeds.values.text import Bytes

_HEADER_TYPE, _HEADER_VERSION = 3, 1
_TCF, _USNAT = 2, 7
_IDS = 64
"""Section ids from here on are in no version of the registry."""

_MOST_CHARACTERS = 64
"""Longer than a header or a ``usnat`` section can be; nothing longer is looked at."""

_ITEMS = {1: (12, 2), 2: (16, 3)}
"""By version of ``usnat``: items of SensitiveDataProcessing, and of KnownChildSensitiveDataConsents."""

_OPT_OUTS = slice(6, 8)
"""SaleOptOut and SharingOptOut, behind six notices."""

_GEOLOCATION = 8
_NO, _CONSENT = 1, 2
_GPC = 1


def states(strings: pa.Array, rule: ConsentRule) -> Bytes:
    """Say what each GPP string says.

    Parameters
    ----------
    strings
        A binary column of n strings, exactly as they were made: white space is no part of one.
    rule
        What is asked of ``tcfeuv2`` sections.

    Returns
    -------
    numpy.ndarray
        Shape (n,), uint8: :data:`YES`, :data:`REFUSED` or :data:`UNREADABLE`, and :data:`MISSING` where a
        value is null.
    """
    said = np.empty(len(strings), np.uint8)
    places, embedded = [], []
    for place, string in enumerate(strings.to_pylist()):
        if string is None:
            said[place] = MISSING
            continue
        said[place], tcf_string = _read(string)
        if tcf_string is not None:
            places.append(place)
            embedded.append(tcf_string)
    if places:
        # Answers are in order: yes, missing, refused, unreadable. The worse of two is the answer to both.
        said[places] = np.maximum(said[places], tcf.states(pa.array(embedded, pa.binary()), rule))
    return said


def _read(string: bytes) -> tuple[int, bytes | None]:
    """Say what a string says apart from its ``tcfeuv2`` section, and give that section."""
    header, *sections = string.split(b"~")
    ids = section_ids(header) if len(header) <= _MOST_CHARACTERS else None
    if not ids or len(ids) != len(sections):
        return UNREADABLE, None
    answer, tcf_string = YES, None
    for section_id, section in zip(ids, sections, strict=True):
        if section_id == _TCF:
            tcf_string = section
        elif section_id == _USNAT and len(section) <= _MOST_CHARACTERS:
            answer = usnat_state(section)
        else:
            return UNREADABLE, None
    return answer, tcf_string


@lru_cache(maxsize=1024)
def section_ids(header: bytes) -> tuple[int, ...] | None:
    """Give the ids of the sections that a header lists, in rising order; ``None`` if it is garbled."""
    ids: list[int] = []
    try:
        bits = Bits(header)
        if bits.number(6) != _HEADER_TYPE or bits.number(6) != _HEADER_VERSION:
            return None
        last = 0
        for _ in range(bits.number(12)):
            is_range = bits.number(1)
            first = last + bits.fibonacci()
            last = first + bits.fibonacci() if is_range else first
            if last >= _IDS:
                return None
            ids.extend(range(first, last + 1))
        bits.end()
    except NotWholeError:
        return None
    return tuple(ids)


@lru_cache(maxsize=1024)
def usnat_state(section: bytes) -> int:
    """Say what a ``usnat`` section says: :data:`YES`, :data:`REFUSED` or :data:`UNREADABLE`."""
    core, *others = section.split(b".")
    if len(others) != 1:
        return UNREADABLE
    try:
        consents = _core_consents(Bits(core))
        gpc = _gpc(Bits(others[0]))
    except NotWholeError:
        return UNREADABLE
    return YES if consents and not gpc else REFUSED


def _core_consents(bits: Bits) -> bool:
    """Read the core of a ``usnat`` section to its end; say whether nothing in it is a no."""
    version = bits.number(6)
    if version not in _ITEMS:
        raise NotWholeError("a version of usnat that is not known")
    sensitive, known_child = _ITEMS[version]
    # Six notices and three opt-outs come before the items; personal data and three answers on the MSPA after them.
    before = [bits.number(2) for _ in range(9)]
    items = [bits.number(2) for _ in range(sensitive)]
    children = [bits.number(2) for _ in range(known_child)]
    after = [bits.number(2) for _ in range(4)]
    bits.end()
    if 3 in (*before, *items, *children, *after):
        raise NotWholeError("a value that no version of usnat has")
    return items[_GEOLOCATION - 1] == _CONSENT and _NO not in (*before[_OPT_OUTS], *children)


def _gpc(bits: Bits) -> int:
    """Read the sub-section for Global Privacy Control to its end; give its one answer."""
    if bits.number(2) != _GPC:
        raise NotWholeError("a sub-section that is not known")
    gpc = bits.number(1)
    bits.end()
    return gpc
