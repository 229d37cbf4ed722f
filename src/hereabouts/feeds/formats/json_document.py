"""One JSON document with an array of rows in it, given as lines of JSON: each row a line.

Exports such as Google's are one object with everything in it, too large to be held. A compiled loop finds where each
element of the array begins and ends, and leaves what is in it to whoever reads JSON lines: so an element means what the
same bytes mean as a line, and one that is no JSON costs itself and no other: one with a tab or a line's end as such in
a string too. Of the rest of the document only brackets and strings are looked at.

(``ijson`` was tried: it makes ``?`` of half a surrogate pair, refuses the whole document for one long number, and
quotes what it refuses.)
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hereabouts.feeds.formats.lines import BYTE_ORDER_MARK, view_of
from hereabouts.feeds.values.text import Bytes
from hereabouts.movement.kernel import kernel

# Where the loop is: before the document; in its outermost object before a member, in a member's name, before its
# colon, before its value, in a value that holds no rows, behind a value; before an element of the array, in one; behind
# the document; at what cannot be part of one.
_START, _MEMBER, _NAME, _COLON, _VALUE, _SKIPPED, _BEHIND, _BEFORE, _ELEMENT, _END, _BROKEN = range(11)

_PLACE, _DEPTH, _STRING, _MATCHED, _WRITTEN, _FOUND, _ANY, _BARE = range(8)
"""What the loop remembers from one piece of the document to the next: where it is; how many brackets are open; whether
it is in a string (1) and behind a backslash there (2); how many characters of the member's name agree (-1: it is
another); how many bytes of the element are written; whether the array was found; whether an element or a member must
follow (a comma stood before) (2) or may (1); whether the outermost array is the document.
"""

_CUT_AFTER = (1 << 20) + 2
"""An element is written no further than it takes to see that it is longer than a line may be."""


class Rows:
    """Reads a document's rows as lines of JSON.

    Parameters
    ----------
    read
        Reads some bytes of the document; none at its end.
    member
        The member of the outermost object that holds the array of rows; empty where the array is the document.
    """

    def __init__(self, read: Callable[[int], bytes], member: str) -> None:
        self._read = read
        self._member = view_of(member.encode())
        self._first = True
        self._state = np.zeros(8, np.int64)
        self._state[_BARE] = not member

    @property
    def found(self) -> bool:
        """Whether the array of rows has begun."""
        return bool(self._state[_FOUND])

    @property
    def whole(self) -> bool:
        """Whether the document, as far as it was read, is one from its beginning to its end."""
        return bool(self._state[_PLACE] == _END)

    def read(self, size: int) -> bytes:
        """Read on; give lines, and at the end of what can be read no bytes."""
        while self._state[_PLACE] != _BROKEN and (data := self._read(size)):
            if self._first:
                data, self._first = data.removeprefix(BYTE_ORDER_MARK), False
            room = np.empty(len(data), np.uint8)
            written = _scan(view_of(data), self._member, self._state, room)
            if written:
                return room[:written].tobytes()
        return b""


@kernel
def _scan(data: Bytes, member: Bytes, state: NDArray[np.int64], out: NDArray[np.uint8]) -> int:
    """Go through a piece of the document, and write its elements; give how many bytes were written."""
    written = 0
    for i in range(len(data)):
        byte, place = data[i], state[_PLACE]
        if place == _BROKEN:
            break
        if place in (_SKIPPED, _ELEMENT):
            quoted = state[_STRING] > 0
            ends = _step(byte, state)
            if place == _ELEMENT and (ends or state[_WRITTEN] < _CUT_AFTER):
                # A line feed is white space here, and the end of a row there. In a string it is no JSON, and what
                # takes its place must be none either.
                out[written] = 10 if ends else byte if byte not in (9, 10, 13) else 1 if quoted else 32
                written += 1
                state[_WRITTEN] += 1
            if ends:
                _between(byte, place == _ELEMENT, state)
        elif place == _NAME:
            _name(byte, member, state)
        elif byte not in (9, 10, 13, 32) and _outside(byte, member, state):
            out[written] = byte
            written += 1
    return written


@kernel
def _step(byte: int, state: NDArray[np.int64]) -> bool:
    """Go on in a value; say whether this byte, which is no longer part of it, ends it."""
    if state[_STRING]:
        if state[_STRING] == 2:
            state[_STRING] = 1
        elif byte == 92:
            state[_STRING] = 2
        elif byte == 34:
            state[_STRING] = 0
        return False
    if byte == 34:
        state[_STRING] = 1
    elif byte in (91, 123):
        state[_DEPTH] += 1
    elif byte in (93, 125):
        state[_DEPTH] -= 1
        return bool(state[_DEPTH] < 0)
    return bool(byte == 44 and state[_DEPTH] == 0)


@kernel
def _between(byte: int, in_array: bool, state: NDArray[np.int64]) -> None:
    """Take the comma or the bracket behind a value."""
    state[_DEPTH] = 0
    if byte == 44:
        state[_PLACE], state[_ANY] = (_BEFORE if in_array else _MEMBER), 2
    elif in_array and byte == 93:
        state[_PLACE] = _END if state[_BARE] else _BEHIND
    elif not in_array and byte == 125:
        state[_PLACE] = _END
    else:
        state[_PLACE] = _BROKEN


@kernel
def _name(byte: int, member: Bytes, state: NDArray[np.int64]) -> None:
    """Go on in a member's name, and compare it as it is spelled."""
    if byte < 32:
        state[_PLACE] = _BROKEN
    elif state[_STRING] == 2:
        state[_STRING] = 1
    elif byte == 34:
        state[_STRING], state[_PLACE] = 0, _COLON
        return
    elif byte == 92:
        state[_STRING] = 2
    matched = state[_MATCHED]
    if 0 <= matched < len(member) and member[matched] == byte:
        state[_MATCHED] += 1
    else:
        state[_MATCHED] = -1


@kernel
def _outside(byte: int, member: Bytes, state: NDArray[np.int64]) -> bool:
    """Take a byte that is no white space and is in no value; say whether an element begins with it."""
    place = state[_PLACE]
    state[_PLACE] = _BROKEN
    if place == _START and byte == 91 and state[_BARE]:
        state[_PLACE], state[_ANY], state[_FOUND] = _BEFORE, 1, 1
    elif place == _START and byte == 123 and not state[_BARE]:
        state[_PLACE], state[_ANY] = _MEMBER, 1
    elif place == _MEMBER and byte == 34:
        state[_PLACE], state[_STRING], state[_MATCHED] = _NAME, 1, 0
    elif place == _MEMBER and byte == 125 and state[_ANY] == 1:
        state[_PLACE] = _END
    elif place == _COLON and byte == 58:
        state[_PLACE] = _VALUE
    elif place == _VALUE and state[_MATCHED] == len(member):
        if byte == 91:
            state[_PLACE], state[_ANY], state[_FOUND] = _BEFORE, 1, 1
    elif place == _VALUE and byte not in (44, 58, 93, 125):
        state[_PLACE], state[_DEPTH] = _SKIPPED, 0
        _step(byte, state)
    elif place == _BEFORE and byte == 93 and state[_ANY] == 1:
        state[_PLACE] = _END if state[_BARE] else _BEHIND
    elif place == _BEFORE and byte not in (44, 58, 93, 125):
        state[_PLACE], state[_DEPTH], state[_WRITTEN] = _ELEMENT, 0, 1
        _step(byte, state)
        return True
    elif place == _BEHIND and byte in (44, 125):
        _between(byte, False, state)
    return False
