"""Places: the list of sensitive places of a store, and how one is built (SL-LIST, SL-PURGE)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from hereabouts.acts.purge import Progress, Purged, bring_up_to_date
from hereabouts.acts.record import acting
from hereabouts.errors import MachineError, UsageError
from hereabouts.feeds.places.categories import categories
from hereabouts.feeds.places.listing import PlaceList
from hereabouts.feeds.places.mapping import TagMapping, load_mapping
from hereabouts.feeds.places.osm import from_osm
from hereabouts.feeds.places.venues import from_venues
from hereabouts.store.store import Store

QUARTER = dt.timedelta(days=92)
"""The longest quarter: after as many days an assessment of the list is overdue (SL-LIST)."""


@dataclass(frozen=True)
class BuiltList:
    """A list that was built, and how complete it is.

    Attributes
    ----------
    file
        Where it is.
    digest
        SHA-256 of what it says.
    places
        How many there are.
    found
        For every category: how many places, as points, lines and areas.
    missing
        Categories of which the source has none: they must come from elsewhere.
    left_out
        What the source calls sensitive and could not be placed, by reason.
    """

    file: Path
    digest: str
    places: int
    found: dict[str, dict[str, int]]
    missing: list[str]
    left_out: dict[str, int]


@dataclass(frozen=True)
class AddedPlaces:
    """A version of the list that was registered, and the windows that were purged for it.

    Attributes
    ----------
    version, digest
        Of the list that is now in force.
    assessed
        Day on which somebody last looked whether it is complete.
    places, added
        How many there are, and how many of them are new.
    counts
        Places by category.
    purged
        Windows in which rows at listed places were looked for; exact, and confidential.
    """

    version: int
    digest: str
    assessed: dt.date
    places: int
    added: int
    counts: dict[str, int]
    purged: list[Purged]


@dataclass(frozen=True)
class ListInForce:
    """The list that a store's gate has.

    Attributes
    ----------
    version, digest
        Of the list.
    assessed
        Day on which somebody last looked whether it is complete.
    due
        Last day by which that must be done again.
    overdue
        That day has passed.
    places, counts
        How many there are, and how many of each category.
    missing
        Categories of which it has none.
    """

    version: int
    digest: str
    assessed: dt.date
    due: dt.date
    overdue: bool
    places: int
    counts: dict[str, int]
    missing: list[str]


def build_places(
    source: Path,
    out: Path,
    mapping: str = "osm",
    radius: float = 0.0,
    jurisdiction: str | None = None,
) -> BuiltList:
    """Build a list from an extract of OpenStreetMap or a table of venues.

    Parameters
    ----------
    source
        The extract, or a table with ``category``, ``latitude`` and ``longitude``.
    out
        GeoParquet file to write; what is there is replaced.
    mapping
        ``osm``, ``foursquare``, or path of a TOML file: which tags or kinds of venue are sensitive.
    radius
        Metres around a point that are its footprint.
    jurisdiction
        Whose law widens margins.

    Raises
    ------
    BadInputError
        When the source cannot be read, or holds no sensitive place.
    UsageError
        When mapping, jurisdiction or name of the file are not right.
    MachineError
        When osmium is wanting, or the file cannot be written.
    """
    if out.suffix.lower() != ".parquet":
        raise UsageError(f"got --out {out}, expected a name ending in .parquet: lists are written as GeoParquet")
    rules = load_mapping(mapping)
    if isinstance(rules, TagMapping):
        made = from_osm(source, rules, radius, jurisdiction)
    else:
        made = from_venues(source, rules, radius, jurisdiction)
    part = out.with_name(f"{out.name}.part")
    try:
        made.places.write(part)
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise MachineError(f"cannot write {out}: {error.strerror or error}") from None
    return BuiltList(out, made.places.digest, len(made.places), made.found, made.missing, made.left_out)


def add_places(
    places: Path,
    store: Path,
    assessed: dt.date | None = None,
    jurisdiction: str | None = None,
    progress: Progress | None = None,
) -> AddedPlaces:
    """Add a list to the one that a store has, and purge the windows it already holds.

    Nothing is ever taken off a list. Handing in what is on it already records a new assessment.

    Parameters
    ----------
    places
        GeoParquet, GeoJSON or CSV.
    store
        The store's folder.
    assessed
        Day on which somebody looked whether the list is complete, today by default.
    jurisdiction
        Whose law widens the margins of places, also those that a list states.
    progress
        Told the window, and how many of its files are done.

    Raises
    ------
    BadInputError
        When the list cannot be read: then nothing of it is in force.
    UsageError
        When the day is still to come, or the jurisdiction is not known.
    """
    today = _today()
    day = assessed or today
    if day > today:
        raise UsageError(f"got assessed {day}, expected today ({today}) or an earlier day")
    new = PlaceList.load(places, jurisdiction)
    with acting(store, "places") as target, target.locked():
        _, known = target.places()
        merged = new if known is None else known.merged(new)
        version = target.place_register.add(merged, day)
        purged = bring_up_to_date(target, progress)
    added = len(merged) - (0 if known is None else len(known))
    return AddedPlaces(version, merged.digest, day, len(merged), added, merged.counts(), purged)


def list_places(store: Path) -> ListInForce | None:
    """Say which list a store has, ``None`` where it has none.

    Parameters
    ----------
    store
        The store's folder.
    """
    target = Store(store)
    version, places = target.places()
    row = target.place_register.newest()
    if places is None or row is None:
        return None
    due = row.assessed + QUARTER
    counts = places.counts()
    missing = [name for name in categories() if name not in counts]
    return ListInForce(version, places.digest, row.assessed, due, _today() > due, len(places), counts, missing)


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()
