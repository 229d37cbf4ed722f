"""Lists of device ids, one a line: what a withdrawal is handed.

An id may have any spelling that a feed may give it (see :mod:`hereabouts.feeds.identifiers`). Blank lines are passed
over; a line that can be no id (too long, not UTF-8, the all-zero id of phones that opted out) is counted and left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from hereabouts.errors import BadInputError, MachineError
from hereabouts.feeds.identifiers import USABLE, id_states

_SPACE = np.frombuffer(b" \t\n\v\f\r", np.uint8)
_MARK = b"\xef\xbb\xbf"


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
        If there is no such file, or no usable id in it; the message holds none of its lines.
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
    said = np.add.reduceat(~np.isin(data, _SPACE), starts, dtype=np.int64) > 0
    lines = pa.Array.from_buffers(
        pa.large_binary(), starts.size, [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(content)]
    )
    usable = (id_states(lines) == USABLE) & said
    given, valid = int(said.sum()), int(usable.sum())
    if not valid:
        raise BadInputError(path, "no line of it can be an id; expected ids, one a line, in UTF-8", rows=given)
    return IdList(lines.filter(pa.array(usable)), given, given - valid)
