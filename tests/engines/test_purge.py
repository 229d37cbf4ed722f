"""Purging a window: what lies at places, and all of withdrawn devices, is gone, and nothing else (SL-PURGE, DELETE)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from hereabouts.engines.purge import Purge, held, prove_removed
from hereabouts.errors import MachineError, VerificationError
from hereabouts.feeds.ids.identifiers import canonical_id, pseudonyms
from hereabouts.feeds.places.cells import cells_touched
from hereabouts.feeds.places.gate import PlaceGate
from hereabouts.feeds.places.listing import PlaceList
from hereabouts.store import rewrite
from hereabouts.store.blobs import in_files
from hereabouts.store.keys import PINGS, PSEUDONYMS
from hereabouts.store.open_window import Pings, filter_window
from hereabouts.store.sealing import sealing_folder
from hereabouts.store.store import Store
from hereabouts.store.suppression import Members, Tokens, distinct

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

FIRST = "2024-03-04/2024-03-11"


def silent(done: int, of: int) -> None:
    """Show no progress."""


def some_ids(feed: Path, share: int = 5) -> list[str]:
    """Every fifth device of the first day."""
    table = pq.read_table(feed / "part-0000.parquet")
    return sorted({canonical_id(name) for name in table["device_id"].to_pylist()})[::share]


def names_in(store: Store, ids: list[str], window: str = FIRST) -> Tokens:
    key = store.keys.get(window.replace("/", "_"), PSEUDONYMS)
    return distinct(pseudonyms(pa.array(ids), key))


@pytest.fixture(scope="module")
def places(feed: Path, tmp_path_factory: pytest.TempPathFactory) -> PlaceList:
    """Two places at which made-up devices were."""
    table = pq.read_table(feed / "part-0000.parquet")
    path = tmp_path_factory.mktemp("places") / "list.csv"
    rows = [
        f"{category},{table['latitude'][row].as_py()},{table['longitude'][row].as_py()},40,60"
        for category, row in (("medical", 0), ("religious", 200))
    ]
    path.write_text("\n".join(["category,latitude,longitude,radius,margin", *rows]) + "\n", encoding="utf-8")
    return PlaceList.load(path)


def pings_of(store: Store, window: str = FIRST) -> Pings:
    """All pings that wait in a window."""
    found: list[Pings] = []

    def look(pings: Pings) -> NDArray[np.bool_]:
        found.append(pings)
        return np.ones(len(pings), np.bool_)

    folder = window.replace("/", "_")
    filter_window(store.open_folder, folder, store.keys.get(folder, PINGS), look)
    return Pings.concatenate(found)


def test_devices_go_from_an_open_window(taken_site: Site, feed: Path, copy: Copy) -> None:
    store = Store(copy(taken_site).store)
    window = store.calendar.named(FIRST)
    names = names_in(store, some_ids(feed))
    before = pings_of(store)
    gone = Members(names).include(before.pseudonym)
    assert 0 < gone.sum() < len(before)
    assert held(store, window, sealed=False) == {"pings": len(before)}
    Purge(store).open_window(window, names)
    after = pings_of(store)
    assert np.array_equal(after.time, before.time[~gone])
    assert np.array_equal(after.pseudonym, before.pseudonym[~gone])
    assert held(store, window, sealed=False) == {"pings": len(after)}
    assert prove_removed(store, window, sealed=False, devices=names) > 0


def test_pings_at_places_go_from_an_open_window(taken_site: Site, places: PlaceList, copy: Copy) -> None:
    store = Store(copy(taken_site).store)
    window = store.calendar.named(FIRST)
    gate = PlaceGate(places)
    before = pings_of(store)
    at = gate.at(before.latitude, before.longitude) >= 0
    assert 0 < at.sum() < len(before)
    Purge(store, places).open_window(window)
    after = pings_of(store)
    assert np.array_equal(after.latitude, before.latitude[~at])
    assert not (gate.at(after.latitude, after.longitude) >= 0).any()


def test_rows_go_from_a_sealed_window(sealed_site: Site, feed: Path, places: PlaceList, copy: Copy) -> None:
    site = copy(sealed_site)
    store = Store(site.store)
    window = store.calendar.named(FIRST)
    names = names_in(store, some_ids(feed))
    cells = cells_touched(places, store.facts.resolution)
    before = site.tables(FIRST)
    told: list[tuple[int, int]] = []
    Purge(store, places).sealed_window(window, lambda done, of: told.append((done, of)), names)
    after = site.tables(FIRST)
    gone = {name.astype(">u8").tobytes() for name in names}
    for table, columns in rewrite.CELLS.items():
        rows = before[table].to_pylist()
        kept = [r for r in rows if r["device"] not in gone and not {r[c] for c in columns} & set(cells.tolist())]
        assert 0 < len(kept) < len(rows)
        assert after[table].to_pylist() == kept
    assert held(store, window, sealed=True) == {table: content.num_rows for table, content in after.items()}
    assert told[-1][0] == told[-1][1] == len(told) == prove_removed(store, window, sealed=True, devices=names)


@pytest.mark.parametrize("sealed", [True, False])
def test_done_again_it_finds_nothing(
    sealed: bool, taken_site: Site, sealed_site: Site, feed: Path, places: PlaceList, copy: Copy
) -> None:
    site = copy(sealed_site if sealed else taken_site)
    store = Store(site.store)
    window = store.calendar.named(FIRST)
    names = names_in(store, some_ids(feed))
    states = []
    for _ in range(2):
        purge = Purge(store, places)
        if sealed:
            purge.sealed_window(window, silent, names)
        else:
            purge.open_window(window, names)
        states.append(site.state())
    assert states[0] == states[1]


def test_what_a_seal_that_was_cut_off_made_goes_first(taken_site: Site, sealed_site: Site, copy: Copy) -> None:
    """Tables of an open window, whole or half: the next seal makes them anew, of what is left."""
    site = copy(taken_site)
    before = site.state()
    store = Store(site.store)
    window = store.calendar.named(FIRST)
    in_files(store.sealed_folder(window)).mkdir()
    (sealing_folder(store, window) / "trips").mkdir(parents=True)
    Purge(store).open_window(window)
    assert site.state() == before


def test_a_window_that_nobody_was_in_needs_no_key(empty_site: Site, places: PlaceList, copy: Copy) -> None:
    store = Store(copy(empty_site).store)
    window = store.calendar.named(FIRST)
    Purge(store, places).open_window(window)
    Purge(store, places).sealed_window(window, silent)
    nobody: Tokens = np.array([[1, 2]], dtype=np.uint64)
    for sealed in (True, False):
        assert prove_removed(store, window, sealed=sealed, devices=nobody) == 0
        assert set(held(store, window, sealed=sealed).values()) == {0}


def test_the_proof_fails_where_something_is_left(taken_site: Site, sealed_site: Site, feed: Path, copy: Copy) -> None:
    for site, sealed in ((taken_site, False), (sealed_site, True)):
        store = Store(copy(site).store)
        names = names_in(store, some_ids(feed))
        with pytest.raises(VerificationError, match=r"still has [0-9,]+ rows of withdrawn devices"):
            prove_removed(store, store.calendar.named(FIRST), sealed=sealed, devices=names)


def test_a_lost_key_of_pings_is_an_error(taken_site: Site, places: PlaceList, copy: Copy) -> None:
    site = copy(taken_site)
    store = Store(site.store)
    window = store.calendar.named(FIRST)
    (site.keys / f"{window.folder}.{PINGS}.key").unlink()
    with pytest.raises(MachineError, match="restore it from a copy"):
        Purge(store, places).open_window(window)
