"""Categories of sensitive places: what they are, whose rule they follow, and how wide a margin each has (SL-LIST).

They are shipped in ``categories.toml``, public configuration like everything that decides about a row.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from hereabouts.errors import UsageError

_FILE = "categories.toml"
_JURISDICTIONS = "jurisdictions"


@dataclass(frozen=True)
class Category:
    """One kind of sensitive place.

    Attributes
    ----------
    id
        Its name in lists, receipts and reports.
    description
        What belongs to it.
    margin
        Metres around a footprint within which a ping is at the place, where its list does not say otherwise.
    source
        Whose rule it follows.
    """

    id: str
    description: str
    margin: float
    source: str


@dataclass(frozen=True)
class Jurisdiction:
    """A law that widens margins.

    Attributes
    ----------
    id
        Its name on the command line.
    description
        What the law says.
    margins
        Metres, by category.
    """

    id: str
    description: str
    margins: Mapping[str, float]


@cache
def categories() -> Mapping[str, Category]:
    """All categories by id, in their public order, which no version of hereabouts changes."""
    known = {}
    for name, values in _content().items():
        if name != _JURISDICTIONS:
            known[name] = Category(name, values["description"], float(values["margin"]), values["source"])
    return MappingProxyType(known)


@cache
def jurisdictions() -> Mapping[str, Jurisdiction]:
    """All jurisdictions by id."""
    known = {}
    for name, values in _content()[_JURISDICTIONS].items():
        margins = MappingProxyType({category: float(margin) for category, margin in values["margins"].items()})
        known[name] = Jurisdiction(name, values["description"], margins)
    return MappingProxyType(known)


def margins(jurisdiction: str | None = None) -> dict[str, float]:
    """Give the margin of every category in metres, as wide as a jurisdiction asks.

    Raises
    ------
    UsageError
        When the jurisdiction is not known.
    """
    found = {name: category.margin for name, category in categories().items()}
    if jurisdiction is None:
        return found
    if jurisdiction not in jurisdictions():
        raise UsageError(f"got jurisdiction '{jurisdiction}', this version knows {', '.join(sorted(jurisdictions()))}")
    return found | dict(jurisdictions()[jurisdiction].margins)


def _content() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(_FILE).read_text(encoding="utf-8"))
