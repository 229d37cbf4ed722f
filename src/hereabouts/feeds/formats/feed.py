"""What every feed gives, whatever its format: batches of raw columns, from beginning to end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

import pyarrow as pa

from hereabouts.errors import UsageError
from hereabouts.feeds.formats.derived import derived
from hereabouts.feeds.formats.sample import Sample, first_rows
from hereabouts.feeds.formats.source import Source, faults, names_a_copy, names_one_person
from hereabouts.feeds.profile import Profile

Piece = tuple[int, ...]
"""A piece of a file: of Parquet, the numbers of its row groups."""
WHOLE: Piece = ()


class Feed(ABC):
    """A feed's file, opened for its profile.

    Attributes
    ----------
    source
        The file.
    profile
        What its columns mean.
    progress
        The share of the file that :meth:`batches` has read, from 0 to 1.
    unknown_columns
        Columns for which single rows were left out as unreadable (JSON Lines; elsewhere an unknown column
        refuses the file), the first few of them, as far as :meth:`batches` has read.

    Raises
    ------
    UsageError
        If the profile takes the device from the file's name, and the name is one that any person's file has, or
        that of a copy or a part of another file.
    """

    def __init__(self, source: Source, profile: Profile) -> None:
        self.source = source
        self.profile = profile
        self.progress = 0.0
        self.unknown_columns: list[str] = []
        if profile.device_from_file and not names_one_person(source.stem):
            raise UsageError(
                f"{source.path}: profile '{profile.name}' takes the device from the file's name, and '{source.stem}' "
                "is a name that everybody's file may have: two people would become one device, which nothing protects; "
                "name each file after its participant, such as p017.json"
            )
        if profile.device_from_file and names_a_copy(source.stem):
            raise UsageError(
                f"{source.path}: profile '{profile.name}' takes the device from the file's name, and this is the name "
                "of a copy or a part of another file: one person would become two devices, each protected alone; give "
                "all files of a participant the same name, such as p017.json, in folders of their own"
            )

    @property
    def label(self) -> str:
        """What receipts may call it: the file's name, unless that is a device's id, which nothing may keep."""
        return "a file named after its device" if self.profile.device_from_file else self.source.path.name

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Read the file once, in batches of the profile's columns that it has.

        A row that cannot even be split into columns is there as nulls, so that whoever judges rows counts
        it. Memory stays within a few batches. Each call begins anew.

        Raises
        ------
        BadInputError
            If the file turns out to be damaged, to have no row, or no row that can be split into columns.
            That may be after many batches: nothing of them may then be used.
        MachineError
            If it cannot be read.
        """
        self.progress = 0.0
        self.unknown_columns = []
        with faults(self.source.path):
            if not self.profile.derives:
                yield from self._batches()
            else:
                for batch in self._batches():
                    yield derived(batch, self.profile, self.source.device)
        self.progress = 1.0

    def pieces(self, rows: int) -> list[Piece]:  # noqa: ARG002 - those that can be cut look at it
        """Cut the file into pieces that can be read apart, of about so many rows; most formats cannot be cut."""
        return [WHOLE]

    def piece(self, piece: Piece) -> Feed:
        """The same feed, of which :meth:`batches` reads one of the pieces."""
        if piece != WHOLE:
            raise ValueError(f"{self.source.format} files are read whole")
        return self

    def sample(self) -> Sample:
        """Read the first rows, with all columns, those too that are never taken in; what :meth:`batches` gives stays.

        Raises
        ------
        BadInputError
            If the file turns out to be damaged.
        MachineError
            If it cannot be read.
        """
        return first_rows(self.source, self.profile)

    @abstractmethod
    def _batches(self) -> Iterator[pa.RecordBatch]: ...
