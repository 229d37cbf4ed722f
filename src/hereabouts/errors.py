"""The errors of hereabouts: one base, one subclass for each exit code that a caller can act on.

A message says what was got, what was expected, and what to do next. Anything that is not a
:class:`HereaboutsError` is a bug of ours and ends a command with exit code 1.
"""

from __future__ import annotations


class HereaboutsError(Exception):
    """Base of every error that hereabouts raises on purpose; ``exit_code`` is the command line's."""

    exit_code = 1


class UsageError(HereaboutsError):
    """The call itself is wrong: an unknown option, plan key, time zone, store that is not one."""

    exit_code = 2


class RefusedError(HereaboutsError):
    """A rule refuses.

    Parameters
    ----------
    rule
        Short name of the rule, for example ``"budget"`` or ``"embargo"``.
    reason
        What was asked, why it is refused, and what would satisfy the rule.
    """

    exit_code = 3

    def __init__(self, rule: str, reason: str) -> None:
        self.rule = rule
        self.reason = reason
        super().__init__(f"refused by rule '{rule}': {reason}")


class BadInputError(HereaboutsError):
    """What was handed in cannot be read.

    Parameters
    ----------
    source
        The file that was read.
    reason
        What is wrong with it and what was expected.
    rows
        How many rows are concerned; ``None`` where the file could not be read at all.
    """

    exit_code = 4

    def __init__(self, source: object, reason: str, rows: int | None = None) -> None:
        self.source = str(source)
        self.reason = reason
        self.rows = rows
        super().__init__(f"{source}: {reason}" if rows is None else f"{source}: {rows} rows: {reason}")


class VerificationError(HereaboutsError):
    """A release, a log or a proof does not say what it claims."""

    exit_code = 5


class MachineError(HereaboutsError):
    """The machine refuses: disk full, no permission, no Java."""

    exit_code = 6
