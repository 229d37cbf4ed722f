"""Categories are those of the rules, in a public order, each with whose rule it is (SL-LIST)."""

from __future__ import annotations

import pytest

from hereabouts.errors import UsageError
from hereabouts.feeds.places.categories import categories, jurisdictions, margins

OF_THE_RULES = [
    "medical",
    "religious",
    "correctional",
    "labour-union",
    "schools-childcare",
    "ethnic-services",
    "shelters",
    "military",
    "lgbtq-services",
    "political-social-gatherings",
    "consular",
]


def test_no_category_of_the_rules_is_missing_and_their_order_stays() -> None:
    """Registered lists and filed reports speak of them: new ones go to the end."""
    assert list(categories()) == OF_THE_RULES


@pytest.mark.parametrize("name", OF_THE_RULES)
def test_each_says_what_it_is_and_whose_rule(name: str) -> None:
    category = categories()[name]
    assert category.id == name
    assert category.margin == 100.0
    assert category.description
    assert category.source


def test_washington_asks_for_two_thousand_feet_around_health_care() -> None:
    feet = 0.3048
    assert margins("us-wa")["medical"] >= 2000 * feet
    assert margins("us-wa") | {"medical": 100.0} == margins()


def test_jurisdictions_widen_known_categories_and_narrow_none() -> None:
    for jurisdiction in jurisdictions().values():
        assert jurisdiction.description
        for name, margin in jurisdiction.margins.items():
            assert margin > categories()[name].margin


def test_an_unknown_jurisdiction_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(UsageError, match="got jurisdiction 'us-xx', this version knows us-wa"):
        margins("us-xx")
