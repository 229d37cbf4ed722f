"""What the report reads from a release's manifest, as types.

The manifest is JSON made by another layer, and older or newer ones may lack a key or hold more. This is the
one place that knows its keys: what must be there is checked here, what may be absent is ``None`` from here
on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hereabouts.errors import BadInputError
from hereabouts.release.plan import BY_CELL

SOURCE = "release.json"
DISTRIBUTIONS = "distributions"


@dataclass(frozen=True)
class Cost:
    """A privacy loss: (ε, δ), and ρ, in which losses add up. What the manifest does not say is ``None``."""

    epsilon: float | None = None
    delta: float | None = None
    rho: Fraction | None = None


@dataclass(frozen=True)
class Window:
    """The span that the release covers; ``start`` is in it, ``end`` is the first moment after it."""

    name: str
    start: datetime
    end: datetime
    zone: ZoneInfo


@dataclass(frozen=True)
class Privacy:
    """What is protected, what this release cost, and what is spent and left."""

    unit: str | None
    cost: Cost
    window_spent: Cost
    window_budget: Cost
    lifetime: Cost
    lifetime_windows: int | None
    restated: Cost = Cost()


@dataclass(frozen=True)
class MeasuredLevel:
    """One resolution of a statistic as it was measured: the noise that was drawn, and what that cost."""

    statistic: str
    resolution: int
    periods: tuple[str, ...]
    noise_sd: float | None
    rho: Fraction | None
    bound: float | None


@dataclass(frozen=True)
class Published:
    """How many of a level's possible rows were published."""

    rows: int
    domain: int | None


@dataclass(frozen=True)
class ProtectedArea:
    """An area of which nothing finer than a resolution and a period is published."""

    name: str
    resolution: int
    period: str


@dataclass(frozen=True)
class Protected:
    """What protected areas withhold: rows by level, and cells of the plan's region that were left out of it."""

    areas: tuple[ProtectedArea, ...]
    rows: Mapping[tuple[str, int, str], int]
    left_out: int


@dataclass(frozen=True)
class PlacesList:
    """The list of sensitive places in force."""

    version: int
    digest: str


@dataclass(frozen=True)
class ReleaseFacts:
    """The manifest, read; `distributions` are the names of those that were measured."""

    name: str
    purpose: str | None
    requested_by: str | None
    policy: str | None
    measured_at: datetime | None
    code_version: str | None
    window: Window
    bbox: tuple[float, float, float, float] | None
    region_cells: int | None
    privacy: Privacy
    measured: tuple[MeasuredLevel, ...]
    minimum: float | None
    max_relative_halfwidth: float | None
    rows: Mapping[tuple[str, int, str], Published]
    distributions: frozenset[str]
    protected: Protected | None
    states_places: bool
    places: PlacesList | None
    stale: bool


def read_manifest(manifest: Mapping[str, Any]) -> ReleaseFacts:
    """Read what the report needs from a manifest.

    Parameters
    ----------
    manifest
        The content of ``release.json``.

    Returns
    -------
    ReleaseFacts
        Typed facts; absent optional keys are ``None``.

    Raises
    ------
    BadInputError
        The window is absent or cannot be read, or a value has another type than the manifest's format gives
        it.
    """
    try:
        return _read(manifest)
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError) as problem:
        raise BadInputError(
            SOURCE,
            f"cannot be read as a manifest ({type(problem).__name__}: {problem}); expected at least 'name' "
            "and a 'window' with 'start', 'end' and 'timezone'. Make the release again with this version.",
        ) from problem


def _read(manifest: Mapping[str, Any]) -> ReleaseFacts:
    publish = _mapping(manifest.get("publish"))
    return ReleaseFacts(
        name=str(manifest["name"]),
        purpose=_text(manifest.get("purpose")),
        requested_by=_text(manifest.get("requested_by")),
        policy=_text(manifest.get("policy")),
        measured_at=datetime.fromisoformat(str(manifest["measured"])) if manifest.get("measured") else None,
        code_version=_text(manifest.get("code_version")),
        window=_window(manifest["window"]),
        bbox=_bbox(manifest.get("region")),
        region_cells=_count(manifest.get("region_cells") or _mapping(manifest.get("region")).get("cells")),
        privacy=_privacy(_mapping(manifest.get("privacy"))),
        measured=_measured(_mapping(manifest.get("statistics"))),
        minimum=_number(publish.get("minimum")),
        max_relative_halfwidth=_number(publish.get("max_relative_halfwidth")),
        rows=_rows(_mapping(manifest.get("rows"))),
        distributions=_distributions(manifest),
        protected=_protected(manifest.get("protected_areas")),
        states_places="sensitive_places" in manifest,
        places=_places(manifest.get("sensitive_places")),
        stale=bool(manifest.get("stale", False)),
    )


