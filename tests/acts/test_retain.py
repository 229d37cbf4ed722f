"""Retain: the schedule is kept to, by the clock, and afterwards no two windows can be joined (RETAIN)."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Any

import pytest

from hereabouts.acts import release, seal
from hereabouts.acts.retain import Retained, retain, retention_schedule
from hereabouts.errors import RefusedError
from hereabouts.store.keys import PINGS, PSEUDONYMS
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Copy, Site

FIRST, SECOND = "2024-03-04/2024-03-11", "2024-03-11/2024-03-18"
DAY = 86_400


def at(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    """Let a day have just begun."""
    now = dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC).timestamp()
    monkeypatch.setattr(time, "time", lambda: now + 60)


def scheduled(site: Site, **days: int) -> Site:
    """The site with another schedule."""
    policy = site.store / "policy.toml"
    text = policy.read_text()
    for name, value in days.items():
        (line,) = (line for line in text.splitlines() if line.startswith(f"{name} = "))
        text = text.replace(line, f"{name} = {value}")
    policy.write_text(text)
    return site


def keys(site: Site) -> set[str]:
    return {path.name for path in site.keys.iterdir()} - {"log.key"}


def key(window: str, use: str) -> str:
    return f"{window.replace('/', '_')}.{use}.key"


def test_the_schedule_is_public_and_asking_does_nothing(taken_site: Site) -> None:
    before = taken_site.state()
    schedule = retention_schedule(taken_site.store)
    assert (schedule.pseudonym_key_days, schedule.open_days, schedule.sealed_days) == (365, 60, 0)
    assert taken_site.state() == before


def test_overdue_windows_are_sealed(
    taken_site: Site, sealed_site: Site, copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that no precise position is older than the schedule says."""
    site = copy(taken_site)
    at(monkeypatch, "2024-05-09")  # 59 days after the first window's end
    assert retain(site.store).sealed == []
    at(monkeypatch, "2024-05-10")
    done = retain(site.store)
    assert [window.window for window in done.sealed] == [FIRST]
    assert [folder.name for folder in (site.store / "open").iterdir()] == [SECOND.replace("/", "_")]
    assert site.tables(FIRST) == sealed_site.tables(FIRST)
    assert keys(site) == {key(FIRST, PSEUDONYMS), key(SECOND, PSEUDONYMS), key(SECOND, PINGS)}
    assert done.keys_destroyed == []


def test_pseudonym_keys_go_when_their_time_has_come(
    sealed_site: Site, copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = copy(sealed_site)
    at(monkeypatch, "2025-03-10")
    assert retain(site.store).keys_destroyed == []
    at(monkeypatch, "2025-03-11")
    done = retain(site.store)
    assert (done.keys_destroyed, done.tables_deleted, done.tables_until) == ([FIRST], [], None)
    assert done.keys_until == "2024-03-11T00:01:00+00:00"
    assert keys(site) == {key(SECOND, PSEUDONYMS)}
    at(monkeypatch, "2025-04-01")
    assert retain(site.store).keys_destroyed == [SECOND]
    assert keys(site) == set()
    assert retain(site.store).keys_destroyed == [], "once"


def test_what_was_sealed_stays_what_it_was(sealed_site: Site, copy: Copy) -> None:
    """No row, and no version: releases of it stay as good as they were."""
    site = copy(sealed_site)
    known = site.sql("SELECT name, data_version, counts FROM windows ORDER BY start")
    retain(site.store)
    for window in (FIRST, SECOND):
        assert site.tables(window) == sealed_site.tables(window)
    assert site.sql("SELECT name, data_version, counts FROM windows ORDER BY start")[:2] == known


def test_from_then_on_windows_before_it_take_no_rows(taken_site: Site, copy: Copy) -> None:
    """Nor a key: it would join windows again. Whether or not somebody was in the window."""
    site = copy(taken_site)
    retain(site.store)
    rows = [f"a,{day}T00:00:00Z,52.3,-1.1,true" for day in ("2024-03-05", "2024-06-05", "2025-06-05")]
    (receipt,) = site.ok("intake", site.csv(rows), "--supplier", "acme")
    assert (receipt["taken"], receipt["dropped"]["late"]) == (0, 3)
    assert keys(site) == set()


def test_tables_go_where_the_schedule_ends_them(sealed_site: Site, copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    site = scheduled(copy(sealed_site), sealed_days=400)
    kept, other = site.plan("kept.toml", window=FIRST), site.plan("other.toml", window=FIRST, epsilon=0.5)
    release(kept, site.store, site.folder / "before")
    at(monkeypatch, "2025-04-15")  # 400 days after the first window's end
    done = retain(site.store)
    assert done.tables_deleted == [FIRST]
    assert [path.name for path in (site.store / "sealed").iterdir()] == [SECOND.replace("/", "_")]
    with pytest.raises(RefusedError, match="has no tables any more, by the retention schedule") as refusal:
        release(other, site.store, site.folder / "refused")
    assert refusal.value.rule == "retention"
    assert len(site.sql("SELECT state FROM charges")) == 1
    again = release(kept, site.store, site.folder / "after")
    assert (again.again, again.stale) == (True, False)
    release(site.plan(window=SECOND), site.store, site.folder / "second")


def test_a_window_that_nobody_was_in_cannot_be_measured_either(
    sealed_site: Site, copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the refusal would tell who was there."""
    site = scheduled(copy(sealed_site), sealed_days=400)
    at(monkeypatch, "2025-04-15")
    retain(site.store)
    with pytest.raises(RefusedError, match="retention schedule"):
        release(site.plan(window="2024-02-26/2024-03-04"), site.store, site.folder / "refused")


def test_a_run_is_filed(taken_site: Site, copy: Copy) -> None:
    site = copy(taken_site)
    done: list[Retained] = [retain(site.store), retain(site.store)]
    filed: list[Any] = site.sql("SELECT id, schedule_digest, receipt FROM retention_runs ORDER BY id")
    assert [(number, digest) for number, digest, _ in filed] == [(d.run, d.schedule.digest) for d in done]
    assert [d.run for d in done] == [1, 2]
    assert '"keys_destroyed": ["2024-03-04/2024-03-11", "2024-03-11/2024-03-18"]' in filed[0][2]
    assert '"keys_destroyed": []' in filed[1][2]


def test_a_schedule_that_was_shortened_is_applied_at_the_next_run(sealed_site: Site, copy: Copy) -> None:
    site = copy(sealed_site)
    days = (time.time() - Store(site.store).calendar.named(FIRST).end) // DAY
    scheduled(site, pseudonym_key_days=int(days) + 1)
    assert retain(site.store).keys_destroyed == []
    scheduled(site, pseudonym_key_days=int(days) - 1)
    assert FIRST in retain(site.store).keys_destroyed


def test_pings_of_no_old_window_wait_after_it(empty_site: Site, feed: Path, copy: Copy) -> None:
    site = copy(empty_site)
    site.ok("intake", feed, "--supplier", "acme")
    retain(site.store)
    assert list((site.store / "open").iterdir()) == []
    assert seal(site.store) == []
