"""Mappings: which tags or kinds of venue are which category of sensitive place. Public configuration, in TOML.

Shipped are ``osm`` (tags of OpenStreetMap) and ``foursquare`` (251 categories of venues); an operator's own file may
take their place.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hereabouts.errors import MachineError, UsageError
from hereabouts.feeds.places.categories import categories

SHIPPED = ("osm", "foursquare")
NONE = "none"
_ANY = "*"


@dataclass(frozen=True)
class TagRule:
    """Tags that an object of OpenStreetMap must all have to be of a category; ``"*"`` among values is any but no."""

    category: str
    tags: Dictionary[str, frozenset[str]]

    def fits(self, tags: Dictionary[str, str]) -> bool:
        """Whether an object with these tags is meant."""
        return all(key in tags and _is_among(tags[key], values) for key, values in self.tags.items())


@dataclass(frozen=True)
class TagMapping:
    """From tags of OpenStreetMap to categories; the first rule that fits decides."""

    rules: tuple[TagRule, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that rules look at."""
        return tuple(sorted({key for rule in self.rules for key in rule.tags}))

    def category_of(self, tags: Dictionary[str, str]) -> str | None:
        """Category of an object with these tags, ``None`` where it is none that is sensitive."""
        return next((rule.category for rule in self.rules if rule.fits(tags)), None)


@dataclass(frozen=True)
class VenueMapping:
    """From kinds of venue to categories, or ``"none"``."""

    categories: Dictionary[str, str]

    def category_of(self, kind: str) -> str | None:
        """Category of a kind of venue or ``"none"``; ``None`` where nobody has decided."""
        return self.categories.get(_folded(kind))


def load_mapping(name_or_path: str) -> TagMapping | VenueMapping:
    """Load a shipped mapping by its name, or one from a file.

    Raises
    ------
    UsageError
        When there is none, or it cannot be understood.
    MachineError
        When the file may not be read.
    """
    place: Traversable | Path = Path(name_or_path)
    if name_or_path in SHIPPED:
        place = files(__package__).joinpath("mappings", f"{name_or_path}.toml")
    try:
        content = tomllib.loads(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(
            f"got mapping '{name_or_path}', expected {' or '.join(SHIPPED)}, or a TOML file that is there"
        ) from None
    except (ValueError, IsADirectoryError):
        raise UsageError(f"mapping {name_or_path} is no TOML file: look at the shipped ones for an example") from None
    except OSError as error:
        raise MachineError(f"cannot read mapping {name_or_path}: {error.strerror}") from None
    try:
        return _mapping(content)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        reason = (
            error if isinstance(error, ValueError) else "expected kind = 'osm' with rules, or 'venues' with categories"
        )
        raise UsageError(f"mapping {name_or_path} cannot be understood: {reason}") from None


def _mapping(content: dict[str, Any]) -> TagMapping | VenueMapping:
    if content["kind"] == "osm":
        rules = [TagRule(rule["category"], _values(rule["tags"])) for rule in content["rule"]]
        _require_known({rule.category for rule in rules})
        if not rules or not all(rule.tags for rule in rules):
            raise ValueError("expected at least one rule, and at least one tag in each")
        return TagMapping(tuple(rules))
    if content["kind"] == "venues":
        _require_known(set(content["categories"].values()) - {NONE})
        return VenueMapping(MappingProxyType({_folded(name): to for name, to in content["categories"].items()}))
    raise ValueError(f"got kind '{content['kind']}', expected osm or venues")


def _require_known(names: set[str]) -> None:
    unknown = sorted(names - set(categories()))
    if unknown:
        raise ValueError(f"got category {', '.join(unknown)}, known are {', '.join(categories())}")


def _values(tags: dict[str, Any]) -> Dictionary[str, frozenset[str]]:
    return MappingProxyType(
        {key: frozenset([values] if isinstance(values, str) else values) for key, values in tags.items()}
    )


def _is_among(value: str, wanted: frozenset[str]) -> bool:
    said = {word.strip() for word in value.split(";")}
    return bool(said & wanted) or (_ANY in wanted and said != {"no"})


def _folded(name: str) -> str:
    """A kind of venue as it is compared: spaces do not count twice."""
    return " ".join(name.split())
