"""What was claimed: ``CLAIMS.toml``, which says who claims what, in whose words, when, and by which parameters."""

from __future__ import annotations

import datetime as dt
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hereabouts.errors import UsageError
from hereabouts.rules.toml_files import in_words, read_toml

Text = Annotated[str, Field(min_length=1, max_length=600)]
Day = Annotated[dt.date, Field(ge=dt.date(1970, 1, 1))]

PARAMETERS: dict[str, frozenset[str]] = {
    "no-direct-identifiers": frozenset(),
    "no-cell-tower-data": frozenset(),
    "not-bulk": frozenset(),
    "consented": frozenset(),
    "anonymised": frozenset(),
    "coarse-positions": frozenset(),
    "small-share-of-population": frozenset({"population", "at_most"}),
    "opt-outs-honoured": frozenset(),
    "retention-kept": frozenset({"days", "as_of"}),
    "aggregate-only": frozenset(),
}
"""The claims that can be tested, and which parameters each may be given."""

_REQUIRED = {"small-share-of-population": ("population",), "retention-kept": ("days",)}
_OPTIONAL = ("population", "at_most", "days", "as_of")


class Statement(BaseModel):
    """One claim, as somebody made it.

    Attributes
    ----------
    claim
        Which of :data:`PARAMETERS` it is.
    words
        How it was put.
    by, said, reported
        Who said so, when, and where that can be read (may be left out).
    population
        How many people live in the area that the data are of.
    at_most
        The largest share of them that the claim still calls small; where its author named none, leave it out.
    days, as_of
        How many days rows are kept, and the day on which that is asked (by default, the day of the claim).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    claim: Text
    words: Text
    by: Text
    said: Day
    reported: Annotated[str, Field(max_length=600)] = ""
    population: Annotated[int, Field(ge=1)] | None = None
    at_most: Annotated[float, Field(gt=0, le=1)] | None = None
    days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    as_of: Day | None = None


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    title: Text
    claims: Annotated[list[Statement], Field(min_length=1, max_length=100)]


class Stated(BaseModel):
    """What ``CLAIMS.toml`` says.

    Attributes
    ----------
    title
        What the claims are about.
    statements
        In their order.
    folder
        Where the file is.
    """

    model_config = ConfigDict(frozen=True)

    title: str
    statements: tuple[Statement, ...]
    folder: Path


def example() -> str:
    """Give the shipped example: what was reported to have been said in 2020 of purchased location data."""
    return files(__package__).joinpath("examples", "purchased-data-2020.toml").read_text(encoding="utf-8")


def load_claims(path: Path) -> Stated:
    """Read claims.

    Raises
    ------
    UsageError
        If there is no such file, it is not TOML, or a key is unknown, missing or has a wrong value: the message names
        file and key.
    MachineError
        If it may not be read.
    """
    content = read_toml(path, "there is no such file; expected claims: `hereabouts claims --example` prints some")
    try:
        document = _Document.model_validate(content)
    except ValidationError as error:
        faults = "; ".join(_fault(fault["loc"], fault["msg"]) for fault in error.errors(include_input=False))
        raise UsageError(f"{path}: {faults}") from None
    faults = "; ".join(_wrong(number, statement) for number, statement in enumerate(document.claims, 1)).strip("; ")
    if faults:
        raise UsageError(f"{path}: {faults}")
    return Stated(title=document.title, statements=tuple(document.claims), folder=path.parent)


def _wrong(number: int, statement: Statement) -> str:
    """Say what is wrong with a statement by itself; nothing if it is right."""
    if statement.claim not in PARAMETERS:
        return f"claim {number}: got '{statement.claim}', expected one of {', '.join(PARAMETERS)}"
    known = PARAMETERS[statement.claim]
    given = {name for name in _OPTIONAL if getattr(statement, name) is not None}
    said = [f"key '{name}' says nothing of {statement.claim}: leave it out" for name in sorted(given - known)]
    said += [f"key '{name}' is missing" for name in _REQUIRED.get(statement.claim, ()) if name not in given]
    return f"claim {number}: {', '.join(said)}" if said else ""


def _fault(location: tuple[int | str, ...], message: str) -> str:
    """Say one thing that is wrong, as people count claims; no value, which may be anything."""
    where: list[Any] = [part for part in location if part != "claims"] or list(location)
    which = f"claim {where.pop(0) + 1}: " if where and isinstance(where[0], int) else ""
    return f"{which}{'key ' + repr('.'.join(map(str, where))) if where else 'it'} {in_words(message)}"
