"""A place on object storage belongs to one store, and forgets what is deleted there (DELETE, RETAIN).

A small object says whose it is. Each command that locks the store writes it again and looks at what became of that: a
bucket that keeps versions gives it one. There, deleting an object deletes nothing, so no command goes on. Replication
and object locks of S3 need versions, so they are found out with them; copies that somebody else makes are not.
"""

from __future__ import annotations

import json

from hereabouts.errors import MachineError, RefusedError, UsageError
from hereabouts.objects import ObjectPath

_NAME = "hereabouts.json"


def claim(place: ObjectPath, store: str) -> None:
    """Take a place for a store, which is named by its id.

    Raises
    ------
    UsageError
        If something is there.
    RefusedError
        If the bucket keeps versions.
    MachineError
        If the object storage refuses or does not answer.
    """
    if place.exists() and (place.glob("*") or place.folders()):
        raise UsageError(f"{place} holds objects: give another place for the rows of the store")
    _write(place, store)
    try:
        _require_no_versions(place)
    except RefusedError:
        give_up(place)
        raise


def give_up(place: ObjectPath) -> None:
    """Take nothing after all."""
    (place / _NAME).unlink(missing_ok=True)


def require_claimed(place: ObjectPath, store: str) -> None:
    """See that a place is the store's, that it can be written to, and that its bucket keeps no versions.

    Raises
    ------
    RefusedError
        If the bucket keeps versions.
    MachineError
        If it is another store's or nobody's, or the object storage refuses or does not answer.
    """
    try:
        found = json.loads((place / _NAME).read_bytes())["store"]
    except (FileNotFoundError, ValueError, TypeError, LookupError):
        found = None
    if found != store:
        raise MachineError(
            f"{place} is not where the rows of this store lie ({_NAME} there "
            f"{'is missing or damaged' if found is None else 'names another store'}): correct data in policy.toml, or "
            "restore both from the same copy"
        )
    _write(place, store)
    _require_no_versions(place)


def _write(place: ObjectPath, store: str) -> None:
    (place / _NAME).write_bytes(json.dumps({"store": store}).encode())


def _require_no_versions(place: ObjectPath) -> None:
    if (place / _NAME).version():
        raise RefusedError(
            "versions",
            f"the bucket of {place} keeps old versions of its objects, so that what is withdrawn or past its retention "
            "would stay: suspend versioning, delete the old versions, or use another bucket",
        )
