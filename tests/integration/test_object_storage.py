"""Rows on object storage: the whole way, with the same bits as in a folder; what goes wrong there, and what is said."""

from __future__ import annotations

import gzip
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from hereabouts.feeds.formats.readers import open_feed
from hereabouts.feeds.profiles import load_profile
from hereabouts.objects import ObjectPath

if TYPE_CHECKING:
    from tests.conftest import Command, Copy, ObjectStorage, Site
    from tests.integration.conftest import Remote

WINDOW = "2024-03-04/2024-03-11"
CopyRemote = Callable[["Remote"], "Remote"]


@pytest.fixture(scope="module")
def uploaded(object_storage: ObjectStorage, few: Path) -> ObjectPath:
    """The feed, on object storage, beside a file that is none."""
    folder = ObjectPath.of(object_storage.bucket("feeds")) / "march"
    for file in few.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "_SUCCESS").write_bytes(b"")
    return folder


@pytest.fixture
def nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """An object storage that is down."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.getsockname()[1]}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


def ids(few: Path, start: int, end: int) -> list[str]:
    """Some of the devices."""
    found = {name for file in few.iterdir() for name in pq.read_table(file)["device_id"].to_pylist()}
    return sorted(found)[start:end]


def schedule(site: Site, **days: int) -> None:
    policy = site.store / "policy.toml"
    text = policy.read_text(encoding="utf-8")
    for name, count in days.items():
        text = re.sub(rf"^{name} = .*$", f"{name} = {count}", text, flags=re.MULTILINE)
    policy.write_text(text, encoding="utf-8")


def test_the_whole_way_gives_what_a_folder_gives(
    empty_remote: Remote, copy_remote: CopyRemote, few_taken: Site, copy: Copy, few: Path, uploaded: ObjectPath
) -> None:
    remote, local = copy_remote(empty_remote), copy(few_taken)
    there, here = remote.site, local
    told = there.ok("intake", uploaded, "--supplier", "acme")
    again = here.ok("intake", few, "--supplier", "acme")
    assert [(receipt["feed"], receipt["digest"]) for receipt in told] == [
        (receipt["feed"], receipt["digest"]) for receipt in again
    ]
    assert all(receipt["again"] for receipt in there.ok("intake", few, "--supplier", "acme")), "the same bytes"
    assert {name.split("/")[0] for name in remote.objects()} == {"open", "hereabouts.json"}

    for start, sealed in ((0, False), (4, True)):
        withdrawn = [site.folder / f"{start}.txt" for site in (there, here)]
        for file in withdrawn:
            file.write_text("\n".join(ids(few, start, start + 4)), encoding="utf-8")
        counted = [site.ok("withdraw", file) for site, file in zip((there, here), withdrawn, strict=True)]
        assert [told["windows"] for told in counted] == [counted[1]["windows"]] * 2
        if not sealed:
            assert there.ok("seal") == here.ok("seal")
        assert remote.tables(WINDOW) == here.tables(WINDOW)
    assert {name.split("/")[0] for name in remote.objects()} == {"sealed", "hereabouts.json"}

    done = there.ok("release", there.plan(minimum=0), "--out", there.folder / "release")
    assert not done["again"]
    assert there.ok("verify", there.folder / "release")["sound"]

    schedule(there, pseudonym_key_days=1, open_days=1, sealed_days=1)
    assert there.ok("retain")["tables_deleted"] == [WINDOW]
    assert set(remote.objects()) == {"hereabouts.json"}


def test_files_are_the_same_byte_for_byte(
    empty_remote: Remote, copy_remote: CopyRemote, few_sealed: Site, few: Path, uploaded: ObjectPath
) -> None:
    remote = copy_remote(empty_remote)
    remote.site.ok("intake", f"{uploaded}/*.parquet", "--supplier", "acme")
    remote.site.ok("seal")
    local = {
        path.relative_to(few_sealed.store).as_posix(): path.read_bytes()
        for path in (few_sealed.store / "sealed").rglob("*.parquet")
    }
    assert {name: content for name, content in remote.objects().items() if name != "hereabouts.json"} == local


def test_the_store_itself_holds_no_rows(
    empty_remote: Remote, copy_remote: CopyRemote, few: Path, uploaded: ObjectPath
) -> None:
    remote = copy_remote(empty_remote)
    for command in (("intake", uploaded, "--supplier", "acme"), ("seal",)):
        remote.site.ok(*map(str, command))
        kept = {path.relative_to(remote.site.store).parts[0] for path in remote.site.store.rglob("*")}
        assert kept.isdisjoint({"open", "sealed", "sealing", "attempts"})
        assert not list((remote.site.store / "waiting").glob("*"))
        assert not [path for path in remote.site.store.rglob("*") if path.suffix in {".pings", ".parquet"}]


def test_a_bad_file_takes_back_what_was_written(
    empty_remote: Remote, copy_remote: CopyRemote, uploaded: ObjectPath
) -> None:
    remote = copy_remote(empty_remote)
    good = uploaded.glob("*.parquet")[0]
    content = bytearray(uploaded.glob("*.parquet")[1].read_bytes())
    content[len(content) // 3 : len(content) // 3 + 400] = bytes(400)
    bad = uploaded.parent / "bad" / "bad.parquet"
    bad.write_bytes(content)
    remote.site.run("intake", good, bad, "--supplier", "acme").refuses(4, f"{bad}: damaged")
    assert set(remote.objects()) == {"hereabouts.json"}


@pytest.mark.parametrize("name", ["feed.parquet", "feed.parquet.gz", "feed.csv", "feed.csv.gz"])
def test_every_format_is_read_from_objects(name: str, few: Path, uploaded: ObjectPath, tmp_path: Path) -> None:
    file = tmp_path / name
    table = pq.read_table(min(few.iterdir()))
    plain = tmp_path / name.removesuffix(".gz")
    if plain.suffix == ".csv":
        pa.csv.write_csv(table, plain)
    else:
        pq.write_table(table, plain)
    if name.endswith(".gz"):
        file.write_bytes(gzip.compress(plain.read_bytes()))
    there = uploaded.parent / "formats" / name
    there.write_bytes(file.read_bytes())
    profile = load_profile("canonical")
    feed = open_feed(str(there), profile)
    assert list(feed.batches()) == list(open_feed(file, profile).batches())
    assert feed.progress == 1.0
    assert feed.sample() == open_feed(file, profile).sample()


FEEDS: list[tuple[str, int, str]] = [
    ("s3://feeds/march/no.parquet", 4, "there is no such file"),
    ("s3://nobodys/feed.parquet", 4, "there is no such file"),
    ("s3://feeds/march/*.csv", 4, "no feed file fits"),
    ("s3://feeds/march/_SUCCESS", 4, "the name does not say the format"),
    ("s3://key:secret@feeds/march/no.parquet", 2, "s3://BUCKET/KEY"),
    ("gs://feeds/march/no.parquet", 2, "s3://BUCKET/KEY"),
]


@pytest.mark.parametrize(("feed", "code", "words"), FEEDS)
def test_a_feed_that_cannot_be_read(
    feed: str, code: int, words: str, uploaded: ObjectPath, empty_site: Site, copy: Copy
) -> None:
    done = copy(empty_site).run("intake", feed, "--supplier", "acme")
    done.refuses(code, words)
    assert "secret" not in done.err


def test_a_feed_that_may_not_be_read(
    uploaded: ObjectPath, object_storage: ObjectStorage, empty_site: Site, copy: Copy
) -> None:
    site = copy(empty_site)
    with object_storage.suspicious():
        done = site.run("intake", uploaded, "--supplier", "acme")
    done.refuses(6, str(uploaded), "credentials")
    assert "secret" not in done.err


@pytest.mark.usefixtures("nobody_answers")
def test_a_feed_behind_a_network_that_is_down(object_storage: ObjectStorage, empty_site: Site, copy: Copy) -> None:
    copy(empty_site).run("intake", "s3://feeds/march", "--supplier", "acme").refuses(6, "does not answer", "network")


def made_nothing(folder: Path) -> bool:
    return not [path for path in folder.iterdir() if any(path.rglob("*"))]


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        ("s3://keeps-versions/store", 3, "refused by rule 'versions'"),
        ("s3://feeds/march", 2, "holds objects"),
        ("s3://nobodys/store", 6, "there is no such bucket"),
        ("s3://key:secret@feeds/store", 2, "s3://BUCKET/KEY"),
        ("elsewhere", 2, "s3://BUCKET/KEY"),
    ],
)
def test_a_place_where_no_store_can_have_its_rows(
    data: str,
    code: int,
    words: str,
    uploaded: ObjectPath,
    object_storage: ObjectStorage,
    command: Command,
    tmp_path: Path,
) -> None:
    object_storage.bucket("keeps-versions")
    object_storage.keep_versions("keeps-versions")
    done = command("init", tmp_path / "store", "--data", data)
    done.refuses(code, words)
    assert "secret" not in done.err
    assert made_nothing(tmp_path)


def test_a_place_that_may_not_be_written_to(object_storage: ObjectStorage, command: Command, tmp_path: Path) -> None:
    with object_storage.suspicious():
        command("init", tmp_path / "store", "--data", "s3://stores/mine").refuses(6, "credentials")
    assert made_nothing(tmp_path)


@pytest.mark.usefixtures("nobody_answers")
def test_a_store_whose_network_is_down(empty_remote: Remote, copy: Copy) -> None:
    site = copy(empty_remote.site)
    site.run("seal").refuses(6, "does not answer")
    assert site.ok("budget")["windows"] == [], "what needs no rows needs no network"


def test_a_bucket_that_came_to_keep_versions(
    empty_remote: Remote, command: Command, object_storage: ObjectStorage, tmp_path: Path
) -> None:
    """DELETE and RETAIN could not be kept to, so that nothing is taken, sealed or withdrawn there."""
    object_storage.bucket("changes")
    assert command("init", tmp_path / "store", "--data", "s3://changes/store").code == 0
    object_storage.keep_versions("changes")
    command("seal", "--store", tmp_path / "store").refuses(3, "versions")
    object_storage.keep_versions("changes", "Suspended")
    assert command("seal", "--store", tmp_path / "store").code == 0


@pytest.mark.parametrize("whose", ["nobody's", "another store's"])
def test_a_place_that_is_not_the_stores(
    whose: str, empty_remote: Remote, copy_remote: CopyRemote, command: Command, tmp_path: Path
) -> None:
    """A policy that was corrected wrongly does no harm to who is there."""
    remote = copy_remote(empty_remote)
    marker = remote.data / "hereabouts.json"
    if whose == "nobody's":
        marker.unlink()
    else:
        marker.write_bytes(b'{"store": "another"}')
    before = remote.objects()
    remote.site.run("seal").refuses(6, "not where the rows of this store lie")
    assert remote.objects() == before


def test_lost_rows_are_missed(empty_remote: Remote, copy_remote: CopyRemote, few: Path, uploaded: ObjectPath) -> None:
    remote = copy_remote(empty_remote)
    remote.site.ok("intake", uploaded, "--supplier", "acme")
    next(iter((remote.data / "open").glob("*/*/*.pings"))).unlink()
    remote.site.run("seal").refuses(6, "files are missing")
