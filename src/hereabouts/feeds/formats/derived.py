"""Columns that a feed does not have as such, made from those that it has or from its file's name.

What a row's value becomes is a matter of that row and of the profile.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from hereabouts.feeds.profile import Profile
from hereabouts.feeds.values.instants import UNREADABLE, joined, seconds


def derived(batch: pa.RecordBatch, profile: Profile, device: str) -> pa.RecordBatch:
    """Give a batch the columns that its profile names.

    Parameters
    ----------
    batch
        The file's columns.
    profile
        What is to be made, and of what.
    device
        The id that the file is named after; used where the profile says so.
    """
    columns = {name: batch.column(name) for name in batch.schema.names}
    if profile.time_parts is not None:
        dates, times = (columns.pop(part) for part in profile.time_parts)
        columns[profile.time] = joined(dates, times)
    if profile.time_or is not None and profile.time_or in columns:
        other = columns.pop(profile.time_or)
        columns[profile.time] = _either(columns.get(profile.time), other, profile)
    if profile.device_from_file:
        columns[profile.device] = pa.repeat(pa.scalar(device), batch.num_rows)
    return pa.RecordBatch.from_pydict(columns)


def _either(times: pa.Array | None, others: pa.Array, profile: Profile) -> pa.Array:
    """Give times, and in place of those that cannot be read the others."""
    instants = seconds(others, profile.time_unit)
    if times is not None:
        first = seconds(times, profile.time_unit)
        instants = np.where(first == UNREADABLE, instants, first)
    return pa.array(instants, mask=instants == UNREADABLE).view(pa.timestamp("s", "UTC"))
