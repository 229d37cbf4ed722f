from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hereabouts.errors import MachineError, UsageError
from hereabouts.objects import ObjectPath, fault_of, located, object_faults

if TYPE_CHECKING:
    from tests.conftest import ObjectStorage


@pytest.fixture(scope="module")
def bucket(object_storage: ObjectStorage) -> ObjectPath:
    return ObjectPath.of(object_storage.bucket("objects"))


def test_an_address_is_told_from_a_path() -> None:
    assert located("s3://bucket/a/feed.parquet") == ObjectPath("bucket", "a/feed.parquet")
    assert located("feed.parquet") == located(Path("feed.parquet")) == Path("feed.parquet")


def test_it_speaks_of_its_parts_as_a_path_does() -> None:
    path = ObjectPath.of("s3://bucket/a/b/feed.csv.gz")
    assert (path.name, path.stem, path.suffix, path.suffixes) == ("feed.csv.gz", "feed.csv", ".gz", [".csv", ".gz"])
    assert path.parent == ObjectPath.of("s3://bucket/a/b/")
    assert path.parent.parent.parent / "x" == ObjectPath.of("s3://bucket/x")
    assert str(path) == "s3://bucket/a/b/feed.csv.gz"


@pytest.mark.parametrize(
    "address",
    ["s3://key:secret@bucket/x", "s3://bucket/x?secret", "s3://bucket//x", "s3://", "s3:///x", "gs://bucket/secret"],
)
def test_other_addresses_are_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(UsageError, match="s3://BUCKET/KEY") as refused:
        located(address)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("size", [0, 1, 12 << 20])
def test_what_was_written_is_read(bucket: ObjectPath, size: int) -> None:
    path, content = bucket / "written" / str(size), (bytes(range(251)) * (size // 251 + 1))[:size]
    path.write_bytes(content)
    assert path.read_bytes() == content
    assert path.size() == size
    with path.open() as file:
        assert hashlib.file_digest(file, "sha256").digest() == hashlib.sha256(content).digest()
    with path.random() as file:
        file.seek(size // 2)
        assert file.read() == content[size // 2 :]
    path.write_bytes(b"another")
    assert path.read_bytes() == b"another"


def test_what_is_small_is_written_by_one_request(bucket: ObjectPath, monkeypatch: pytest.MonkeyPatch) -> None:
    """No parts are left in a bucket, unseen, by who was killed in the middle."""
    asked: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            connection, _ = server.accept()
            with connection, connection.makefile("rwb") as line:
                asked.append(line.readline().decode())
                while line.readline().strip():
                    pass
                line.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

        thread = threading.Thread(target=listen)
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{server.getsockname()[1]}")
        (bucket / "small").write_bytes(b"rows")
        thread.join()
    assert asked == ["PUT /objects/small HTTP/1.1\r\n"]


def test_objects_are_found_below_a_folder(bucket: ObjectPath) -> None:
    folder = bucket / "found"
    for name in ("b.parquet", "a.parquet", "a.csv", "in/c.parquet", "in/deep/d.parquet"):
        (folder / name).write_bytes(b"x")
    assert folder.glob("*.parquet") == [folder / "a.parquet", folder / "b.parquet"]
    assert folder.glob("*/*.parquet") == [folder / "in/c.parquet"]
    assert folder.glob("*/*/*") == [folder / "in/deep/d.parquet"]
    assert folder.folders() == [folder / "in"]
    assert (folder.exists(), folder.is_dir(), (folder / "a.csv").is_dir()) == (True, True, False)
    assert (folder / "no").glob("*") == (folder / "no").folders() == []
    assert not (folder / "no").exists()
    with pytest.raises(FileNotFoundError):
        folder.size()


def test_what_is_deleted_is_gone(bucket: ObjectPath) -> None:
    folder = bucket / "deleted"
    for name in ("x", "in/y", "in/z"):
        (folder / name).write_bytes(b"x")
    (folder / "in" / "y").unlink()
    assert folder.glob("*/*") == [folder / "in/z"]
    folder.remove_tree()
    assert not folder.exists()
    folder.remove_tree()
    (folder / "x").unlink(missing_ok=True)
    with pytest.raises(FileNotFoundError):
        (folder / "x").unlink()


def test_a_bucket_that_keeps_versions_says_so(object_storage: ObjectStorage) -> None:
    path = ObjectPath.of(object_storage.bucket("versioned")) / "x"
    path.write_bytes(b"x")
    assert path.version() == ""
    object_storage.keep_versions("versioned")
    path.write_bytes(b"x")
    assert path.version() != ""
    object_storage.keep_versions("versioned", "Suspended")
    path.write_bytes(b"x")
    assert path.version() == "", "what is written now is kept once"


DOINGS: list[Callable[[ObjectPath], Any]] = [
    ObjectPath.exists,
    ObjectPath.read_bytes,
    ObjectPath.version,
    ObjectPath.unlink,
    ObjectPath.remove_tree,
    ObjectPath.folders,
    lambda path: path.write_bytes(b"x"),
]


@pytest.mark.parametrize("doing", DOINGS)
def test_wrong_credentials_are_the_machines_fault(
    doing: Callable[[ObjectPath], Any], bucket: ObjectPath, object_storage: ObjectStorage
) -> None:
    with object_storage.suspicious(), pytest.raises(MachineError, match="credentials") as failed:
        doing(bucket / "x")
    assert "secret" not in str(failed.value)


def test_a_bucket_that_is_not_there(object_storage: ObjectStorage) -> None:
    path = ObjectPath.of("s3://nowhere/x")
    assert not path.exists()
    with pytest.raises(FileNotFoundError):
        path.read_bytes()
    with pytest.raises(MachineError, match="s3://nowhere/x: there is no such bucket"):
        path.write_bytes(b"x")


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("When x: AWS Error NETWORK_CONNECTION during HeadObject operation: curlCode: 7, key=secret", "network"),
        ("When x: AWS Error UNKNOWN [code: ExpiredToken] during GetObject operation: secret", "credentials"),
        ("When x: AWS Error SLOW_DOWN during PutObject operation: secret", "SLOW_DOWN, PutObject"),
    ],
)
def test_what_a_service_says_is_not_repeated(said: str, word: str) -> None:
    found = fault_of(ObjectPath("bucket", "x"), OSError(said))
    assert found is not None
    assert word in str(found)
    assert "secret" not in str(found)


def test_other_errors_stay_what_they_are() -> None:
    assert fault_of(Path("x"), OSError("AWS Error SLOW_DOWN during PutObject operation")) is None
    with pytest.raises(OSError, match="no space"), object_faults(ObjectPath("bucket", "x")):
        raise OSError("no space")
