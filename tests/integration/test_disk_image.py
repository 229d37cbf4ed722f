"""The whole disk under a store, byte by byte: journal, SQLite's WAL and freed blocks hold no id, key or position.

A file system on a file is mounted, a store lives on it through its whole life, and after each act the disk is taken
out and searched raw: what a thief of the machine, or a later owner of the disk, could find. Keys lie on another disk.
Temporary files of the commands lie on this one, so that they are searched too. The suppression list is on it, and
holds ids as keyed hashes alone, which the search would not know. SQLite and ext4 do not compress; sealed tables are
compressed, and tests/store holds their columns to the schema.
"""

from __future__ import annotations

import base64
import hashlib
import os
import random
import struct
import subprocess
import sys
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from hereabouts.feeds.ids.identifiers import canonical_id

if TYPE_CHECKING:
    from tests.conftest import Needs
    from tests.integration.conftest import Forks

DEVICES, DAYS, BEATS = 30, 14, 5
MONDAY = datetime(2024, 3, 4, tzinfo=UTC)
Traces = dict[str, set[bytes]]


@dataclass(frozen=True)
class Ping:
    """A row of the feed; its position is given to a tenth of a metre."""

    device: str
    time: datetime
    latitude: float
    longitude: float


@pytest.fixture(scope="module")
def pings() -> list[Ping]:
    """Two weeks of devices that go to and fro between three places, every ping at a position of its own."""
    chance = random.Random(20)  # noqa: S311 - made-up people
    made = []
    for number in range(DEVICES):
        one = uuid.UUID(int=chance.getrandbits(128), version=4)
        device = [f"handset-of-nobody-{number:04d}", str(one), one.hex.upper()][number % 3]
        spots = [(52.3 + chance.gauss(0, 0.03), -1.1 + chance.gauss(0, 0.04)) for _ in range(3)]
        for day in range(DAYS):
            for beat in range(BEATS):
                time = MONDAY + timedelta(days=day, hours=7 + 2 * beat, minutes=chance.randrange(40))
                latitude, longitude = spots[beat // 2]
                for _ in range(2):
                    time += timedelta(seconds=chance.randrange(601, 1199))
                    at = [round(x + chance.gauss(0, 3e-4), 6) for x in (latitude, longitude)]
                    made.append(Ping(device, time, *at))
    return made


def written(pings: list[Ping], path: Path) -> Path:
    """Write a CSV feed."""
    lines = [f"{p.device},{p.time:%Y-%m-%dT%H:%M:%SZ},{p.latitude:.6f},{p.longitude:.6f},true" for p in pings]
    path.write_text("\n".join(["device_id,timestamp,latitude,longitude,consent", *lines]) + "\n", encoding="utf-8")
    return path


def traces_of_id(device: str) -> Traces:
    """An id in every spelling, as text, as bytes, and as what hashing without a key would make of it."""
    name = canonical_id(device)
    digits = name.replace("-", "")
    spelled = {device, name, name.upper(), digits, digits.upper(), device.encode().hex()}
    found: Traces = {"ids": {text.encode() for text in spelled}}
    found["ids"] |= {text.encode("utf-16-le") for text in spelled}
    hashes = (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.blake2b)
    plain = [new(name.encode(), usedforsecurity=False).digest() for new in hashes]
    found["hashes"] = {form for digest in plain for form in (digest[:16], digest.hex().encode()[:32])}
    if len(digits) == 32 and not device.startswith("handset"):
        whole = bytes.fromhex(digits)
        found["raw ids"] = {whole, whole[::-1], uuid.UUID(digits).bytes_le, whole[7::-1] + whole[:7:-1]}
    return found


def traces_of_position(ping: Ping) -> Traces:
    """A position as text of five decimals or more, as floating-point numbers, and as scaled whole ones."""
    both = ping.latitude, ping.longitude
    numbers = {struct.pack(f"{order}d", degrees) for order in "<>" for degrees in both}
    for pair in (both, both[::-1]):
        numbers |= {struct.pack(f"{order}2f", *pair) for order in "<>"}
        for scale in (10**5, 10**6, 10**7):
            whole = [round(degrees * scale) for degrees in pair]
            numbers |= {struct.pack(f"{order}2{size}", *whole) for order in "<>" for size in "iq"}
    return {"positions": numbers, "positions in text": {f"{degrees:.6f}"[:-1].encode() for degrees in both}}


def traces_of_time(time: datetime) -> Traces:
    """A time to the second, as text and as numbers of 64 bits of fractions of a second.

    Whole seconds are four bytes and four zeros: a file system's own random numbers look like one now and then.
    """
    epoch = int(time.timestamp())
    numbers = {struct.pack(f"{order}q", epoch * unit) for order in "<>" for unit in (1000, 10**6, 10**9)}
    text = {str(epoch), f"{time:%Y-%m-%dT%H:%M:%S}", f"{time:%Y-%m-%d %H:%M:%S}"}
    return {"times": numbers, "times in text": {spelled.encode() for spelled in text}}


def traces_of_seconds(first: datetime, second: datetime) -> Traces:
    """Two times that follow each other in a feed, in whole seconds."""
    both = [int(time.timestamp()) for time in (first, second)]
    return {"times": {struct.pack(f"{order}2{size}", *both) for order in "<>" for size in "iq"}}


def traces_of_key(content: bytes) -> Traces:
    """A key in halves, in hexadecimal digits and in base64."""
    text = content.hex()
    return {"keys": {content[:16], content[-16:], text.encode(), text.upper().encode(), base64.b64encode(content)[:40]}}


def merged(parts: Iterator[Traces]) -> Traces:
    """All traces of a kind together."""
    found: Traces = {}
    for part in parts:
        for kind, some in part.items():
            found.setdefault(kind, set()).update(some)
    return found


def traces_of_feed(pings: list[Ping]) -> Traces:
    """All that a feed must not leave behind. Hours are kept, so times at a full hour are no trace."""
    ids = (traces_of_id(device) for device in {ping.device for ping in pings})
    times = (traces_of_time(ping.time) for ping in pings if ping.time.minute or ping.time.second)
    seconds = (traces_of_seconds(first.time, second.time) for first, second in pairwise(pings))
    return merged(part for group in (ids, map(traces_of_position, pings), times, seconds) for part in group)


class Search:
    """Looks for traces anywhere in some bytes; each is of 8 bytes or more.

    Its first eight bytes are looked up at every offset; where they stand, the rest is compared.
    """

    def __init__(self, wanted: Traces) -> None:
        self._kinds = {trace: kind for kind, traces in wanted.items() for trace in traces}
        self._lengths: defaultdict[int, set[int]] = defaultdict(set)
        for trace in self._kinds:
            self._lengths[int.from_bytes(trace[:8], "little")].add(len(trace))
        self._starts = np.array(sorted(self._lengths), dtype=np.uint64)

    def of(self, content: bytes) -> Traces:
        """What is found, by kind."""
        found: Traces = {}
        for shift in range(8):
            words = np.frombuffer(content, "<u8", (len(content) - shift) // 8, shift)
            filled = np.flatnonzero(words)
            for place in filled[np.isin(words[filled], self._starts)]:
                at = int(place) * 8 + shift
                for trace in (content[at : at + length] for length in self._lengths[int(words[place])]):
                    if trace in self._kinds:
                        found.setdefault(self._kinds[trace], set()).add(trace)
        return found


class Disk:
    """An ext4 file system in a file, of 64 MiB: mounted while it is used, and searched while it is not."""

    def __init__(self, folder: Path) -> None:
        self.image = folder / "disk.img"
        self.root = folder / "disk"
        self.root.mkdir()
        with self.image.open("wb") as file:
            file.truncate(64 << 20)
        self._run("mkfs.ext4", "-q", "-F", self.image)

    @contextmanager
    def mounted(self) -> Iterator[Path]:
        self._run("mount", "-o", "loop", self.image, self.root)
        try:
            yield self.root
        finally:
            self._run("umount", self.root)

    def raw(self) -> bytes:
        """All blocks in which anything was ever written."""
        blocks = np.frombuffer(self.image.read_bytes(), np.uint8).reshape(-1, 4096)
        return blocks[blocks.any(axis=1)].tobytes()

    @staticmethod
    def _run(*command: object) -> None:
        subprocess.run([str(word) for word in command], check=True, capture_output=True)


@pytest.fixture(scope="module")
def disks(needs: Needs, tmp_path_factory: pytest.TempPathFactory) -> Any:
    needs(os.geteuid() == 0, "root, to mount a disk image")
    try:
        with Disk(tmp_path_factory.mktemp("trial")).mounted():
            pass
    except (OSError, subprocess.CalledProcessError):
        needs(False, "mkfs.ext4 and loop devices, to mount a disk image")
    return lambda: Disk(tmp_path_factory.mktemp("disk"))


class Life:
    """The life of a store on a disk; everything else lies elsewhere."""

    def __init__(self, disk: Disk, folder: Path) -> None:
        self.disk, self.store, self.keys = disk, disk.root / "store", folder / "keys"

    def act(self, *args: object) -> None:
        """Run a command as a process of its own, with its temporary files on the disk, and take the disk out again."""
        with self.disk.mounted() as root:
            (root / "tmp").mkdir(exist_ok=True)
            scratch = dict.fromkeys(("TMPDIR", "SQLITE_TMPDIR"), str(root / "tmp"))
            subprocess.run(
                [Path(sys.executable).with_name("hereabouts"), *map(str, args)],
                check=True, capture_output=True, env={**os.environ, **scratch},
            )  # fmt: skip

    def all_keys(self) -> set[bytes]:
        return {path.read_bytes() for path in self.keys.rglob("*") if path.is_file()}


def test_the_disk_holds_no_id_no_key_and_no_position(
    disks: Any, pings: list[Ping], forks: Forks, tmp_path: Path
) -> None:
    """After each stage of a store's life; keys that were destroyed meanwhile are looked for all the same."""
    life = Life(disks(), tmp_path)
    on_store, evidence, ids = ("--store", life.store), tmp_path / "evidence.txt", tmp_path / "ids.txt"
    evidence.write_text("Signed by everybody.\n", encoding="utf-8")
    gone = sorted({ping.device for ping in pings})[::5]
    ids.write_text("".join(f"{device}\n" for device in gone), encoding="utf-8")
    search = Search(traces_of_feed(pings))
    keys: set[bytes] = set()
    found = {}

    def look(stage: str) -> None:
        keys.update(life.all_keys())
        raw = life.disk.raw()
        found[stage] = search.of(raw) | Search(merged(map(traces_of_key, keys))).of(raw)

    life.act("init", life.store, "--keys", life.keys)
    life.act("supplier", "add", "acme", *on_store, "--consent-evidence", evidence, "--expires", "2099-12-31")
    order = ("intake", written(pings, tmp_path / "feed.csv"), *on_store, "--supplier", "acme")
    with life.disk.mounted():  # pings that nobody has registered
        forks.killed_at("hereabouts.store.open_window:PingWriter.commit", "after", 1, *order)
    look("killed while taking in")
    life.act(*order)
    look("taken in")
    life.act("withdraw", ids, *on_store)
    look("withdrawn while open")
    with life.disk.mounted():  # a WAL that nobody has closed, and half of a sealed window
        forks.killed_at("hereabouts.store.store:Store.mark_sealed", "after", 1, "seal", *on_store)
    look("killed while sealing")
    life.act("seal", *on_store)
    look("sealed")
    ids.write_text("".join(f"{ping.device}\n" for ping in pings[::40]), encoding="utf-8")
    life.act("withdraw", ids, *on_store)
    look("withdrawn when sealed")
    life.act("retain", *on_store)
    look("retained")
    assert {stage: some for stage, some in found.items() if some} == {}
    assert len(keys) == 6, "two windows have two keys each, the list of the withdrawn has one, and the log has one"
    assert len(life.all_keys()) == 2, "at the end of retention the list's and the log's are left"


def test_the_same_search_finds_a_feed_that_was_copied_and_deleted(disks: Any, pings: list[Ping]) -> None:
    """The negative control: deleting a file leaves its bytes on the disk."""
    wanted = traces_of_feed(pings)
    with (disk := disks()).mounted() as root:
        feed = written(pings, root / "feed.csv")
        os.sync()
        feed.unlink()
    found = Search(wanted).of(disk.raw())
    assert found.keys() == {"ids", "positions in text", "times in text"}
    assert {ping.device.encode() for ping in pings} <= found["ids"]
    assert len(found["positions in text"]) > 0.95 * len(wanted["positions in text"]), "a block's end may cut one"


def test_the_same_search_finds_numbers_and_keys_that_were_deleted(disks: Any, pings: list[Ping]) -> None:
    key = bytes(range(7, 39))
    wanted = traces_of_feed(pings) | traces_of_key(key)
    names = sorted({canonical_id(ping.device) for ping in pings})
    leaked = [
        key,
        *(uuid.UUID(name).bytes for name in names if len(name) == 36),
        *(hashlib.sha256(name.encode()).digest() for name in names),
        np.array([[ping.latitude, ping.longitude] for ping in pings]).tobytes(),
        np.array([int(ping.time.timestamp()) for ping in pings]).tobytes(),
    ]
    with (disk := disks()).mounted() as root:
        leak = root / "leak"
        leak.write_bytes(b"?".join(leaked))
        os.sync()
        leak.unlink()
    found = Search(wanted).of(disk.raw())
    assert found.keys() == {"keys", "raw ids", "hashes", "positions", "times"}
    assert len(found["positions"]) > len(pings)
