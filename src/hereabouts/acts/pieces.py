"""What another machine does for an intake: one piece of a file goes through the gates, into files of its own.

All that it is told is in what it is handed, and all that it gives is counts; its pings lie encrypted in the folder of
its attempt until the command that asked for them moves them to their place, which makes them count.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from hereabouts.acts.gates import Gates
from hereabouts.acts.taking import digest_of, with_consent
from hereabouts.feeds.formats.feed import Piece
from hereabouts.feeds.formats.readers import open_feed
from hereabouts.feeds.profile import Profile
from hereabouts.objects import AnyPath
from hereabouts.rules.suppliers import Supplier
from hereabouts.store import attempts
from hereabouts.store.open_window import PingWriter
from hereabouts.store.window_keys import CarriedKeys

PIECE_ROWS = 1 << 22
"""About how many rows a piece has, where a file can be cut: some half a megabyte in each bucket."""


@dataclass(frozen=True)
class Reading:
    """How all pieces of an intake are read; nothing in it is secret."""

    gates: Gates
    profile: Profile
    supplier: Supplier
    attempts: Path


@dataclass(frozen=True)
class Order:
    """One piece: of which file, and the name of the files that its pings go to."""

    path: AnyPath
    piece: Piece
    name: str
    keys: CarriedKeys


@dataclass
class Taken:
    """What has become of one piece.

    Attributes
    ----------
    windows
        Folder of each window, to its name and the pings taken.
    frames
        Encrypted frames in the attempt's files, by window's folder.
    attempt
        Name of the attempt's folder.
    """

    attempt: str
    rows: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    sensitive: Counter[str] = field(default_factory=Counter)
    windows: dict[str, tuple[str, int]] = field(default_factory=dict)
    frames: dict[str, int] = field(default_factory=dict)


def take_piece(order: Order, reading: Reading, attempt: str) -> Taken:
    """Send a piece through the gates, and write what passes into the folder of this attempt.

    Raises
    ------
    BadInputError
        If the file turns out to be damaged, or consent cannot be told.
    MachineError
        If it cannot be read.
    """
    gates = reading.gates.with_keys(order.keys)
    writer = PingWriter(attempts.begin(reading.attempts, attempt), order.name)
    taken = Taken(attempt)
    try:
        feed = open_feed(order.path, reading.profile, threads=False).piece(order.piece)
        for batch in with_consent(feed, reading.supplier):
            found = gates.pass_through(batch)
            taken.rows += found.rows
            taken.dropped.update(found.dropped)
            taken.sensitive.update(found.sensitive)
            for keys, pings in found.windows:
                _, before = taken.windows.get(keys.window.folder, ("", 0))
                taken.windows[keys.window.folder] = keys.window.name, before + len(pings)
                writer.add(keys.window.folder, keys.pings, pings)
        writer.commit()
    except BaseException:
        writer.discard()
        raise
    taken.frames = dict(writer.frames)
    return taken


def take_digest(path: AnyPath, shared: None, attempt: str) -> str:  # noqa: ARG001 - as all work is called
    """SHA-256 of a file's content, in hex."""
    return digest_of(path)
