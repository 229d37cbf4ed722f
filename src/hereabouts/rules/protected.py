"""Protected areas: where the policy lets out nothing finer than a resolution and a period it names.

For example corridors that people cross in danger: how many crossed in a week may help to place water, and by which
path and at what hour must not be read off. Areas are public configuration (``[[protected_areas]]`` in
``policy.toml``), so what they withhold costs no privacy and says nothing about anybody. How far they reach, and why
what is still published does not give them away, is in ``release/protected.md``.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

HOUR, WINDOW = "PT1H", "window"
_DAYS = re.compile(r"P([1-9]\d{0,2})([DW])")
_FINEST = 7


class ProtectedArea(BaseModel):
    """One area, as the policy says it.

    Attributes
    ----------
    name
        What manifests call it: it is published, so it should not say more than may be known.
    bbox, geojson, cells
        Where: exactly one of a box (west, south, east, north in WGS84 degrees), a GeoJSON file (absolute, or relative
        to the store's folder), or H3 cells of resolution 7 or coarser, taken by index.
    finest_resolution
        Finest H3 resolution at which figures are let out; 7 leaves places as they are and protects hours alone.
    finest_period
        Shortest period of which figures are let out: ``PT1H`` (no limit), days or weeks such as ``P1D``, or
        ``window`` for whole windows alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
    bbox: Annotated[tuple[float, float, float, float], Field(strict=False)] | None = None
    geojson: Annotated[str, Field(min_length=1)] | None = None
    cells: Annotated[tuple[str, ...], Field(strict=False, min_length=1)] | None = None
    finest_resolution: Annotated[int, Field(ge=0, le=_FINEST)]
    finest_period: str

    @field_validator("finest_period")
    @classmethod
    def _a_period(cls, value: str) -> str:
        if value not in (HOUR, WINDOW) and not _DAYS.fullmatch(value):
            raise ValueError(f"expected {HOUR}, days or weeks such as P1D, or {WINDOW}")
        return value

    @model_validator(mode="after")
    def _one_place(self) -> ProtectedArea:
        given = [name for name in ("bbox", "geojson", "cells") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"expected exactly one of bbox, geojson, cells; got {' and '.join(given) or 'none'}")
        if self.bbox is not None:
            west, south, east, north = self.bbox
            if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
                raise ValueError(
                    "expected bbox = [west, south, east, north] in degrees, with west < east and south < north"
                )
        if self.finest_resolution == _FINEST and self.finest_period == HOUR:
            raise ValueError(
                f"finest_resolution {_FINEST} and finest_period {HOUR} protect nothing: set one of them coarser"
            )
        return self

    @property
    def days(self) -> int | None:
        """Length of the shortest period in days: 0 for an hour, ``None`` for a whole window, however long."""
        if self.finest_period == WINDOW:
            return None
        found = _DAYS.fullmatch(self.finest_period)
        return int(found[1]) * (7 if found[2] == "W" else 1) if found else 0
