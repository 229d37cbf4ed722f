"""Mappings: which tags and kinds of venue are sensitive."""

from __future__ import annotations

from pathlib import Path

import pytest

from hereabouts.errors import UsageError
from hereabouts.feeds.places.categories import categories
from hereabouts.feeds.places.mapping import NONE, TagMapping, VenueMapping, load_mapping


def osm() -> TagMapping:
    mapping = load_mapping("osm")
    assert isinstance(mapping, TagMapping)
    return mapping


@pytest.mark.parametrize(
    ("tags", "category"),
    [
        ({"amenity": "hospital", "name": "St Mary"}, "medical"),
        ({"amenity": "clinic;doctors"}, "medical"),
        ({"amenity": "library; clinic"}, "medical"),
        ({"healthcare": "psychotherapist"}, "medical"),
        ({"social_facility:for": "drug_addicted"}, "medical"),
        ({"amenity": "pharmacy", "healthcare": "pharmacy"}, None),
        ({"amenity": "place_of_worship", "religion": "muslim"}, "religious"),
        ({"building": "synagogue"}, "religious"),
        ({"amenity": "prison"}, "correctional"),
        ({"office": "union"}, "labour-union"),
        ({"amenity": "school"}, "schools-childcare"),
        ({"amenity": "kindergarten"}, "schools-childcare"),
        ({"amenity": "childcare"}, "schools-childcare"),
        ({"amenity": "university"}, None),
        ({"club": "ethnic"}, "ethnic-services"),
        ({"amenity": "social_facility", "social_facility": "shelter"}, "shelters"),
        ({"amenity": "social_facility", "social_facility:for": "abused"}, "shelters"),
        ({"amenity": "social_facility", "social_facility:for": "senior"}, None),
        ({"amenity": "shelter", "shelter_type": "public_transport"}, None),
        ({"military": "barracks"}, "military"),
        ({"military": "no"}, None),
        ({"landuse": "military"}, "military"),
        ({"amenity": "bar", "lgbtq": "primary"}, "lgbtq-services"),
        ({"amenity": "bar", "lgbtq": "welcome"}, None),
        ({"office": "political_party"}, "political-social-gatherings"),
        ({"office": "diplomatic", "diplomatic": "consulate"}, "consular"),
        ({"disused:amenity": "hospital"}, None),
        ({"amenity": "cafe"}, None),
        ({}, None),
    ],
    ids=str,
)
def test_tags(tags: dict[str, str], category: str | None) -> None:
    assert osm().category_of(tags) == category


def test_every_category_has_tags() -> None:
    assert {rule.category for rule in osm().rules} == set(categories())
    assert {"amenity", "military", "social_facility:for"} <= set(osm().keys)


def test_all_251_kinds_of_foursquare_are_decided_on() -> None:
    mapping = load_mapping("foursquare")
    assert isinstance(mapping, VenueMapping)
    assert len(mapping.categories) == 251
    sensitive = {name: to for name, to in mapping.categories.items() if to != NONE}
    assert sensitive == {
        "Medical Center": "medical",
        "Medical School": "medical",
        "Church": "religious",
        "Mosque": "religious",
        "Shrine": "religious",
        "Spiritual Center": "religious",
        "Synagogue": "religious",
        "Temple": "religious",
        "Elementary School": "schools-childcare",
        "High School": "schools-childcare",
        "Middle School": "schools-childcare",
        "Music School": "schools-childcare",
        "Nursery School": "schools-childcare",
        "School": "schools-childcare",
        "Military Base": "military",
        "Embassy / Consulate": "consular",
    }
    assert mapping.category_of("Ramen /  Noodle House") == mapping.category_of("Ramen / Noodle House") == NONE
    assert mapping.category_of("Animal Shelter") == NONE
    assert mapping.category_of("Sanctuary") is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("kind = ", "is no TOML"),
        ("", "expected kind = 'osm'"),
        ('kind = "stars"', "got kind 'stars', expected osm or venues"),
        ('kind = "osm"', "expected kind = 'osm' with rules"),
        ('kind = "osm"\nrule = []', "at least one rule"),
        ('kind = "osm"\n[[rule]]\ncategory = "medical"\ntags = {}', "at least one tag"),
        ('kind = "osm"\n[[rule]]\ncategory = "hospitals"\ntags = { amenity = "x" }', "got category hospitals, known"),
        ('kind = "osm"\n[[rule]]\ncategory = "medical"\ntags = { amenity = 3 }', "cannot be understood"),
        ('kind = "venues"\n[categories]\nBar = "fun"', "got category fun, known"),
    ],
)
def test_a_mapping_that_means_nothing(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=words):
        load_mapping(str(path))


def test_an_own_mapping(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('kind = "osm"\n[[rule]]\ncategory = "medical"\ntags = { shop = "*" }\n', encoding="utf-8")
    mapping = load_mapping(str(path))
    assert isinstance(mapping, TagMapping)
    assert mapping.category_of({"shop": "bakery"}) == "medical"


def test_no_such_mapping() -> None:
    with pytest.raises(UsageError, match="got mapping 'yelp', expected osm or foursquare, or a TOML"):
        load_mapping("yelp")
