"""Keys that travel: those that there are, and those of windows that turn out to have pings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hereabouts.errors import MachineError
from hereabouts.store.keys import PINGS, PSEUDONYMS
from hereabouts.store.store import Store
from hereabouts.store.window_keys import CarriedKeys, OwnKeys

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

OPEN, NEW = "2024-03-04_2024-03-11", "2024-04-01_2024-04-08"


def test_what_is_there_is_carried_and_what_is_not_is_made(taken_site: Site, copy: Copy) -> None:
    store = Store(copy(taken_site).store)
    carried, own = CarriedKeys.of(store), OwnKeys(store)
    for use in (PINGS, PSEUDONYMS):
        assert carried.get(OPEN, use) == own.get(OPEN, use)
        assert not store.keys.has(NEW, use)
    made = {carried.get(window, use) for window in (NEW, "x") for use in (PINGS, PSEUDONYMS)}
    assert {len(key) for key in made} == {32}
    assert len(made) == 4
    carried.keep(store.keys, [OPEN, NEW])
    assert {own.get(NEW, use) for use in (PINGS, PSEUDONYMS)} < made
    assert CarriedKeys.of(store).get(NEW, PINGS) == carried.get(NEW, PINGS)
    assert CarriedKeys.of(store).get("x", PINGS) != carried.get("x", PINGS), "each command has a seed of its own"


def test_two_keys_for_one_window_are_refused(taken_site: Site, copy: Copy) -> None:
    store = Store(copy(taken_site).store)
    first, second = CarriedKeys.of(store), CarriedKeys.of(store)
    first.keep(store.keys, [NEW])
    with pytest.raises(MachineError, match="another process"):
        second.keep(store.keys, [NEW])


def test_a_window_that_lost_its_key_is_not_given_another(taken_site: Site, copy: Copy) -> None:
    store = Store(copy(taken_site).store)
    store.keys.destroy(OPEN, PSEUDONYMS)
    with pytest.raises(MachineError, match="cannot read the key"):
        CarriedKeys.of(store)
    with pytest.raises(MachineError, match="cannot read the key"):
        OwnKeys(store).get(OPEN, PSEUDONYMS)


def test_sealed_windows_keys_stay_at_home(sealed_site: Site) -> None:
    carried = CarriedKeys.of(Store(sealed_site.store))
    assert carried.held == {}
    assert "key" not in repr(carried).lower() or carried.seed.hex() not in repr(carried)
