"""What a plan asks of a store: everything that is wrong with it is said before anything is spent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hereabouts.acts.asked import asked, check_places, check_rules, measurable
from hereabouts.errors import RefusedError, UsageError
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Copy, Site


def test_a_plan_and_its_window(sealed_site: Site) -> None:
    plan, window = asked(sealed_site.plan(), Store(sealed_site.store))
    assert (plan.window, window.name) == ("2024-03-04/2024-03-11",) * 2


def test_a_window_that_is_none_of_the_stores(sealed_site: Site) -> None:
    with pytest.raises(UsageError, match="this store's windows there are"):
        asked(sealed_site.plan(window="2024-03-05/2024-03-12"), Store(sealed_site.store))


def test_a_purpose_that_is_not_known(sealed_site: Site) -> None:
    store = Store(sealed_site.store)
    with pytest.raises(RefusedError, match="rule 'purpose'"):
        check_rules(store, *asked(sealed_site.plan(purpose="curiosity"), store))


def test_what_may_be_measured_is_the_region(sealed_site: Site) -> None:
    store = Store(sealed_site.store)
    protection = measurable(store, *asked(sealed_site.plan(), store))
    assert (protection.left_out, protection.areas) == (0, ())
    assert check_places(store, protection.region) is None


def test_a_plan_of_too_many_numbers(sealed_site: Site, copy: Copy) -> None:
    site = copy(sealed_site)
    plan = site.plan()
    wide = plan.read_text().replace("[-1.6, 52.0, -0.6, 52.6]", "[-8.0, 45.0, 9.0, 55.0]").replace("[5]", "[7]")
    plan.write_text(wide)
    store = Store(site.store)
    with pytest.raises(UsageError, match=r"numbers for presence, at most 40,000,000"):
        measurable(store, *asked(plan, store))
