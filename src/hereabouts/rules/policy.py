"""The policy of a store: ``policy.toml``, written once by ``init``, read by every command.

Two policies are known. ``research`` asks for no officer, assessment or second signature (manifest and log say
so). ``regulated`` asks for all that can be asked, and takes no looser values than its defaults.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from hereabouts.errors import MachineError, UsageError
from hereabouts.objects import ObjectPath
from hereabouts.rules.protected import ProtectedArea
from hereabouts.rules.toml_files import in_words, read_toml

PolicyName = Literal["research", "regulated"]

OWN = "own"
"""Of ledger and data: in the store's own folder."""

EMBARGO_DAYS = 7
"""Days for which a window must have been closed before it is released: figures describe, not intercept."""

REVIEW_DAYS = 30
"""Days within which a regulated policy has every entry of the log reviewed, at the most."""

FINEST_RESOLUTION = 7
"""Finest H3 resolution that needs no justification: its cells exceed every legal "precise geolocation"."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Budget(_Section):
    """Privacy budget of each window: what one device may be exposed to in it, over all releases together."""

    # The same ranges as hereabouts.privacy.accounting, which stands above this layer; a test holds them
    # together.
    epsilon: Annotated[float, Field(gt=0, le=20)]
    delta: Annotated[float, Field(gt=0, le=1e-3)]


class Requires(_Section):
    """What the policy asks for, of the store or of a plan.

    Attributes
    ----------
    officer
        Somebody who answers for the store, without whom nothing begins.
    assessment
        An impact assessment in force for the purpose.
    second_signature
        That a plan is run by a registered person and signed by another one.
    recipients
        That a plan names who is given the release, and each has agreed to terms (RECIP).
    review_days
        Days within which every entry of the log is reviewed, or nothing is released; 0 asks for no review.
    """

    officer: bool
    assessment: bool
    second_signature: bool
    # Policies from before these could be asked for do not name them.
    recipients: bool = False
    review_days: Annotated[int, Field(ge=0, le=3650)] = 0

    def asked(self) -> tuple[str, ...]:
        """Return the names of what is asked for."""
        return tuple(name for name in type(self).model_fields if getattr(self, name))


class Retention(_Section):
    """How long what is kept of a window (RETAIN); days count from the window's end, by ``retain``'s clock.

    Attributes
    ----------
    pseudonym_key_days
        Then its pseudonym key is destroyed: nobody in it can be found by an id, or told to be the same as in another.
    open_days
        Then it is sealed, if it never was: its precise positions are deleted.
    sealed_days
        Then its tables are deleted; 0 keeps them.
    """

    pseudonym_key_days: Annotated[int, Field(ge=1, le=36_500)] = 365
    open_days: Annotated[int, Field(ge=1, le=36_500)] = 60
    sealed_days: Annotated[int, Field(ge=0, le=36_500)] = 0

    @model_validator(mode="after")
    def _one_after_the_other(self) -> Retention:
        # Pings that wait need their key, and tables are made of them.
        if self.pseudonym_key_days < self.open_days or 0 < self.sealed_days < self.open_days:
            raise ValueError(
                f"a window is sealed first: set pseudonym_key_days (got {self.pseudonym_key_days}), and sealed_days if "
                f"it is not 0 (got {self.sealed_days}), to open_days (got {self.open_days}) or more"
            )
        return self

    @property
    def digest(self) -> str:
        """SHA-256 of the schedule, in hex: the same for the same days."""
        return hashlib.sha256(json.dumps(self.model_dump(), sort_keys=True).encode()).hexdigest()


class Publisher(_Section):
    """Who lets releases out, as they say it of themselves in manifests and registry entries."""

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
    url: Annotated[str, Field(max_length=500, pattern=r"^https?://\S+$")] | None = None


class Policy(_Section):
    """What a store's operator has set; no command changes it.

    Attributes
    ----------
    ledger
        ``own``, or the URL of a database that stores share; the one that the store was made with, wherever it lies.
    keys
        Folder of the keys: absolute, or relative to the store's parent folder.
    data
        Where pings and tables lie: ``own``, or an address of object storage.
    retention
        May be left out: then its defaults hold.
    protected_areas
        Areas of which nothing finer is let out than each of them says.
    publisher
        Who lets releases out: public, in every manifest. May be left out; then it is not named.
    """

    name: PolicyName
    embargo_days: Annotated[int, Field(ge=1, le=3650)]
    finest_resolution: Annotated[int, Field(ge=0, le=FINEST_RESOLUTION)]
    ledger: Annotated[str, Field(min_length=1)]
    keys: Annotated[str, Field(min_length=1)]
    data: str = OWN
    budget: Budget
    requires: Requires
    retention: Retention = Retention()
    protected_areas: Annotated[tuple[ProtectedArea, ...], Field(strict=False)] = ()
    publisher: Publisher | None = None

    @field_validator("data")
    @classmethod
    def _data_is_somewhere(cls, data: str) -> str:
        if data != OWN:
            try:
                return str(ObjectPath.of(data))
            except UsageError as error:
                raise ValueError(str(error)) from None
        return data

    @model_validator(mode="before")
    @classmethod
    def _regulated_asks_for_what_is_new(cls, content: Any) -> Any:
        asked = content.get("requires") if isinstance(content, dict) and content.get("name") == "regulated" else None
        if not isinstance(asked, dict):
            return content
        return content | {"requires": {"recipients": True, "review_days": REVIEW_DAYS} | asked}

    @model_validator(mode="after")
    def _regulated_is_not_loosened(self) -> Policy:
        if self.name == "regulated":
            if len(self.requires.asked()) != len(Requires.model_fields) or self.requires.review_days > REVIEW_DAYS:
                raise ValueError(
                    "a regulated policy requires officer, assessment, second_signature and recipients: set all to "
                    f"true, and review_days to 1 to {REVIEW_DAYS}"
                )
            if self.embargo_days < EMBARGO_DAYS:
                raise ValueError(f"a regulated policy has an embargo of {EMBARGO_DAYS} days or more")
            longest = Retention()
            for days in ("pseudonym_key_days", "open_days"):
                if getattr(self.retention, days) > getattr(longest, days):
                    raise ValueError(
                        f"a regulated policy has retention.{days} of {getattr(longest, days)} days or fewer"
                    )
        return self


def make_policy(name: str, *, epsilon: float, delta: float, keys: str, ledger: str = OWN, data: str = OWN) -> Policy:
    """Return the policy `name` with its defaults.

    Parameters
    ----------
    name
        ``research`` or ``regulated``.
    epsilon, delta
        Privacy budget of each window.
    keys, ledger, data
        See :class:`Policy`.

    Raises
    ------
    UsageError
        If a value is out of range or the policy is not known.
    """
    regulated = name == "regulated"
    return _validated(
        {
            "name": name,
            "embargo_days": EMBARGO_DAYS,
            "finest_resolution": FINEST_RESOLUTION,
            "ledger": ledger,
            "keys": keys,
            "data": data,
            "budget": {"epsilon": epsilon, "delta": delta},
            "requires": {
                "officer": regulated,
                "assessment": regulated,
                "second_signature": regulated,
                "recipients": regulated,
                "review_days": REVIEW_DAYS if regulated else 0,
            },
            "retention": {},
        },
        "policy",
    )


def load_policy(path: Path) -> Policy:
    """Read a policy.

    Raises
    ------
    UsageError
        If there is none, it is not TOML, or a key is unknown, missing or has a wrong value: the message names
        file and key.
    MachineError
        If it may not be read.
    """
    missing = "there is no policy here; is this a store? make one with 'hereabouts init'"
    return _validated(read_toml(path, missing, "correct it, or restore it from a backup"), str(path))


def write_policy(path: Path, policy: Policy) -> None:
    """Write a policy with comments that say what each value means; an existing file is left alone.

    Raises
    ------
    UsageError
        If there is a policy already.
    MachineError
        If it cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(_TEMPLATE.format(**_toml_values(policy)))
            if policy.publisher is not None:
                named = policy.publisher.model_dump(exclude_none=True)
                file.write("\n[publisher]\n")
                file.writelines(f"{key} = {_toml(value)}\n" for key, value in named.items())
            for area in policy.protected_areas:
                said = area.model_dump(exclude_none=True)
                file.write("\n[[protected_areas]]\n")
                file.writelines(f"{key} = {_toml(value)}\n" for key, value in said.items())
    except FileExistsError as error:
        raise UsageError(f"{path}: there is a policy already; edit it, or make another store") from error
    except OSError as error:
        raise MachineError(f"cannot write {path}: {error.strerror}") from error


