"""Who is acting: one person, one account; every entry of the log names one."""

from __future__ import annotations

import getpass
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from hereabouts.errors import UsageError

VARIABLE = "HEREABOUTS_ACTOR"
"""Environment variable that names the actor, where it is not who is logged in."""

ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
"""Form of the name of an account."""

_DEVICE = re.compile(r"[0-9A-Fa-f]{8}(-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}")
"""Form of an advertising id, which must not come into the log under any name."""

_given: ContextVar[str | None] = ContextVar("actor", default=None)


def actor() -> str:
    """The account that is acting: the one that was given, or else who is logged in.

    Raises
    ------
    UsageError
        When it cannot be told, or is no name.
    """
    found = _given.get() or os.environ.get(VARIABLE)
    if not found:
        try:
            found = getpass.getuser()
        except (KeyError, OSError):  # an account without a name
            raise UsageError(f"cannot tell who is acting: set {VARIABLE} to the name of your account") from None
    return named(found)


def named(name: str) -> str:
    """A name that may stand in the log.

    Raises
    ------
    UsageError
        When it is none.
    """
    if not ACCOUNT.fullmatch(name) or _DEVICE.search(name):
        raise UsageError(
            f"got account '{name[:80]}', expected 1 to 64 letters, digits, dots, hyphens, underscores or @, "
            "and nothing that looks like a device's id"
        )
    return name


@contextmanager
def acting_as(name: str) -> Iterator[None]:
    """Let what is done inside be the act of another account: a service's, for who signed in."""
    token = _given.set(named(name))
    try:
        yield
    finally:
        _given.reset(token)
