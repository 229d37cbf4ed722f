"""From a feed's file to batches of raw columns: the door to all formats."""

from __future__ import annotations

from hereabouts.feeds.formats.feed import Feed
from hereabouts.feeds.formats.parquet_feed import BATCH_ROWS, ParquetFeed
from hereabouts.feeds.formats.source import feed_files, source_of
from hereabouts.feeds.formats.text_feeds import CsvFeed, JsonDocumentFeed, JsonLinesFeed
from hereabouts.feeds.profile import Profile
from hereabouts.objects import AnyPath, located

__all__ = ["Feed", "feed_files", "open_feed"]


def open_feed(path: str | AnyPath, profile: Profile, *, batch_rows: int = BATCH_ROWS, threads: bool = True) -> Feed:
    """Open a feed's file, and check what can be checked before any row: file, format, columns, types.

    Parameters
    ----------
    path
        A file, or an object (``s3://BUCKET/KEY``), whose name ends in ``.parquet``, ``.csv``, ``.jsonl``,
        ``.ndjson`` or ``.json``, perhaps followed by ``.gz`` or ``.zst``.
    profile
        What its columns mean.
    batch_rows, threads
        For Parquet: most rows of a batch, and whether several cores decode it. Text feeds come by blocks of
        four megabytes.

    Raises
    ------
    BadInputError
        If the file is not there, empty, not readable, or has other columns than its profile.
    UsageError
        If it is a directory or not a regular file, or is not named after its device where the profile asks for that.
    MachineError
        If it may not or cannot be read.
    """
    source = source_of(located(path))
    if source.format == "parquet":
        return ParquetFeed(source, profile, batch_rows=batch_rows, threads=threads)
    if source.format == "csv":
        return CsvFeed(source, profile)
    return JsonLinesFeed(source, profile) if profile.document is None else JsonDocumentFeed(source, profile)
