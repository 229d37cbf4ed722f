"""Whether a feed's ids are advertising ids: by what it calls them, by the type that it gives them, by their form."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from hereabouts.feeds.checks import Flags
from hereabouts.feeds.formats.sample import Sample
from hereabouts.risk.figures import Procedure

ADVERTISING = Procedure("ids in the form of a UUID, and what the feed calls them", "hereabouts")

_UUID = r"^\s*\{?[0-9A-Fa-f]{8}-?([0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}\}?\s*$"
_WORDS = frozenset(("aaid", "adid", "adpid", "gaid", "idfa", "ifa", "maid", "rida", "advertising", "advertiser"))
_LETTERS = re.compile(r"[a-z]+")
_MOST_VALUES = 10


def says_advertising(sample: Sample, device: str) -> bool:
    """Tell whether a feed says that its ids are advertising ids.

    Parameters
    ----------
    sample
        Its first rows.
    device
        The column of ids: its name may say so, or the values of a column of types.
    """
    if _WORDS.intersection(_LETTERS.findall(device.casefold())):
        return True
    return any(_is_type(column.values) for column in sample.columns)


def have_uuids(ids: pa.Array) -> Flags:
    """Tell which ids, a text column of n, have the form of an advertising id: bool[n]."""
    found: Flags = pc.match_substring_regex(ids, _UUID).fill_null(False).to_numpy(zero_copy_only=False)
    return found


def _is_type(values: tuple[str, ...]) -> bool:
    """Whether a column gives each row one of a few words, one of them a kind of advertising id."""
    words = {value.strip().casefold() for value in values}
    return 0 < len(words) <= _MOST_VALUES and bool(words & _WORDS)
