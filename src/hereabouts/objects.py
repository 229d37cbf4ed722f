"""Objects on S3, used as files are: an :class:`ObjectPath` has as much of :class:`pathlib.Path` as is needed here.

Where the service is, and who asks, is said in the usual places: ``AWS_ENDPOINT_URL``, ``AWS_REGION``,
``AWS_ACCESS_KEY_ID``, a profile, the machine's role. Addresses hold none of it, and messages repeat nothing that the
service said but the code of its error.

An object is written whole or not at all: there is no moment in which a reader sees half of one, so nothing has to be
renamed. What was written is durable, and listed, when the call returns.
"""

from __future__ import annotations

import fnmatch
import io
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

import pyarrow as pa

from hereabouts.errors import HereaboutsError, MachineError, UsageError

if TYPE_CHECKING:
    from pyarrow.fs import FileInfo, FileSystem

SCHEME = "s3://"
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")
_AWS = re.compile(r"AWS Error (\w+)(?: \[code: (\w+)\])? during (\w+)")
_NOT_ALLOWED = frozenset(
    {
        "ACCESSDENIED",
        "EXPIREDTOKEN",
        "INVALIDACCESSKEYID",
        "INVALIDCLIENTTOKENID",
        "INVALIDTOKEN",
        "MISSINGAUTHENTICATIONTOKEN",
        "SIGNATUREDOESNOTMATCH",
        "UNRECOGNIZEDCLIENT",
    }
)
_ATTEMPTS = 5
_STREAM_BYTES = 8 << 20
"""What is asked for at a time where an object is read from its beginning: each time costs a round trip."""


@dataclass(frozen=True, order=True)
class ObjectPath:
    """An object, or what begins with its name and a slash, as a folder would.

    Attributes
    ----------
    bucket
        Its bucket.
    key
        Its name there, without a slash at either end; empty for the bucket itself.
    """

    bucket: str
    key: str

    @classmethod
    def of(cls, uri: str) -> ObjectPath:
        """Read an address, ``s3://BUCKET/KEY``; nothing in it is decoded.

        Raises
        ------
        UsageError
            If it is none. It is not repeated: somebody may have put a password in it.
        """
        bucket, _, key = uri.removeprefix(SCHEME).partition("/")
        key = key.removesuffix("/")
        if not uri.startswith(SCHEME) or not _BUCKET.fullmatch(bucket) or "?" in key or "//" in f"/{key}":
            raise UsageError(
                "expected an address of object storage, s3://BUCKET/KEY, without user, password, options or empty "
                "parts; endpoint and credentials are taken from the environment (AWS_ENDPOINT_URL, AWS_PROFILE, …)"
            )
        return cls(bucket, key)

    def __str__(self) -> str:
        """The address."""
        return f"{SCHEME}{self._whole}"

    def __truediv__(self, name: str) -> ObjectPath:
        """What is below it."""
        return ObjectPath(self.bucket, f"{self.key}/{name}" if self.key else name)

    @property
    def _whole(self) -> str:
        return f"{self.bucket}/{self.key}" if self.key else self.bucket

    @property
    def _pure(self) -> PurePosixPath:
        return PurePosixPath(self.key)

    @property
    def name(self) -> str:
        """The last part of its key."""
        return self._pure.name

    @property
    def stem(self) -> str:
        """Its name without the last ending."""
        return self._pure.stem

    @property
    def suffix(self) -> str:
        """The last ending of its name."""
        return self._pure.suffix

    @property
    def suffixes(self) -> list[str]:
        """The endings of its name."""
        return self._pure.suffixes

    @property
    def parent(self) -> ObjectPath:
        """What it is in."""
        return ObjectPath(self.bucket, "" if len(self._pure.parts) < 2 else str(self._pure.parent))

    def exists(self) -> bool:
        """Whether there is such an object, or one below it."""
        return bool(self._info().type.name != "NotFound")

    def is_dir(self) -> bool:
        """Whether there are objects below it, and none of this name."""
        return bool(self._info().type.name == "Directory")

    def size(self) -> int:
        """Bytes of the object.

        Raises
        ------
        FileNotFoundError
            If there is none.
        """
        found = self._info()
        if not found.is_file:
            raise FileNotFoundError(str(self))
        return int(found.size)

    def version(self) -> str:
        """The version by which its bucket keeps it; empty where the bucket keeps none."""
        with object_faults(self), self.random() as file:
            found = (file.metadata() or {}).get("VersionId", b"").decode()
        return "" if found == "null" else found

    def open(self, _: Literal["rb"] = "rb") -> io.BufferedReader:
        """Open it for reading from its beginning; of a missing one a `FileNotFoundError` is raised, here and below."""
        return io.BufferedReader(self.random(), _STREAM_BYTES)

    def random(self) -> pa.NativeFile:
        """Open it for reading here and there."""
        with object_faults(self):
            return _service().open_input_file(self._whole)

    def read_bytes(self) -> bytes:
        """Its content."""
        with object_faults(self), _service().open_input_file(self._whole) as file:
            return bytes(file.read())

    def write_bytes(self, content: bytes | memoryview | pa.Buffer) -> None:
        """Write the object: the old one is there, or the new one, whenever the machine stops."""
        # On a thread of its own. To close the stream is to publish what was written so far, and Python closes it
        # whatever happens: an interruption, which only reaches the main thread, must not come in between.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(self._put, content).result()

    def _put(self, content: bytes | memoryview | pa.Buffer) -> None:
        with object_faults(self):
            try:
                file = _service().open_output_stream(self._whole, compression=None)
                file.write(content)
                file.close()
            except FileNotFoundError as error:  # of a bucket that is not there
                raise OSError(str(error)) from None

    def unlink(self, missing_ok: bool = False) -> None:
        """Delete the object."""
        with object_faults(self):
            try:
                _service().delete_file(self._whole)
            except FileNotFoundError:
                if not missing_ok:
                    raise

    def remove_tree(self) -> None:
        """Delete all objects below it; nothing happens where there are none."""
        with object_faults(self):
            try:
                _service().delete_dir(self._whole)
            except FileNotFoundError:
                return

    def glob(self, pattern: str) -> list[ObjectPath]:
        """Objects (no folders) below it whose names fit a pattern part by part, in order; it knows no ``**``."""
        parts = pattern.split("/")
        names = [name.split("/") for name in self._listed("File", recursive=len(parts) > 1)]
        fit = [name for name in names if len(name) == len(parts) and all(map(fnmatch.fnmatchcase, name, parts))]
        return [self / "/".join(name) for name in fit]

    def folders(self) -> list[ObjectPath]:
        """The folders right below it, in order."""
        return [self / name for name in self._listed("Directory", recursive=False)]

    def _listed(self, kind: Literal["File", "Directory"], recursive: bool) -> list[str]:
        from pyarrow.fs import FileSelector  # noqa: PLC0415 - see _opened

        below = len(self._whole) + 1
        with object_faults(self):
            there = _service().get_file_info(FileSelector(self._whole, allow_not_found=True, recursive=recursive))
        return sorted(info.path[below:] for info in there if info.type.name == kind)

    def _info(self) -> FileInfo:
        with object_faults(self):
            return _service().get_file_info(self._whole)


