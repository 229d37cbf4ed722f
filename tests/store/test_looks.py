"""One look: exact figures are made of one version of a window's data (rule one-look)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hereabouts.acts.purge import bring_up_to_date
from hereabouts.errors import RefusedError
from hereabouts.store.looks import look
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

FIRST, SECOND = "2024-03-04/2024-03-11", "2024-03-11/2024-03-18"


def looked(store: Store, name: str) -> None:
    look(store, store.calendar.named(name))


def withdraw(site: Site, name: str) -> None:
    (site.folder / "ids.txt").write_text(f"{name}\n", encoding="utf-8")
    site.ok("withdraw", site.folder / "ids.txt")


def test_the_same_data_may_be_looked_at_again(sealed_site: Site, copy: Copy) -> None:
    store = Store(copy(sealed_site).store)
    for _ in range(3):
        looked(store, FIRST)
    looked(store, SECOND)


def test_data_that_changed_are_not_looked_at_again_whoever_was_in_them(sealed_site: Site, copy: Copy) -> None:
    """An id that was never there is refused alike: else the refusal would be the answer."""
    site = copy(sealed_site)
    store = Store(site.store)
    looked(store, FIRST)
    withdraw(site, "nobody-at-all")
    for _ in range(2):
        with pytest.raises(RefusedError, match="use the report that was made then") as caught:
            looked(store, FIRST)
    assert caught.value.rule == "one-look"


def test_a_window_that_was_not_looked_at_may_be_after_any_change(sealed_site: Site, copy: Copy) -> None:
    site = copy(sealed_site)
    store = Store(site.store)
    looked(store, FIRST)
    withdraw(site, "nobody-at-all")
    looked(store, SECOND)
    withdraw(site, "nobody-else")
    with pytest.raises(RefusedError, match=SECOND):
        looked(store, SECOND)


def test_a_list_of_places_changes_the_data_too_wherever_they_lie(sealed_site: Site, copy: Copy) -> None:
    site = copy(sealed_site)
    store = Store(site.store)
    looked(store, FIRST)
    path = site.folder / "places.csv"
    path.write_text("category,latitude,longitude\nmedical,-33.0,151.0\n", encoding="utf-8")  # nobody is near
    site.ok("places", "add", path)
    bring_up_to_date(store)
    with pytest.raises(RefusedError, match=FIRST):
        looked(store, FIRST)


def test_of_a_window_that_nobody_was_in_it_is_the_same(sealed_site: Site, copy: Copy) -> None:
    site = copy(sealed_site)
    store, empty = Store(site.store), "2024-02-26/2024-03-04"
    assert store.sealed_window(store.calendar.named(empty)) is not None
    looked(store, empty)
    withdraw(site, "nobody-at-all")
    with pytest.raises(RefusedError, match=empty):
        looked(store, empty)
