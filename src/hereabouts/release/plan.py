"""Plans: what a release is to measure, publish and pay, as its author wrote it in TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator, model_validator

from hereabouts.errors import BadInputError, MachineError, UsageError
from hereabouts.privacy.accounting import check_parameters
from hereabouts.release.geojson import read_area

Statistic = Literal[
    "presence",
    "visitors",
    "flows",
    "trip-lengths",
    "trip-durations",
    "stay-durations",
    "trips-per-device-day",
    "cells-per-device-day",
    "radius-of-gyration",
]
# TOML has types: text in quotes, or true, is no number.
Number = Annotated[float, Field(strict=True)]
Resolution = Annotated[int, Field(strict=True, ge=4, le=7)]
Resolutions = Annotated[tuple[Resolution, ...], Field(min_length=1)]
Periods = Annotated[tuple[str, ...], Field(min_length=1)]
# Those that are published at resolutions and periods, and have a section; the others are distributions of the region.
BY_CELL = ("presence", "visitors", "flows")
HOURLY, DAILY = "PT1H", "P1D"
TYPICAL_WEEK, HOUR_OF_DAY = "typical-week", "hour-of-day"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Area(_Section):
    """Where: exactly one of a box, a GeoJSON file, or H3 cells."""

    bbox: tuple[Number, Number, Number, Number] | None = None
    geojson: str | None = None
    cells: tuple[str, ...] | None = None
    _read: bytes | None = PrivateAttr(None)

    def content(self) -> bytes:
        """Of its GeoJSON file, which is read once: what was signed is then what is measured, whatever lies there later.

        Raises
        ------
        BadInputError, MachineError
            When it cannot be read.
        """
        if self._read is None:
            self._read = read_area(Path(self.geojson or ""))
        return self._read

    @model_validator(mode="after")
    def _one(self) -> Area:
        given = [name for name in ("bbox", "geojson", "cells") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"expected exactly one of bbox, geojson, cells; got {' and '.join(given) or 'none'}")
        if self.bbox is not None:
            west, south, east, north = self.bbox
            if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
                raise ValueError(
                    f"got bbox {list(self.bbox)}, expected [west, south, east, north] in degrees, with west < east and "
                    "south < north"
                )
        return self


class Levels(_Section):
    """At which resolutions and periods a statistic is wanted."""

    resolutions: Resolutions
    periods: Periods

    @field_validator("resolutions", "periods")
    @classmethod
    def _distinct(cls, values: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(set(values)) != len(values):
            raise ValueError(f"got {list(values)}: name each once")
        return tuple(sorted(values))


class PresenceLevels(Levels):
    """Presence: by hour, day, window, hour of the typical week, or hour of the day."""

    resolutions: Resolutions = (6, 7)
    periods: Periods = (DAILY, "P7D", HOURLY)


class VisitorLevels(Levels):
    """Visitors: by day or window."""

    resolutions: Resolutions = (6, 7)
    periods: Periods = ("P7D",)


class FlowLevels(Levels):
    """Flows: by window, day, or hour of the day."""

    resolutions: Resolutions = (5, 6)
    periods: Periods = ("P7D",)


class Publish(_Section):
    """Which estimated rows are useful enough to be published. Costs nothing: it looks at noisy numbers."""

    minimum: Annotated[Number, Field(ge=0, allow_inf_nan=False)] = 20.0
    max_relative_halfwidth: Annotated[Number, Field(gt=0)] = 0.5


class Plan(_Section):
    """A plan, checked."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    purpose: Annotated[str, Field(min_length=1)]
    region: Area
    window: str
    epsilon: Number
    delta: Number
    statistics: Annotated[tuple[Statistic, ...], Field(min_length=1)]
    finest_resolution: Resolution = 7
    justification: str | None = None
    recipients: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    presence: PresenceLevels = PresenceLevels()
    visitors: VisitorLevels = VisitorLevels()
    flows: FlowLevels = FlowLevels()
    publish: Publish = Publish()

    @field_validator("window", mode="before")
    @classmethod
    def _one_window(cls, value: Any) -> Any:
        if isinstance(value, list) and len(value) == 1:
            return value[0]
        if isinstance(value, list):
            raise ValueError("this version releases one window at a time: write one plan for each")
        return value

    @field_validator("statistics")
    @classmethod
    def _once(cls, values: tuple[Statistic, ...]) -> tuple[Statistic, ...]:
        if len(set(values)) != len(values):
            raise ValueError(f"got {list(values)}: name each once")
        return values

    @model_validator(mode="after")
    def _affordable(self) -> Plan:
        try:
            check_parameters(self.epsilon, self.delta)
        except UsageError as error:
            raise ValueError(str(error)) from None
        return self

    @field_validator("statistics")
    @classmethod
    def _each_once(cls, values: tuple[Statistic, ...]) -> tuple[Statistic, ...]:
        if len(set(values)) != len(values):
            raise ValueError(f"got {list(values)}: name each once")
        return values

    @model_validator(mode="after")
    def _within_finest(self) -> Plan:
        for statistic in self.by_cell:
            finest = max(self.levels(statistic).resolutions)
            if finest > self.finest_resolution:
                raise ValueError(
                    f"{statistic} asks for resolution {finest}, finer than finest_resolution {self.finest_resolution}"
                )
        return self

    @property
    def by_cell(self) -> tuple[str, ...]:
        """The statistics that were asked for and have resolutions and periods."""
        return tuple(statistic for statistic in self.statistics if statistic in BY_CELL)

    @property
    def distributions(self) -> tuple[str, ...]:
        """The distributions that were asked for."""
        return tuple(statistic for statistic in self.statistics if statistic not in BY_CELL)

    def levels(self, statistic: str) -> Levels:
        """Resolutions and periods of one statistic of :attr:`by_cell`."""
        sections: dict[str, Levels] = {"presence": self.presence, "visitors": self.visitors, "flows": self.flows}
        return sections[statistic]

    def measured(self) -> dict[str, list[str]]:
        """What noise is drawn for, by statistic: a measurement's key is made of it.

        Periods of presence are means of measured hours, and flows over the window are always measured; all else is
        measured for itself.
        """
        found: dict[str, list[str]] = {name: [] for name in self.distributions}
        for name in self.by_cell:
            levels = self.levels(name)
            found[name] = [str(resolution) for resolution in levels.resolutions]
            if name == "visitors":
                found[name] += levels.periods
            elif name == "flows":
                found[name] += [period for period in levels.periods if period in (DAILY, HOUR_OF_DAY)]
        return dict(sorted(found.items()))

    def check_periods(self, window: str) -> None:
        """Refuse periods that are not published for a window of this duration.

        Raises
        ------
        UsageError
            Names the statistic, the period, and those that may be asked for.
        """
        offered = {
            "presence": {HOURLY, DAILY, window, TYPICAL_WEEK, HOUR_OF_DAY},
            "visitors": {DAILY, window},
            "flows": {DAILY, window, HOUR_OF_DAY},
        }
        for statistic in self.by_cell:
            for period in self.levels(statistic).periods:
                if period not in offered[statistic]:
                    raise UsageError(
                        f"plan '{self.name}': got period {period} for {statistic}, expected one of "
                        f"{', '.join(sorted(offered[statistic]))} (the window is {window})"
                    )