AnyPath: TypeAlias = Path | ObjectPath
"""Where something lies: in a file, or in an object."""
Folder = TypeVar("Folder", Path, ObjectPath, AnyPath)
"""The same, of which something that lies below it is made."""


def located(name: str | Path | ObjectPath) -> AnyPath:
    """Tell files from objects: an address with ``://`` in it is an object's.

    Raises
    ------
    UsageError
        If it is an address of something else.
    """
    if isinstance(name, str):
        return ObjectPath.of(name) if "://" in name else Path(name)
    return name


@contextmanager
def object_faults(path: AnyPath) -> Iterator[None]:
    """Turn what an object storage answers into an error of ours; that there is no object stays what it is."""
    try:
        yield
    except (HereaboutsError, FileNotFoundError):
        raise
    except OSError as error:
        ours = fault_of(path, error)
        if ours is None:
            raise
        raise ours from None


def fault_of(path: AnyPath, error: Exception) -> MachineError | None:
    """What to raise for an error of Arrow's; ``None`` where no object storage said it."""
    said = _AWS.search(str(error)) if isinstance(path, ObjectPath) else None
    if said is None:
        return None
    name = said[2] or said[1]
    code, during = name.upper().replace("_", ""), said[3]
    if code == "NOSUCHBUCKET":
        why = "there is no such bucket; make it first, or correct the address"
    elif code == "NETWORKCONNECTION":
        why = "the object storage does not answer; see that the network is up, and that AWS_ENDPOINT_URL is right"
    elif code in _NOT_ALLOWED:
        why = f"the object storage refuses ({name}, {during}); see that the credentials are right, and what they allow"
    else:
        why = f"the object storage fails ({name}, {during}); see that AWS_REGION is right, and try again"
    return MachineError(f"{path}: {why}")


def _service() -> FileSystem:
    """Whoever answers for all buckets; opened when the first object is asked for."""
    given = os.environ
    attempts = given.get("AWS_MAX_ATTEMPTS", "")
    endpoint = given.get("AWS_ENDPOINT_URL_S3") or given.get("AWS_ENDPOINT_URL")
    return _opened(endpoint, int(attempts) if attempts.isdecimal() else _ATTEMPTS)


@lru_cache(maxsize=4)
def _opened(endpoint: str | None, attempts: int) -> FileSystem:
    # Imported here: most stores lie on a disk.
    from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem  # noqa: PLC0415

    return S3FileSystem(
        endpoint_override=endpoint,
        background_writes=False,
        allow_delayed_open=True,  # what is small is written by one request, and leaves no parts when it is cut off
        retry_strategy=AwsStandardS3RetryStrategy(max_attempts=max(1, attempts)),
    )
