"""What lies on the disk: nothing that tells a device or a place while a window is open, less when it is sealed."""

from __future__ import annotations

import gzip
import struct
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hereabouts.feeds.ids.identifiers import canonical_id, pseudonyms
from hereabouts.store.keys import PINGS, PSEUDONYMS, Keys

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

FIRST, SECOND = "2024-03-04_2024-03-11", "2024-03-11_2024-03-18"


def traces(feed: Path) -> set[bytes]:
    """How ids, positions and times of pings could stand on the disk: as text, as numbers, either way round."""
    found: set[bytes] = set()
    for file in sorted(feed.iterdir()):
        for row in pq.read_table(file).to_pylist()[::20]:
            name = canonical_id(row["device_id"])
            digits = name.replace("-", "")
            found |= {spelled.encode() for spelled in (name, digits, name.upper(), digits.upper())}
            found.add(bytes.fromhex(digits))
            for degrees in (row["latitude"], row["longitude"]):
                found |= {struct.pack("<d", degrees), struct.pack(">d", degrees), repr(degrees).encode()}
            milliseconds = round(row["timestamp"].timestamp() * 1000)
            found |= {struct.pack("<q", milliseconds // 1000), struct.pack("<q", milliseconds)}
    return found


def found_in(folder: Path, wanted: set[bytes]) -> set[bytes]:
    """The traces that are anywhere in the files of a folder."""
    lengths = {len(trace) for trace in wanted}
    found = set()
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for length in lengths:
                found |= wanted & {content[at : at + length] for at in range(len(content) - length + 1)}
    return found


def test_the_search_itself_finds_what_is_in_clear(feed: Path, tmp_path: Path) -> None:
    wanted = traces(feed)
    assert len(wanted) > 1000
    row = pq.read_table(feed / "part-0000.parquet").to_pylist()[0]
    (tmp_path / "leak").write_bytes(b"?" + struct.pack("<d", row["latitude"]) + b"?")
    (tmp_path / "leak too").write_bytes(b"?" + canonical_id(row["device_id"]).encode())
    assert len(found_in(tmp_path, wanted)) == 2


@pytest.mark.parametrize("state", ["open", "sealed"])
def test_no_file_of_a_store_holds_an_id_or_a_position(
    state: str, taken_site: Site, sealed_site: Site, feed: Path
) -> None:
    # Sealed tables are compressed, which would hide much from a search: their columns have a test of their own.
    site = taken_site if state == "open" else sealed_site
    assert found_in(site.store, traces(feed)) == set()
    assert found_in(site.folder / "store.keys", traces(feed)) == set()


def test_the_key_of_pings_is_destroyed_with_them(taken_site: Site, sealed_site: Site) -> None:
    def keys(site: Site) -> set[str]:
        return {path.name for path in site.keys.iterdir()} - {"log.key"}

    assert keys(taken_site) == {f"{window}.{use}.key" for window in (FIRST, SECOND) for use in (PINGS, PSEUDONYMS)}
    assert keys(sealed_site) == {f"{window}.{PSEUDONYMS}.key" for window in (FIRST, SECOND)}
    assert list((sealed_site.store / "open").iterdir()) == []
    assert list((taken_site.store / "open").iterdir()) != []


def ids_of(feed: Path) -> list[str]:
    """The devices of a feed, each once."""
    return sorted(
        {canonical_id(name) for file in feed.iterdir() for name in pq.read_table(file)["device_id"].to_pylist()}
    )


def list_of(ids: list[str], site: Site) -> Path:
    """A list of ids to withdraw."""
    path = site.folder.parent / "ids.txt"
    path.write_text("".join(f"{name}\n" for name in ids), encoding="utf-8")
    return path


@pytest.mark.parametrize("state", ["open", "sealed"])
def test_withdrawn_ids_are_nowhere_and_tokens_alone_are_kept(
    state: str, taken_site: Site, sealed_site: Site, feed: Path, copy: Copy
) -> None:
    site = copy(taken_site if state == "open" else sealed_site)
    gone = ids_of(feed)[::4]
    site.ok("withdraw", list_of(gone, site))
    assert found_in(site.store, traces(feed)) == set()
    assert found_in(site.folder / "store.keys", traces(feed)) == set()
    (tokens,) = (site.store / "withdrawn").iterdir()
    expected = pseudonyms(pa.array(gone), (site.keys / "suppression.key").read_bytes())
    assert tokens.read_bytes() == expected[np.lexsort((expected[:, 1], expected[:, 0]))].astype(">u8").tobytes()
    assert tokens.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("state", ["open", "sealed"])
def test_withdrawn_devices_have_no_name_left_in_any_file(
    state: str, taken_site: Site, sealed_site: Site, feed: Path, copy: Copy
) -> None:
    """Not even by their pseudonyms, which the key of their window still makes."""
    site = copy(taken_site if state == "open" else sealed_site)
    names = ids_of(feed)
    site.ok("withdraw", list_of(names[::4], site))
    site.ok("seal")
    for window in (FIRST, SECOND):
        key = (site.keys / f"{window}.{PSEUDONYMS}.key").read_bytes()
        made = [half.astype(">u8").tobytes() for half in pseudonyms(pa.array(names), key)]
        kept = {
            device.as_py() for table in site.tables(window.replace("_", "/")).values() for device in table["device"]
        }
        assert kept & set(made[::4]) == set()
        assert len(kept & {*made}) > 15, "the others are there"


@pytest.mark.parametrize("state", ["open", "sealed"])
def test_retention_leaves_no_key_of_a_window(
    state: str, taken_site: Site, sealed_site: Site, feed: Path, copy: Copy
) -> None:
    site = copy(taken_site if state == "open" else sealed_site)
    site.ok("withdraw", list_of(ids_of(feed)[:3], site))
    site.ok("retain")
    assert sorted(path.name for path in site.keys.iterdir()) == ["log.key", "suppression.key"]
    assert list((site.store / "open").iterdir()) == []
    assert found_in(site.store, traces(feed)) == set()


def test_no_command_puts_pings_into_temporary_files(
    empty_site: Site, feed: Path, copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They would lie outside the store, in clear, on whatever disk: so there is no place for them at all."""
    site = copy(empty_site)
    monkeypatch.setattr(tempfile, "tempdir", str(site.folder / "nowhere"))
    row = "f3ab9e5e-6d0f-4f0c-9b2b-5a1d1f6f7a10,2024-03-05T00:00:00Z,52.3,-1.1,true"
    packed = site.folder / "part-0000.parquet.gz"
    packed.write_bytes(gzip.compress((feed / "part-0000.parquet").read_bytes()))
    for given in (packed, feed, site.csv([row])):
        site.ok("intake", given, "--supplier", "acme")
    site.ok("withdraw", list_of(ids_of(feed)[:3], site))
    site.ok("seal")
    site.ok("release", site.plan(), "--out", site.folder / "release")
    site.ok("retain")


def test_keys_and_store_are_their_owners_alone(taken_site: Site) -> None:
    def mode(path: Path) -> int:
        return path.stat().st_mode & 0o777

    assert mode(taken_site.store) == mode(taken_site.folder / "store.keys") == mode(taken_site.keys) == 0o700
    assert {mode(key) for key in taken_site.keys.iterdir()} == {0o600}
    assert mode(taken_site.store / "state.sqlite") == 0o600


def test_pseudonyms_of_two_windows_have_nothing_in_common(sealed_site: Site) -> None:
    """Most of the sixty devices are in both."""
    first, second = (
        {
            device.as_py()
            for table in sealed_site.tables(window.replace("_", "/")).values()
            for device in table["device"]
        }
        for window in (FIRST, SECOND)
    )
    assert min(len(first), len(second)) > 20
    assert first & second == set()


def test_two_stores_give_a_device_two_names(sealed_site: Site, empty_site: Site, feed: Path, copy: Copy) -> None:
    site = copy(empty_site)
    site.ok("intake", feed, "--supplier", "acme")
    site.ok("seal")
    devices: list[set[Any]] = [
        {device.as_py() for device in found.tables()["presence"]["device"]} for found in (site, sealed_site)
    ]
    assert devices[0] & devices[1] == set()


def test_a_lost_pseudonym_key_is_not_replaced(taken_site: Site, copy: Copy) -> None:
    """A second key would make two devices of one, which could then add twice what one may."""
    site = copy(taken_site)
    (site.keys / f"{FIRST}.{PSEUDONYMS}.key").unlink()
    before = site.state()
    more = site.csv(["a,2024-03-05T00:00:00Z,52.3,-1.1,true"])
    site.run("intake", more, "--supplier", "acme").refuses(6, f"{FIRST}.{PSEUDONYMS}.key", "restore")
    assert site.state() == before


def test_a_lost_key_folder_is_not_replaced(taken_site: Site, copy: Copy) -> None:
    site = copy(taken_site)
    site.keys.rename(site.folder / "elsewhere")
    before = site.state()
    for command in (["seal"], ["intake", site.csv(["a,2024-03-05T00:00:00Z,52.3,-1.1,true"]), "--supplier", "acme"]):
        site.run(*command).refuses(6, "key folder", "bring it back")
    assert site.state() == before
    assert list((site.folder / "store.keys").iterdir()) == []


def test_stores_that_share_a_key_folder_keep_their_keys_apart(sealed_site: Site, tmp_path: Path) -> None:
    """Sealing one must not destroy the key of the other's pings."""
    keys = [Keys(tmp_path / "keys", store, make=True) for store in ("a", "b")]
    made = [key.get_or_make(FIRST, PINGS) for key in keys]
    keys[0].destroy(FIRST, PINGS)
    assert keys[1].get(FIRST, PINGS) == made[1] != made[0]
