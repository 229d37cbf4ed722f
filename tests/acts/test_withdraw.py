"""Withdraw: gone from every window that can be reached, as if they had never been in it (WITHDRAW, DELETE)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from hereabouts.acts import intake, seal
from hereabouts.acts.retain import retain
from hereabouts.acts.withdraw import list_withdrawals, withdraw
from hereabouts.errors import BadInputError, MachineError, UsageError
from hereabouts.feeds.ids.identifiers import canonical_id, pseudonyms
from hereabouts.rules.fewest import FEWEST
from hereabouts.store.keys import PSEUDONYMS
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

FIRST, SECOND = "2024-03-04/2024-03-11", "2024-03-11/2024-03-18"
TODAY = dt.datetime.now(dt.UTC).date()


@pytest.fixture(scope="module")
def spelled(feed: Path) -> list[str]:
    """Ids of every other device of the first day, in capitals: enough for a receipt that counts."""
    table = pq.read_table(feed / "part-0000.parquet")
    found = [name.upper() for name in sorted({canonical_id(name) for name in table["device_id"].to_pylist()})[::2]]
    assert len(found) > FEWEST
    return found


@pytest.fixture
def ids(spelled: list[str], tmp_path: Path) -> Path:
    path = tmp_path / "ids.txt"
    path.write_text("\n".join(spelled) + "\n", encoding="utf-8")
    return path


def without(feed: Path, spelled: list[str], to: Path) -> Path:
    """The feed as it would have been without these devices."""
    to.mkdir()
    gone = pa.array({canonical_id(name) for name in spelled})
    for file in sorted(feed.glob("*.parquet")):
        table = pq.read_table(file)
        names = pa.array([canonical_id(name) for name in table["device_id"].to_pylist()])
        pq.write_table(table.filter(pc.invert(pc.is_in(names, gone))), to / file.name)
    return to


@pytest.fixture(scope="module")
def never_there(
    empty_site: Site, taken_site: Site, feed: Path, spelled: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Site:
    """A sealed store that never had these devices, with the keys of `taken_site`: even pseudonyms must agree."""
    site = empty_site.copy(tmp_path_factory.mktemp("never") / "site")
    for key in taken_site.keys.iterdir():
        (site.keys / key.name).write_bytes(key.read_bytes())
    intake([without(feed, spelled, site.folder / "feed")], site.store, "acme")
    seal(site.store)
    return site


@pytest.mark.parametrize("sealed_first", [True, False])
def test_what_is_left_is_a_store_that_never_had_them(
    sealed_first: bool, taken_site: Site, sealed_site: Site, never_there: Site, ids: Path, copy: Copy
) -> None:
    site = copy(sealed_site if sealed_first else taken_site)
    withdraw(site.store, ids)
    if not sealed_first:
        seal(site.store)
    for window in (FIRST, SECOND):
        assert site.tables(window) == never_there.tables(window)


def test_they_are_kept_out_from_then_on(
    empty_site: Site, feed: Path, spelled: list[str], ids: Path, never_there: Site, copy: Copy
) -> None:
    """Also from windows whose key did not yet exist when they were withdrawn."""
    site = copy(empty_site)
    receipt = withdraw(site.store, ids)
    assert (receipt.windows, receipt.unreachable) == ({}, [])
    receipts = intake([feed], site.store, "acme")
    assert sum(r.dropped.get("withdrawn", 0) for r in receipts) > 0
    seal(site.store)
    for window in (FIRST, SECOND):
        found, expected = site.tables(window), never_there.tables(window)
        assert {name: len(table) for name, table in found.items()} == {n: len(t) for n, t in expected.items()}
        assert len(set(found["presence"]["device"].to_pylist())) == len(set(expected["presence"]["device"].to_pylist()))


def test_the_receipt_says_what_went(
    taken_site: Site, sealed_site: Site, ids: Path, spelled: list[str], copy: Copy
) -> None:
    with ids.open("ab") as file:
        file.write(spelled[0].lower().encode() + b"\n\n" + b"00000000-0000-0000-0000-000000000000\n\xff\n")
    for number, (site, tables) in enumerate(
        [(taken_site, {"pings"}), (sealed_site, {"presence", "stays", "trips"})], start=1
    ):
        copied = copy(site)
        before = copied.tables(FIRST) if number == 2 else {}
        asked = TODAY - dt.timedelta(days=3)
        receipt = withdraw(copied.store, ids, requested=asked, source="state registry")
        assert (receipt.given, receipt.invalid, receipt.distinct) == (len(spelled) + 3, 2, len(spelled))
        assert (receipt.version, receipt.source, receipt.requested, receipt.again) == (1, "state registry", asked, 0)
        assert receipt.latency_days == 3
        assert (receipt.unreachable, receipt.last_import, receipt.confidential) == ([], None, True)
        assert set(receipt.windows) == {FIRST, SECOND}
        for rows in receipt.windows.values():
            assert set(rows) == tables | {"files_read_again", "found_again"}
            assert rows["found_again"] == 0 < rows["files_read_again"]
        assert all(receipt.windows[FIRST][table] > 0 for table in tables)
        for table, content in before.items():
            left = copied.tables(FIRST)[table].num_rows
            assert receipt.windows[FIRST][table] == content.num_rows - left
        assert list_withdrawals(copied.store) == [receipt]


def gone_from(site: Site, names: list[str]) -> int:
    """How many devices have no row in any table of a sealed store, by the tables themselves."""
    met: set[str] = set()
    for window in (FIRST, SECOND):
        key = Store(site.store).keys.get(window.replace("/", "_"), PSEUDONYMS)
        codes = [code.tobytes() for code in pseudonyms(pa.array(names), key).astype(">u8")]
        there = {code for table in site.tables(window).values() for code in table["device"].to_pylist()}
        met |= {name for name, code in zip(names, codes, strict=True) if code in there}
    return len(names) - len(met)


@pytest.mark.parametrize("sealed", [False, True])
def test_it_says_how_many_devices_were_found_nowhere(
    sealed: bool, taken_site: Site, sealed_site: Site, ids: Path, spelled: list[str], copy: Copy
) -> None:
    """A list that names others than it should would be filed as done, and nobody would know."""
    site = copy(sealed_site if sealed else taken_site)
    strangers = [str(uuid.UUID(int=number)) for number in range(1, 8)]
    with ids.open("a", encoding="utf-8") as file:
        file.writelines(f"{name}\n" for name in [*strangers, strangers[0].upper(), spelled[0].lower()])
    expected = gone_from(sealed_site, spelled) + len(strangers)
    receipt = withdraw(site.store, ids)
    assert receipt.found_nowhere == expected < receipt.distinct == len(spelled) + len(strangers)
    again = withdraw(site.store, ids)
    assert again.found_nowhere == again.distinct == again.again, "they are gone"
    assert [found.found_nowhere for found in list_withdrawals(site.store)] == [expected, again.distinct]


def test_devices_of_a_single_window_are_found(sealed_site: Site, ids: Path, copy: Copy) -> None:
    """One of the windows is out of reach, and open windows lie beside sealed ones."""
    site = copy(sealed_site)
    (site.keys / f"{FIRST.replace('/', '_')}.{PSEUDONYMS}.key").unlink()
    known = {name for (name,) in site.sql("SELECT name FROM windows")}
    assert known == {FIRST, SECOND}
    receipt = withdraw(site.store, ids)
    assert receipt.found_nowhere is not None
    assert receipt.unreachable == [FIRST]
    assert receipt.found_nowhere < receipt.distinct


def test_a_damaged_file_does_not_let_the_devices_in(
    sealed_site: Site, ids: Path, spelled: list[str], copy: Copy
) -> None:
    """Whether they are found is told last of all: they are kept out although it cannot be."""
    site = copy(sealed_site)
    for file in (site.store / "sealed" / FIRST.replace("/", "_") / "presence").glob("*.parquet"):
        content = file.read_bytes()
        file.write_bytes(content[:4] + bytes(len(content) // 4) + content[4 + len(content) // 4 :])
    with pytest.raises(MachineError):
        withdraw(site.store, ids)
    assert len(Store(site.store).suppressed()) == len(spelled)
    assert list_withdrawals(site.store)[0].found_nowhere is None


@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize("count", [1, FEWEST - 1])
def test_of_few_devices_nothing_is_counted(
    sealed: bool, count: int, taken_site: Site, sealed_site: Site, ids: Path, spelled: list[str], copy: Copy
) -> None:
    """One line would else give the rows of one person, window by window, after they are gone. Repeats do not help."""
    site = copy(sealed_site if sealed else taken_site)
    ids.write_text("\n".join([*spelled[:count], *[spelled[0].lower()] * FEWEST]) + "\n", encoding="utf-8")
    receipt = withdraw(site.store, ids)
    assert (receipt.distinct, receipt.found_nowhere) == (count, None)
    assert set(receipt.windows) == {FIRST, SECOND}
    for rows in receipt.windows.values():
        assert set(rows) == {"files_read_again", "found_again"}
        assert rows["found_again"] == 0
    assert list_withdrawals(site.store) == [receipt]


def test_withdrawn_again_they_are_gone_already(sealed_site: Site, ids: Path, spelled: list[str], copy: Copy) -> None:
    """DROP-SYNC: a list is handed in again every 45 days, with old ids and new ones."""
    site = copy(sealed_site)
    first = withdraw(site.store, ids, source="registry")
    tables = site.tables(FIRST)
    second = withdraw(site.store, ids, source="registry")
    assert (second.version, second.again, second.distinct) == (2, len(spelled), len(spelled))
    assert second.last_import == first.finished
    assert {rows[table] for rows in second.windows.values() for table in ("presence", "stays", "trips")} == {0}
    assert site.tables(FIRST) == tables
    assert len(Store(site.store).suppressed()) == len(spelled)


def test_no_id_and_no_pseudonym_is_kept(sealed_site: Site, ids: Path, spelled: list[str], copy: Copy) -> None:
    site = copy(sealed_site)
    receipt = withdraw(site.store, ids)
    said = json.dumps(dataclasses.asdict(receipt), default=str)
    whole = b"".join(path.read_bytes() for path in site.folder.rglob("*") if path.is_file())
    for name in spelled:
        for written in (name, name.lower(), name.lower().replace("-", "")):
            assert written not in said
            assert written.encode() not in whole
    assert {path.name for path in (site.store / "withdrawn").iterdir()} == {"0001.tokens"}
    assert {path.name for path in site.keys.iterdir()} == {
        *(path.name for path in sealed_site.keys.iterdir()),
        "suppression.key",
    }


def test_windows_whose_key_is_gone_are_named(sealed_site: Site, ids: Path, copy: Copy) -> None:
    """By the schedule, or by accident: the latter can be mended, and the list handed in again."""
    site = copy(sealed_site)
    key = site.keys / f"{FIRST.replace('/', '_')}.{PSEUDONYMS}.key"
    content = key.read_bytes()
    key.unlink()
    before = site.tables(FIRST)
    receipt = withdraw(site.store, ids)
    assert receipt.unreachable == [FIRST]
    assert receipt.windows[FIRST]["presence"] == 0 < receipt.windows[SECOND]["presence"]
    assert site.tables(FIRST) == before
    key.write_bytes(content)
    again = withdraw(site.store, ids)
    assert again.unreachable == []
    assert again.windows[FIRST]["presence"] > 0


def test_windows_beyond_retention_keep_their_data(sealed_site: Site, ids: Path, copy: Copy) -> None:
    """Nothing of theirs changes, so nothing of theirs becomes stale; nor of a window that nobody was in."""
    site = copy(sealed_site)
    store = Store(site.store)
    store.mark_empty(store.calendar.named("2024-02-26/2024-03-04"))
    retain(site.store)
    until = store.retention.keys_until()
    before = {k.window.name: k.data_version for k in store.windows() if k.window.end <= until}
    assert set(before) == {"2024-02-26/2024-03-04", FIRST, SECOND}
    receipt = withdraw(site.store, ids)
    assert set(receipt.windows).isdisjoint(before)
    assert receipt.unreachable == [FIRST, SECOND]
    assert {k.window.name: k.data_version for k in store.windows() if k.window.end <= until} == before
    assert {known.withdrawals_version for known in store.windows()} == {1}


def test_what_cannot_be_withdrawn(sealed_site: Site, tmp_path: Path, copy: Copy) -> None:
    site = copy(sealed_site)
    before = site.state()
    with pytest.raises(BadInputError, match="no such file"):
        withdraw(site.store, tmp_path / "none.txt")
    (tmp_path / "table.csv").write_text('"a","2026-01-02"\n')
    with pytest.raises(BadInputError, match="expected ids alone"):
        withdraw(site.store, tmp_path / "table.csv")
    (tmp_path / "ids.txt").write_text("a\n")
    with pytest.raises(UsageError, match="expected a day that has begun"):
        withdraw(site.store, tmp_path / "ids.txt", requested=TODAY + dt.timedelta(days=1))
    with pytest.raises(UsageError, match="is this a store"):
        withdraw(tmp_path, tmp_path / "ids.txt")
    assert site.state() == before


def test_a_lost_suppression_key_stops_intake_and_withdrawal(
    empty_site: Site, feed: Path, ids: Path, copy: Copy
) -> None:
    site = copy(empty_site)
    withdraw(site.store, ids)
    (site.keys / "suppression.key").unlink()
    with pytest.raises(MachineError, match=r"suppression\.key.*restore it from a copy"):
        withdraw(site.store, ids)
    with pytest.raises(MachineError, match=r"suppression\.key.*restore it from a copy"):
        intake([feed], site.store, "acme")
    assert not (site.keys / "suppression.key").exists()
