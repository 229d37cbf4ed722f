"""Files as they lie on disk, or objects: which are feeds, in what format, and what is wrong with those that fail.

The format is told by the file's name, and never by its bytes.
"""

from __future__ import annotations

import re
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa

from hereabouts.errors import BadInputError, HereaboutsError, MachineError, UsageError
from hereabouts.objects import AnyPath, ObjectPath, fault_of

Format = Literal["parquet", "csv", "jsonl"]
Compression = Literal["gzip", "zstd"]

_FORMATS: dict[str, Format] = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
}
_COMPRESSIONS: dict[str, Compression] = {".gz": "gzip", ".zst": "zstd"}
_EVERYBODYS = re.compile(
    "records?|location(s|history)?|history|timeline|edits?|takeout|data(set)?|exports?|download|feeds?|files?|gps|input|"
    "logs?|movement|pings?|points?|positions?|positionfixes|samples?|raw|test|traj|trajector(y|ies)|tracks?|output|"
    "results?|copy|of|new|untitled|january|february|march|april|may|june|july|august|september|october|november|december"
)
_NOBODYS = frozenset({"user", "users", "device", "devices", "participant", "participants", "person", "persons"})
_WORD = re.compile(r"[^\W\d_]+")
_DAY = re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])")
_PART = re.compile(r"part[-_]?\d")  # what Spark and others call the pieces of one table
_COPY = re.compile(  # what file managers, browsers and archives call another copy, or a piece, of a file
    r".*\(\d+\)|(.*[\W_])?copy([\W_]*\d+)?|copy[\W_]+of[\W_].*|(.*[\W_])?part[\W_]*\d+([\W_]*of[\W_]*\d+)?", re.DOTALL
)
_EXPECTED = f"a name ending in {', '.join(_FORMATS)}, each perhaps followed by {' or '.join(_COMPRESSIONS)}"


@dataclass(frozen=True)
class Source:
    """A feed's file, its format, and how it is compressed as a whole."""

    path: AnyPath
    format: Format
    compression: Compression | None

    @property
    def stem(self) -> str:
        """The file's name without the endings that say format and compression."""
        endings = 1 if self.compression is None else 2
        return self.path.name[: -sum(map(len, self.path.suffixes[-endings:]))]

    @property
    def device(self) -> str:
        """The id of the device that the file is named after, where its profile says so: the stem, in lower case.

        File systems and people do not agree on whether P017 and p017 are two names, and one person as two devices
        would be protected twice, each time for half of what there is of them.
        """
        return unicodedata.normalize("NFC", self.stem.casefold()).strip()

    @property
    def size(self) -> int:
        """Bytes of the file as it lies there."""
        return self.path.size() if isinstance(self.path, ObjectPath) else self.path.stat().st_size

    def open_anywhere(self) -> pa.NativeFile:
        """Open the file for reading here and there."""
        return self.path.random() if isinstance(self.path, ObjectPath) else pa.OSFile(str(self.path))

    def open(self) -> tuple[pa.NativeFile, pa.NativeFile]:
        """Open the file for reading from its beginning: its content, and the bytes on disk below it."""
        raw = self.path.open() if isinstance(self.path, ObjectPath) else pa.OSFile(str(self.path))
        return (raw if self.compression is None else pa.CompressedInputStream(raw, self.compression)), raw


def names_one_person(stem: str) -> bool:
    """Say whether a file's name can be one participant's, and is not one that everybody's export has.

    >>> [names_one_person(stem) for stem in ("p017", "042", "Records (1)", "2024-03-04", "part-00000-c000")]
    [True, True, False, False, False]
    """
    name = stem.casefold().strip()
    words = _WORD.findall(name)
    if not words:
        return name.isdecimal() and not _DAY.fullmatch(name)
    return not (all(map(_EVERYBODYS.fullmatch, words)) or name in _NOBODYS or _PART.match(name))


