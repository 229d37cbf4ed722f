"""Seal: what is over is closed, in order, once."""

from __future__ import annotations

import datetime as dt
import importlib
from typing import TYPE_CHECKING

import pytest

from hereabouts.acts import intake, seal
from hereabouts.errors import MachineError, UsageError
from hereabouts.store.open_window import BUCKETS
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

FIRST, SECOND = "2024-03-04/2024-03-11", "2024-03-11/2024-03-18"


def test_windows_are_sealed_in_order_and_once(taken_site: Site, copy: Copy) -> None:
    site = copy(taken_site)
    told = []
    done = seal(site.store, progress=lambda window, done, of: told.append((window.name, done, of)))
    assert [window.window for window in done] == [FIRST, SECOND]
    assert told[BUCKETS - 1] == (FIRST, BUCKETS, BUCKETS)
    assert told[BUCKETS] == (SECOND, 1, BUCKETS)
    for window in done:
        assert window.pings > 0
        tables = site.tables(window.window)
        assert (window.device_hours, window.trips) == (tables["presence"].num_rows, tables["trips"].num_rows)
    assert seal(site.store) == []
    assert list((site.store / "open").iterdir()) == []


def test_who_cannot_be_named_does_nothing(taken_site: Site, copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it would be done, and no entry of the log could say by whom."""
    site = copy(taken_site)
    monkeypatch.setenv("HEREABOUTS_ACTOR", "no account")
    with pytest.raises(UsageError, match="got account 'no account'"):
        seal(site.store)
    assert {known.status for known in Store(site.store).windows()} == {"open"}


def test_a_window_that_is_not_over_waits_unless_it_is_said(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    now = dt.datetime.now(dt.UTC)
    old, new = (f"a,{time:%Y-%m-%dT%H:%M:%SZ},52.3,-1.1,true" for time in (now - dt.timedelta(days=30), now))
    intake([site.csv([old, new])], site.store, "acme")
    (first,) = seal(site.store)
    (second,) = seal(site.store, everything=True)
    assert first.window < second.window
    assert {known.status for known in Store(site.store).windows()} == {"sealed"}


def test_until_a_day_seals_what_ends_by_it_whether_or_not_anybody_was_there(taken_site: Site, copy: Copy) -> None:
    """The operator's word closes the windows before it, and says nothing of who was in them."""
    site = copy(taken_site)
    assert [window.window for window in seal(site.store, until=dt.date(2024, 3, 13))] == [FIRST]
    store = Store(site.store)
    assert store.sealed_until() == store.calendar.named(FIRST).end
    assert [window.window for window in seal(site.store, until=dt.date(2024, 4, 3))] == [SECOND]
    assert store.sealed_until() == store.calendar.named("2024-03-25/2024-04-01").end
    late = [f"a,2024-{day}T12:00:00Z,52.3,-1.1,true" for day in ("02-20", "03-20", "04-01")]
    (receipt,) = intake([site.csv(late)], site.store, "acme")
    assert (receipt.dropped, receipt.windows) == ({"late": 2}, {"2024-04-01/2024-04-08": 1})


def test_what_was_sealed_before_a_failure_stays_sealed(
    taken_site: Site, sealed_site: Site, copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = copy(taken_site)
    module = importlib.import_module("hereabouts.acts.seal")  # its name in the package is the act's
    whole = module.window_sealer(None)

    def fail_at_the_second(store: Store, window: object, progress: object) -> object:
        if getattr(window, "name", "") == SECOND:
            raise MachineError("disk full")
        return whole(store, window, progress)

    monkeypatch.setattr(module, "window_sealer", lambda cluster: fail_at_the_second)
    with pytest.raises(MachineError, match="disk full"):
        seal(site.store)
    assert [known.status for known in Store(site.store).windows()] == ["sealed", "open"]
    monkeypatch.undo()
    assert [window.window for window in seal(site.store)] == [SECOND]
    assert site.tables(SECOND) == sealed_site.tables(SECOND)