def _validated(content: object, source: str) -> Policy:
    try:
        return Policy.model_validate(content)
    except ValidationError as error:
        faults = "; ".join(_fault(fault["loc"], fault["msg"], fault.get("input")) for fault in error.errors())
        raise UsageError(f"{source}: {faults}") from None


def _fault(location: tuple[int | str, ...], message: str, got: object) -> str:
    """Say one thing that is wrong: the key, what was got (no section, no address), what was expected."""
    key = ".".join(map(str, location)) or "policy"
    shown = "" if isinstance(got, dict | BaseModel) or key == "data" else f" (got {got!r})"
    return f"key '{key}': {in_words(message)}{shown}"


def _toml_values(policy: Policy) -> dict[str, str]:
    """Return every value as TOML; nested ones as ``section_key``."""
    values = policy.model_dump()
    flat = {key: value for key, value in values.items() if not isinstance(value, dict | tuple)}
    for section in ("budget", "requires", "retention"):
        flat |= {f"{section}_{key}": value for key, value in values[section].items()}
    return {key: _toml(value) for key, value in flat.items()}


def _toml(value: str | bool | float | tuple[str | float, ...]) -> str:
    # JSON writes strings, numbers, booleans and lists of them as TOML reads them, but for one control character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


_TEMPLATE = """\
# The policy of this store. Commands read it and never change it. An unknown key is an error.

name = {name}
# Days for which a window must have been closed before it is released.
embargo_days = {embargo_days}
# Finest H3 resolution (0 to 7) that is released without a justification in the plan.
finest_resolution = {finest_resolution}
# Where spending is recorded: "own" is this store's state.sqlite; stores that take the same feeds share one, whose URL
# stands here without a password. It may be moved; another one is refused, as it would not know what was spent.
ledger = {ledger}
# Folder of the keys, outside the store; a relative one counts from the folder that the store is in.
keys = {keys}
# Where pings and tables lie: "own" is this store's folder; else an address of object storage, such as
# "s3://bucket/prefix". Who asks, and whom, is taken from the environment (AWS_PROFILE, AWS_ENDPOINT_URL, ...).
data = {data}

# What one device may be exposed to in one window, over all releases of that window together.
# Raising it raises it for data that were taken in under the old promise.
[budget]
epsilon = {budget_epsilon}
delta = {budget_delta}

# What is asked for, of the store or of a plan.
[requires]
# Somebody who answers for the store; nothing begins before they are appointed.
officer = {requires_officer}
# An impact assessment in force for a plan's purpose.
assessment = {requires_assessment}
# That a plan is run by a registered person, and signed by another one.
second_signature = {requires_second_signature}
# That a plan names who is given the release, and that each of them agreed to terms.
recipients = {requires_recipients}
# Days within which every entry of the log is reviewed, or nothing is released; 0 asks for no review.
review_days = {requires_review_days}

# The retention schedule, which is public; 'hereabouts retain' keeps to it. Days are counted from a window's end.
[retention]
# Then nobody in a window can be found by an id any more, or be told to be the same as in another window.
pseudonym_key_days = {retention_pseudonym_key_days}
# Then a window that was never sealed is: its precise positions are deleted.
open_days = {retention_open_days}
# Then its tables are deleted as well, and it cannot be measured any more; 0 keeps them.
sealed_days = {retention_sealed_days}

# Who lets releases out: public, in every manifest and registry entry.
# [publisher]
# name = "City of Example"
# url = "https://example.org/movement"

# Areas of which nothing finer is let out, any number of them:
# [[protected_areas]]
# name = "eastern corridor"
# bbox = [115.4, 39.4, 115.9, 39.8]
# finest_resolution = 5
# finest_period = "P7D"
"""