def names_a_copy(stem: str) -> bool:
    """Say whether a file's name is that of a copy or a part of another file, whose person would become two devices.

    >>> [names_a_copy(stem) for stem in ("p017 (1)", "p017 - Copy", "p017 part 2", "participant 3", "photocopy")]
    [True, True, True, False, False]
    """
    return _COPY.fullmatch(stem.casefold().strip()) is not None


def source_of(path: AnyPath) -> Source:
    """Tell a feed's format from its name, after a look at whether it is a file at all.

    Raises
    ------
    BadInputError
        If there is no such file, it is empty, or its name is not a feed's.
    UsageError
        If it is a directory or something else that is not a file.
    MachineError
        If it may not be looked at.
    """
    with faults(path):
        directory = _is_directory(path)
    if directory:
        raise UsageError(f"{path}: a directory: expected a file; name the feed's files, or the directory at intake")
    if isinstance(path, Path) and not path.is_file():
        raise UsageError(f"{path}: not a regular file: expected one; write the feed to a file first")
    named = _named(path)
    if named is None:
        raise BadInputError(path, f"the name does not say the format; expected {_EXPECTED}")
    with faults(path):
        size = named.size
    if size == 0:
        raise BadInputError(path, "the file is empty (0 bytes); expected a feed with at least one row")
    return named


def feed_files(path: AnyPath) -> list[AnyPath]:
    """List the feed files that a path stands for: itself, or the feed files in a directory, by name.

    On object storage also those that a ``*`` in the last part of the address stands for: no shell does that there.
    Other files of a directory, its sub-directories, and names that begin with a dot or an underscore
    (markers that Spark and others leave) are passed over.

    Raises
    ------
    BadInputError
        If there is no such path, or no feed file in the directory.
    MachineError
        If the directory may not be read.
    """
    with faults(path):
        several = isinstance(path, ObjectPath) and "*" in path.name
        if not several and not _is_directory(path):
            return [path]
        found = [file for file in _inside(path) if file.name[0] not in "._" and _named(file)]
    if not found:
        raise BadInputError(path, f"no feed file {'fits' if several else 'in this directory'}; expected {_EXPECTED}")
    return found


def _is_directory(path: AnyPath) -> bool:
    return path.is_dir() if isinstance(path, ObjectPath) else stat.S_ISDIR(path.stat().st_mode)


def _inside(path: AnyPath) -> list[AnyPath]:
    """The files of a directory, by name."""
    if isinstance(path, ObjectPath):
        return [*(path.parent.glob(path.name) if "*" in path.name else path.glob("*"))]
    return [file for file in sorted(path.iterdir()) if file.is_file()]


@contextmanager
def faults(path: AnyPath) -> Iterator[None]:
    """Turn what goes wrong with a file into an error of ours: the machine's fault or the file's."""
    try:
        yield
    except HereaboutsError:
        raise
    except FileNotFoundError as error:
        raise BadInputError(path, "there is no such file") from error
    except PermissionError as error:
        raise MachineError(f"{path}: no permission to read it; ask its owner, or run as a user who may") from error
    except OSError as error:
        # Arrow reports broken content as an OSError without a number; the system's own errors have one.
        if error.errno is not None:
            raise MachineError(f"{path}: {error.strerror or error}") from error
        refusal = fault_of(path, error)
        if refusal is not None:
            raise refusal from None
        raise _broken(path, error) from error
    # A damaged footer may hold a column's name that is no text.
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise _broken(path, error) from error


def _named(path: AnyPath) -> Source | None:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    compression = _COMPRESSIONS.get(suffixes[-1]) if suffixes else None
    if compression is not None:
        suffixes.pop()
    form = _FORMATS.get(suffixes[-1]) if suffixes else None
    return None if form is None else Source(path, form, compression)


def _broken(path: AnyPath, error: Exception) -> BadInputError:
    said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    return BadInputError(path, f"damaged or cut short ({said}); nothing of it was used; get it again")
