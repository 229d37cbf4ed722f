"""What a profile's TOML file may say: every key has a type, and an unknown one is an error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from hereabouts.errors import UsageError
from hereabouts.feeds.consent.rule import ConsentRule, Framework
from hereabouts.feeds.profile import Profile, TimeUnit


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


_Column = Annotated[str, Field(min_length=1)]
_Separator = Literal[",", ";", "\t", "|"]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class _Consent(_Section):
    column: _Column
    framework_column: _Column | None = None
    framework: Framework = ConsentRule.framework
    tcf_purposes: list[int] = list(ConsentRule.tcf_purposes)
    tcf_vendor: int | None = ConsentRule.tcf_vendor


class _File(_Section):
    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
    description: str = ""
    device: _Column | None = None
    device_from: Literal["file"] | None = None
    latitude: _Column
    longitude: _Column
    degrees_per_unit: Annotated[float, Field(ge=1e-12, le=1)] | None = None
    time: Annotated[list[_Column], BeforeValidator(_listed), Field(min_length=1, max_length=2)]
    time_or: _Column | None = None
    time_unit: TimeUnit = "auto"
    accuracy: _Column | None = None
    limit_ad_tracking: _Column | None = None
    source_type: _Column | None = None
    consent: _Consent | None = None
    document: str | None = None
    separator: Annotated[list[_Separator], BeforeValidator(_listed), Field(min_length=1)] = [","]
    ignored: list[str] = []
    direct_identifiers: list[str] = []

    @model_validator(mode="after")
    def _one_device(self) -> _File:
        if (self.device is None) == (self.device_from is None):
            raise ValueError("one of the keys 'device' and 'device_from' says what a device is: expected exactly one")
        return self

    @model_validator(mode="after")
    def _one_time(self) -> _File:
        if self.time_or is not None and len(self.time) == 2:
            raise ValueError("key 'time_or' goes with one time column, and 'time' names two")
        return self

    @model_validator(mode="after")
    def _a_column_means_one_thing(self) -> _File:
        profile = self.profile()
        own = [name for name in (profile.device, profile.time) if name not in profile.read]
        named = Counter([*profile.read, *own, *self.ignored, *self.direct_identifiers])
        twice = sorted(name for name, times in named.items() if times > 1)
        if twice:
            raise ValueError(f"columns named for two things: {', '.join(map(repr, twice))}; a column means one thing")
        return self

    def profile(self) -> Profile:
        """Give what the file says, as what feeds are read by."""
        consent = self.consent
        parts = (self.time[0], self.time[1]) if len(self.time) == 2 else None
        return Profile(
            name=self.name,
            description=self.description,
            device="(the file's name)" if self.device is None else self.device,
            device_from_file=self.device_from == "file",
            latitude=self.latitude,
            longitude=self.longitude,
            degrees_per_unit=self.degrees_per_unit,
            time=self.time[0] if parts is None else f"({parts[0]} and {parts[1]})",
            time_parts=parts,
            time_or=self.time_or,
            time_unit=self.time_unit,
            accuracy=self.accuracy,
            limit_ad_tracking=self.limit_ad_tracking,
            source_type=self.source_type,
            consent=None if consent is None else consent.column,
            consent_framework=None if consent is None else consent.framework_column,
            consent_rule=ConsentRule()
            if consent is None
            else ConsentRule(consent.framework, tuple(consent.tcf_purposes), consent.tcf_vendor),
            document=self.document,
            separators=tuple(self.separator),
            ignored=frozenset(self.ignored),
            direct_identifiers=frozenset(self.direct_identifiers),
        )


def profile_of(content: object, source: str) -> Profile:
    """Give the profile that a TOML file's content describes.

    Parameters
    ----------
    content
        What the file says, parsed.
    source
        What messages call it.

    Raises
    ------
    UsageError
        If a key is unknown, missing or has a wrong value: the message names file and key.
    """
    try:
        return _File.model_validate(content).profile()
    except ValidationError as error:
        faults = dict.fromkeys(_fault(fault["loc"], fault["msg"], fault.get("input")) for fault in error.errors())
        raise UsageError(f"{source}: {'; '.join(faults)}") from None
    except UsageError as error:
        raise UsageError(f"{source}: section 'consent': {error}") from None


def _fault(location: Iterable[int | str], message: str, got: object) -> str:
    """Say one thing that is wrong: the key, what was got, what was expected."""
    text = message.removeprefix("Value error, ")
    key = ".".join(str(part) for part in location)
    if not key:
        return text
    known = {"Extra inputs are not permitted": "is not a known key", "Field required": "is missing"}
    if text in known:
        return f"key '{key}' {known[text]}"
    shown = "" if isinstance(got, dict) else f" (got {got!r})"
    return f"key '{key}': {text[0].lower() + text[1:]}{shown}"