def _window(value: Mapping[str, Any]) -> Window:
    try:
        zone = ZoneInfo(str(value["timezone"]))
    except ZoneInfoNotFoundError as problem:
        raise ValueError(f"unknown time zone {value['timezone']!r}") from problem
    start, end = (datetime.fromisoformat(str(value[key])) for key in ("start", "end"))
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError(f"window from {start} to {end} has no UTC offset")
    if end <= start:
        raise ValueError(f"window ends at {end}, which is not after its start {start}")
    name = str(value.get("name") or start.date().isoformat())
    return Window(name, start.astimezone(zone), end.astimezone(zone), zone)


def _privacy(value: Mapping[str, Any]) -> Privacy:
    lifetime = _mapping(value.get("lifetime"))
    return Privacy(
        unit=_text(value.get("unit")),
        cost=_cost(value),
        window_spent=_cost(_mapping(value.get("window_spent"))),
        window_budget=_cost(_mapping(value.get("window_budget"))),
        lifetime=_cost(lifetime),
        lifetime_windows=_count(lifetime.get("windows")),
        restated=_cost(_mapping(value.get("restated"))),
    )


def _cost(value: Mapping[str, Any]) -> Cost:
    return Cost(_number(value.get("epsilon")), _number(value.get("delta")), _fraction(value.get("rho")))


def _measured(statistics: Mapping[str, Any]) -> tuple[MeasuredLevel, ...]:
    return tuple(
        MeasuredLevel(
            statistic=str(statistic),
            resolution=int(level["resolution"]),
            periods=tuple(str(period) for period in level.get("periods", (level.get("period"),)) if period),
            noise_sd=_number(level.get("noise_sd_hour", level.get("noise_sd"))),
            rho=_fraction(level.get("rho")),
            bound=_number(level.get("bound")),
        )
        for statistic, content in statistics.items()
        for kind in ("levels", "slots")
        for level in _mapping(content).get(kind, ())
        if "resolution" in level
    )


def _distributions(manifest: Mapping[str, Any]) -> frozenset[str]:
    """The distributions that were measured: they have no levels."""
    rows = _mapping(manifest.get("rows"))
    named = {*_mapping(rows.get(DISTRIBUTIONS)), *_mapping(manifest.get("statistics"))}
    return frozenset(named - {*BY_CELL, DISTRIBUTIONS})


def _rows(rows: Mapping[str, Any]) -> dict[tuple[str, int, str], Published]:
    return {key: Published(int(count["rows"]), _count(count.get("domain"))) for key, count in _by_level(rows)}


def _by_level(rows: Mapping[str, Any]) -> Iterator[tuple[tuple[str, int, str], Any]]:
    """What is said of each level: statistic, resolution and period, from ``{"presence": {"7/PT1H": …}}``."""
    for statistic, levels in rows.items():
        for key, said in _mapping(levels).items() if statistic != DISTRIBUTIONS else ():
            resolution, _, period = str(key).partition("/")
            yield (str(statistic), int(resolution), period), said


def _protected(value: object) -> Protected | None:
    if value is None:
        return None
    section = _mapping(value)
    return Protected(
        tuple(
            ProtectedArea(str(area["name"]), int(area["finest_resolution"]), str(area["finest_period"]))
            for area in section.get("areas", ())
        ),
        {key: int(count) for key, count in _by_level(_mapping(section.get("rows_withheld")))},
        int(section.get("region_cells_left_out", 0)),
    )


def _places(value: object) -> PlacesList | None:
    if value is None:
        return None
    section = _mapping(value)
    return PlacesList(int(section["version"]), str(section["digest"]))


def _bbox(region: object) -> tuple[float, float, float, float] | None:
    values = _mapping(region).get("bbox")
    if values is None:
        return None
    west, south, east, north = (float(value) for value in values)
    return west, south, east, north


def _mapping(value: object) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise TypeError(f"expected an object, got {value!r}")
    return value


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _count(value: object) -> int | None:
    """Return a count; a list of cells counts as its length."""
    if value is None:
        return None
    return len(value) if isinstance(value, (list, tuple)) else int(str(value))


def _number(value: object) -> float | None:
    """Return a number; infinity may be written ``"inf"``, as JSON has no word for it."""
    if value is None:
        return None
    number = float(str(value))
    if math.isnan(number):
        raise ValueError("a number of the manifest is NaN")
    return number


def _fraction(value: object) -> Fraction | None:
    return None if value is None else Fraction(str(value))
