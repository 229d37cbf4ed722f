"""Seeking: who has a row in a window, sealed or open, in every table, and nothing is changed by it (WITHDRAW)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq
import pytest

from hereabouts.engines.seek import found_in
from hereabouts.store.rewrite import names_of
from hereabouts.store.store import Store
from hereabouts.store.suppression import Tokens, distinct

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

FIRST = "2024-03-04/2024-03-11"
STRANGERS = np.array([[1, 2], [2**64 - 1, 7]], np.uint64)


def everybody(site: Site) -> Tokens:
    """Pseudonyms in the first window of all devices with a row in a table."""
    column = site.tables(FIRST)["presence"]["device"].combine_chunks()
    return distinct(names_of(column.dictionary if hasattr(column, "dictionary") else column))


@pytest.mark.parametrize("sealed", [False, True])
def test_each_device_is_told_from_strangers(sealed: bool, taken_site: Site, sealed_site: Site, copy: Copy) -> None:
    site = copy(sealed_site if sealed else taken_site)
    store, before, known = Store(site.store), site.state(), everybody(sealed_site)
    wanted = np.concatenate([STRANGERS[:1], known[::2], known[:1], STRANGERS[1:]])
    found = found_in(store, store.calendar.named(FIRST), sealed, wanted)
    assert found.tolist() == [False, *[True] * (len(wanted) - 2), False]
    assert site.state() == before


def test_a_device_that_is_left_in_one_table_is_found(sealed_site: Site, copy: Copy) -> None:
    """A purge by places may take its presence and leave a trip."""
    site = copy(sealed_site)
    known = everybody(site)
    for table in ("presence", "stays"):
        for path in (site.store / "sealed" / FIRST.replace("/", "_") / table).glob("*.parquet"):
            pq.write_table(pq.ParquetFile(path).read().slice(0, 0), path)
    store = Store(site.store)
    found = found_in(store, store.calendar.named(FIRST), True, known)
    travelled = len(set(site.tables(FIRST)["trips"]["device"].to_pylist()))
    assert 0 < found.sum() == travelled < len(known)


def test_nobody_is_in_a_window_without_files(empty_site: Site) -> None:
    store = Store(empty_site.store)
    window = store.calendar.named(FIRST)
    for sealed in (False, True):
        assert not found_in(store, window, sealed, STRANGERS).any()
        assert found_in(store, window, sealed, STRANGERS[:0]).shape == (0,)
