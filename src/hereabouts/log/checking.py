"""Checks of a whole log: everything is made anew from its entries, and held against every tile and the signed root.

A root is of all entries in their order: one that was altered, removed, added or moved gives another root, whatever was
done to the tiles. The tiles then tell where it is. All functions give what is wrong, in words, and nothing where all
is well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import Engine, select

from hereabouts.errors import VerificationError
from hereabouts.log.checkpoint import Checkpoint
from hereabouts.log.entries import Entry, committed, contents, count
from hereabouts.log.merkle import leaf_hash, perfect_root, root
from hereabouts.log.tiles import WIDTH, Tiles, tile_path
from hereabouts.state.database import reading
from hereabouts.state.tables import LogEntryRow

_NAMED = 4
"""So many places of one tile are named; where there are more, how many."""


def tree_faults(folder: Path, checkpoint: Checkpoint) -> list[str]:
    """What is not as the checkpoint says in the files of a log; files that it does not cover are not looked at.

    Parameters
    ----------
    folder
        The log's folder.
    checkpoint
        What was signed.
    """
    tiles, faults = Tiles(folder, checkpoint.size), list[str]()
    rests: list[list[bytes]] = []  # of each level, the hashes in its last tile, where that is not full
    level: Iterable[list[bytes] | None] = _leaves(tiles, faults)
    while checkpoint.size >> (8 * len(rests)):
        above, rest = [], list[bytes]()
        for number, made in enumerate(level):
            hashes = _compared(tiles, len(rests), number, made, faults)
            if hashes is None:
                return faults  # neither entries nor their hashes are there: no root can be made
            if len(hashes) == WIDTH:
                above.append(perfect_root(hashes))
            else:
                rest = hashes
        rests.append(rest)
        level = [above[first : first + WIDTH] for first in range(0, len(above), WIDTH)]
    if root(checkpoint.size, lambda height, place: _node(rests, height, place)) != checkpoint.root:
        faults.append(f"the {checkpoint.size} entries make another root than the one in the checkpoint")
    return faults


def entry_faults(folder: Path, size: int) -> list[str]:
    """Which entries do not say what entries say. Bundles that cannot be read are left to :func:`tree_faults`."""
    faults = []
    for place, content in _readable(Tiles(folder, size)):
        try:
            Entry.from_bytes(content)
        except VerificationError as error:
            faults.append(f"entry {place}: {error}")
    return faults


def state_faults(folder: Path, size: int, state: Engine) -> list[str]:
    """Where the entries in a store's state are not those in its log's folder."""
    held = count(state)
    faults = [f"the store's state has {held} entries and the log has {size}"] if held < size else []
    try:
        ours = dict(enumerate(contents(state, 0, size)))
    except VerificationError as error:
        return [*faults, str(error)]
    for place, content in _readable(Tiles(folder, size)):
        if place in ours and ours[place] != content:
            faults.append(f"entry {place} is another one in the store's state")
    return faults


def commitment_faults(state: Engine) -> list[str]:
    """Which commitments the salts and documents in a store's state do not open."""
    faults = []
    query = select(LogEntryRow.place, LogEntryRow.entry, LogEntryRow.salt, LogEntryRow.document)
    with reading(state) as session:
        rows = session.execute(query.order_by(LogEntryRow.place).execution_options(yield_per=1000))
        for place, content, salt, document in rows:
            try:
                said = Entry.from_bytes(content).commitment
            except VerificationError as error:
                faults.append(f"entry {place} of the store's state: {error}")
                continue
            opened = None if salt is None or document is None else committed(salt, document)
            if said != opened:
                faults.append(f"entry {place} commits to another document than the one in the store's state")
    return faults


def _leaves(tiles: Tiles, faults: list[str]) -> Iterator[list[bytes] | None]:
    for number in range(-(-tiles.size // WIDTH)):
        try:
            yield [leaf_hash(entry) for entry in tiles.entries(number)]
        except VerificationError as error:
            faults.append(str(error))
            yield None


def _compared(tiles: Tiles, level: int, number: int, made: list[bytes] | None, faults: list[str]) -> list[bytes] | None:
    """The hashes that a tile should have: what was made of what lies below it, or if that is missing its own."""
    try:
        found = tiles.hashes(level, number)
    except VerificationError as error:
        faults.append(str(error))
        return made
    if made is None:
        return found
    places = [place for place, pair in enumerate(zip(made, found, strict=True), number * WIDTH) if pair[0] != pair[1]]
    if places:
        path = tile_path(level, number, len(found))
        named = ", ".join(map(str, places[:_NAMED])) + (f" and {len(places) - _NAMED} more" if places[_NAMED:] else "")
        what = f"entry {named} is" if level == 0 else f"hash {named} of level {level} is"
        faults.append(f"{what} not what {path} was made of")
    return made


def _node(rests: list[list[bytes]], height: int, place: int) -> bytes:
    """Hash of a perfect subtree that the root is made of: these all lie in the last tiles of their levels."""
    level, within = divmod(height, 8)
    first = (place << within) % WIDTH
    return perfect_root(rests[level][first : first + (1 << within)])


def _readable(tiles: Tiles) -> Iterator[tuple[int, bytes]]:
    for number in range(-(-tiles.size // WIDTH)):
        try:
            yield from enumerate(tiles.entries(number), number * WIDTH)
        except VerificationError:
            continue
