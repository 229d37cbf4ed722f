"""A list of sensitive places from a table of venues: what kind each is, and where."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hereabouts.errors import BadInputError
from hereabouts.feeds.formats.source import faults
from hereabouts.feeds.places.building import Built, built
from hereabouts.feeds.places.categories import margins
from hereabouts.feeds.places.mapping import NONE, VenueMapping
from hereabouts.feeds.places.reading import FORMATS, numbers_of, points, read_table, words_of

_COLUMNS = ("category", "latitude", "longitude")
_SHOWN = 5


def from_venues(path: Path, mapping: VenueMapping, radius: float = 0.0, jurisdiction: str | None = None) -> Built:
    """Build a list from a table of venues.

    Parameters
    ----------
    path
        Parquet or CSV with ``category``, ``latitude`` and ``longitude`` (WGS84 degrees); other columns are not read.
    mapping
        Which kinds of venue are sensitive.
    radius
        Metres around each venue's position that are its footprint.
    jurisdiction
        Whose law widens margins.

    Raises
    ------
    BadInputError
        When the table cannot be read, holds a kind of venue that the mapping does not decide on, or none that is
        sensitive.
    """
    with faults(path):
        if FORMATS.get(path.suffix.lower()) not in {"parquet", "csv"}:
            raise BadInputError(path, "expected a table of venues, with a name ending in .parquet or .csv")
        table = read_table(path, _COLUMNS)
        missing = [name for name in _COLUMNS if name not in table.column_names]
        if missing:
            raise BadInputError(path, f"lacks the column {', '.join(missing)}; expected {', '.join(_COLUMNS)}")
        kinds = words_of(table, "category")
        latitude, longitude = numbers_of(table, "latitude"), numbers_of(table, "longitude")
    to = [None if kind is None else mapping.category_of(kind) for kind in kinds]
    undecided = {kind for kind, category in zip(kinds, to, strict=True) if category is None}
    if undecided:
        named = sorted(f"'{kind}'" for kind in undecided if kind is not None)
        shown = f"{', '.join(named[:_SHOWN])}{' …' if len(named) > _SHOWN else ''}"
        raise BadInputError(
            path,
            f"the mapping does not say whether {len(undecided)} kinds of venue are sensitive ({shown}): add each, "
            f"with a category or '{NONE}'",
            sum(category is None for category in to),
        )
    chosen = np.array([category != NONE for category in to], bool)
    shape = points(latitude[chosen], longitude[chosen])
    category = [name for name in to if name is not None and name != NONE]
    return built(path, category, shape, radius, margins(jurisdiction))
