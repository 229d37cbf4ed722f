"""What every feed gives, whatever its format: batches of raw columns, from beginning to end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

import pyarrow as pa

from hereabouts.feeds.profile import Profile
from hereabouts.feeds.source import Source, faults


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
    """

    def __init__(self, source: Source, profile: Profile) -> None:
        self.source = source
        self.profile = profile
        self.progress = 0.0
        self.unknown_columns: list[str] = []

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
            yield from self._batches()
        self.progress = 1.0

    @abstractmethod
    def _batches(self) -> Iterator[pa.RecordBatch]: ...