def load_plan(path: Path) -> Plan:
    """Read a plan.

    Raises
    ------
    BadInputError
        When the file is missing or is not TOML.
    UsageError
        When it is not a plan; names every key that is wrong.
    MachineError
        When it may not be read.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInputError(path, "there is no such plan") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, IsADirectoryError) as error:
        raise BadInputError(path, f"expected a plan in TOML ({error})") from None
    except OSError as error:
        raise MachineError(f"cannot read {path}: {error.strerror}") from None
    # Sections of statistics that are not asked for are ignored, whatever they say.
    asked = raw.get("statistics")
    ignored = {name for name in get_args(Statistic) if not (isinstance(asked, list) and name in asked)}
    wanted = {key: value for key, value in raw.items() if key not in ignored}
    try:
        plan = Plan.model_validate(wanted)
    except ValidationError as error:
        raise UsageError(
            f"{path} is not a plan: {'; '.join(_fault(dict(fault)) for fault in error.errors())}"
        ) from None
    if plan.region.geojson is not None:
        area = Area(geojson=str(path.parent / plan.region.geojson))
        plan = plan.model_copy(update={"region": area})
    return plan


def _fault(error: Mapping[str, Any]) -> str:
    """Which key, what is wrong with it, and what was got where that is short enough to say."""
    key = ".".join(map(str, error["loc"])) or "plan"
    got = f" (got {error['input']!r})" if isinstance(error["input"], (str, int, float)) else ""
    return f"{key}: {error['msg'].removeprefix('Value error, ')}{got}"
