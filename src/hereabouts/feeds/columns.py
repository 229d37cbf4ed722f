"""Whether a feed has the columns that its profile speaks of, in types that can hold them.

Only names and types are judged here, which stand in a file's own header before any row. They refuse the
file; what stands in a row costs that row alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import pyarrow as pa

from hereabouts.errors import BadInputError
from hereabouts.feeds.instants import is_time
from hereabouts.feeds.numbers import is_number
from hereabouts.feeds.profile import Profile
from hereabouts.feeds.text import is_text


def is_device(kind: pa.DataType) -> bool:
    """Say whether a type can hold device ids: text, or whole numbers."""
    return is_text(kind) or bool(pa.types.is_integer(kind))


def is_flag(kind: pa.DataType) -> bool:
    """Say whether a type can hold true and false: booleans, or text."""
    return is_text(kind) or bool(pa.types.is_boolean(kind))


def check_names(source: object, names: Sequence[str], profile: Profile) -> None:
    """Refuse a file whose columns are not those of its profile.

    Raises
    ------
    BadInputError
        If a required column is missing, a column is there twice, or one is unknown to the profile.
    """
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise BadInputError(source, f"columns there more than once: {listed(twice)}; each may be there once")
    missing = [name for name in profile.required if name not in names]
    if missing:
        raise BadInputError(
            source,
            f"missing columns: {listed(missing)}; found {listed(names)} (profile '{profile.name}'); use "
            f"a profile that maps this feed's columns",
        )
    unknown = [name for name in names if name not in profile.read and name not in profile.ignored]
    if unknown:
        raise BadInputError(
            source,
            f"unknown columns: {listed(unknown)}; profile '{profile.name}' reads {listed(profile.read)} and "
            f"ignores {listed(sorted(profile.ignored))}; use a profile that reads or ignores them too, or "
            f"leave them out",
        )


def check_types(source: object, schema: pa.Schema, profile: Profile) -> None:
    """Refuse a file whose columns cannot hold what its profile says they hold.

    An optional column without any value (of Arrow's null type) is taken as it is: null in every row.

    Raises
    ------
    BadInputError
        If a column has another type.
    """
    kinds: list[tuple[str | None, Callable[[pa.DataType], bool], str]] = [
        (profile.device, is_device, "text or whole numbers"),
        (profile.latitude, is_number, "numbers"),
        (profile.longitude, is_number, "numbers"),
        (profile.time, is_time, "timestamps, ISO 8601 text or epoch numbers"),
        (profile.accuracy, is_number, "numbers"),
        (profile.consent, is_flag, "booleans or text"),
        (profile.limit_ad_tracking, is_flag, "booleans or text"),
        (profile.source_type, is_text, "text"),
    ]
    for name, takes, expected in kinds:
        if name is None or name not in schema.names:
            continue
        kind = schema.field(name).type
        if not takes(kind) and not (pa.types.is_null(kind) and name not in profile.required):
            raise BadInputError(source, f"column {name} is of type {kind}, expected {expected}")


def listed(names: Iterable[str], most: int = 20) -> str:
    """Write names one after another, the first few of many, each cut to a length that fits a message."""
    shown = [name if len(name) <= 60 else f"{name[:57]}..." for name in names]
    if not shown:
        return "none"
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(repr(name)[1:-1] if not name.isprintable() else name for name in shown[:most]) + more
