"""Lists of device ids, one a line: what a withdrawal is handed (WITHDRAW).

An id may have any spelling that a feed may give it (see :mod:`hereabouts.feeds.ids.identifiers`). Blank lines are
passed over; a line that can be no id (too long, not UTF-8, the all-zero id of phones that opted out) is counted, and
left out.

Whatever is written as an id is one, and a withdrawal of devices that do not exist looks like one that was done. So a
file that may be something else than ids, one a line, is refused as a whole: a table of columns, quoted values, another
encoding, other ends of lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.errors import BadInputError, MachineError
from hereabouts.feeds.ids.identifiers import USABLE, id_states
from hereabouts.feeds.values.text import Bytes

_SPACE = np.frombuffer(b" \t\n\v\f\r", np.uint8)
_MARK = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_FOREIGN = {
    "a NUL, as text in UTF-16 has": b"\0",
    "a comma or a semicolon, as between columns": b",;",
    "a quotation mark": b'"',
    "a control character": bytes({*range(1, 32), 127} - set(_SPACE.tobytes())),
}
"""What no list of ids holds."""
_INSIDE = {"a tab, as between columns": b"\t", "an end of line without a line feed": b"\r\v\f"}
"""What stands around an id at most."""
_QUOTE = ord("'")
_HEADERS = frozenset(
    b"device_id deviceid device id ids idfa gaid aaid maid ad_id adid advertising_id advertiser_id ifa".split()
)
_EXPECTED = "expected ids alone, one a line, in UTF-8; nothing of the list was used"


Flags = NDArray[np.bool_]


@dataclass(frozen=True, repr=False)
class IdList:
    """The ids of a file; never to be printed.

    Attributes
    ----------
    ids
        The usable ones, as text.
    given
        How many lines are not blank.
    invalid
        How many of these hold no usable id.
    """

    ids: pa.Array
    given: int
    invalid: int


def read_ids(path: Path) -> IdList:
    """Read a list of ids.

    Raises
    ------
    BadInputError
        If there is no such file, no usable id in it, or a line that says that it is no list of ids; the message holds
        none of its lines.
    MachineError
        If it may not be read.
    """
    try:
        content = path.read_bytes().removeprefix(_MARK)
    except FileNotFoundError:
        raise BadInputError(path, "there is no such file; expected ids, one a line") from None
    except (IsADirectoryError, NotADirectoryError):
        raise BadInputError(path, "is not a file; expected ids, one a line") from None
    except OSError as error:
        raise MachineError(f"cannot read {path}: {error.strerror}") from None
    data = np.frombuffer(content, np.uint8)
    if not data.size:
        raise BadInputError(path, "is empty; expected ids, one a line")
    # A line keeps its line feed, which is white space to whatever reads an id.
    starts = np.concatenate([[0], np.flatnonzero(data == ord("\n")) + 1]).astype(np.int64)
    starts = starts[starts < data.size]
    offsets = np.append(starts, data.size)
    blank = np.isin(data, _SPACE)
    _refuse_other(path, content, data, blank, starts)
    said = np.add.reduceat(~blank, starts, dtype=np.int64) > 0
    lines = pa.Array.from_buffers(
        pa.large_binary(), starts.size, [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(content)]
    )
    usable = (id_states(lines) == USABLE) & said
    given, valid = int(said.sum()), int(usable.sum())
    if not valid:
        raise BadInputError(path, "no line of it can be an id; expected ids, one a line, in UTF-8", rows=given)
    return IdList(lines.filter(pa.array(usable)), given, given - valid)


def _refuse_other(path: Path, content: bytes, data: Bytes, blank: Flags, starts: NDArray[np.int64]) -> None:
    """Refuse what is no list of ids; says in how many lines that shows, and in none of them what."""
    if content.startswith(_UTF_16):
        raise BadInputError(path, f"is in UTF-16; {_EXPECTED}")
    if content[: data.size if starts.size == 1 else int(starts[1])].strip().lower() in _HEADERS:
        raise BadInputError(path, f"the first line is the name of a column; {_EXPECTED}", rows=1)
    found: dict[str, NDArray[np.int64]] = {}
    for what, characters in _FOREIGN.items():
        found[what] = np.flatnonzero(np.isin(data, np.frombuffer(characters, np.uint8)))
    # Most lists have neither of the following, and those with CR and LF are many.
    if b"\t" in content or b"\v" in content or b"\f" in content or content.count(b"\r") > content.count(b"\r\n"):
        inside = _inside(blank, starts)
        for what, characters in _INSIDE.items():
            found[what] = np.flatnonzero(np.isin(data, np.frombuffer(characters, np.uint8)) & inside)
    if b"'" in content:
        quotes = np.flatnonzero(data == _QUOTE)
        found["a quotation mark at an end"] = quotes[~_inside(blank, starts)[quotes]]
    for what, places in found.items():
        if places.size:
            lines = np.unique(np.searchsorted(starts, places, "right")).size
            raise BadInputError(path, f"{what} is in the line; {_EXPECTED}", rows=lines)


def _inside(blank: Flags, starts: NDArray[np.int64]) -> Flags:
    """Which bytes have others than white space before and behind them in their line."""
    said = np.concatenate([[0], np.cumsum(~blank, dtype=np.int64)])
    lengths = np.diff(np.append(starts, blank.size))
    before = said[:-1] > np.repeat(said[starts], lengths)
    behind = said[1:] < np.repeat(said[np.append(starts[1:], blank.size)], lengths)
    inside: Flags = before & behind
    return inside
