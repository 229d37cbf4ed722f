"""Buckets that others seal: as if this machine had. No Spark here; see test_equal.py for the real one."""

from __future__ import annotations

import pickle
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any, cast

from hereabouts.engines.local import seal_window as seal_here
from hereabouts.engines.spark.sealing import seal_window
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from hereabouts.engines.spark.cluster import Cluster
    from tests.conftest import Copy, Site

FIRST = "2024-03-04/2024-03-11"


class Twice:
    """Does everything twice, and forgets the first time."""

    def each(self, work: Any, items: Sequence[Any], shared: Any) -> Generator[Any]:
        for number, item in enumerate(items):
            for time in range(2):
                found = work(pickle.loads(pickle.dumps(item)), shared, f"{number}-{time}")  # noqa: S301 - our own
            yield found


def test_it_is_as_if_this_machine_had_done_it(taken_site: Site, copy: Copy) -> None:
    one, two = copy(taken_site), copy(taken_site)
    told: list[int] = []
    counts = []
    for site in (one, two):
        store = Store(site.store)
        window = store.calendar.named(FIRST)
        with store.locked():
            if site is one:
                counts.append(seal_here(store, window, lambda *_: None))
            else:
                cluster = cast("Cluster", Twice())
                counts.append(seal_window(store, window, lambda done, _: told.append(done), cluster))
    assert counts[0] == counts[1]
    assert told == list(range(1, 257))
    assert one.state() == two.state()
