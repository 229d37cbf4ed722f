"""What figures may be made for: the purposes that a plan can name, and those that nobody can configure.

Purposes are shipped in ``purposes.toml``, each under a purpose of the W3C Data Privacy Vocabulary (DPV); an
operator's own file may add some. What acts against people (enforcement, security, surveillance, targeting) is
refused here, in code, by the term that it is declared under and by the words that describe it: no file can
lift that. It keeps an honest operator from a purpose that the design rules out; what it cannot do is read
minds.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hereabouts.errors import MachineError, RefusedError, UsageError

NEVER_TERMS = frozenset(
    {
        # What enforces, and what names or checks a person (DPV: EnforceSecurity and all below it)
        "EnforceSecurity",
        "EnforceAccessControl",
        "MisusePreventionAndDetection",
        "FraudPreventionAndDetection",
        "CounterMoneyLaundering",
        "MaintainFraudDatabase",
        "Verification",
        "AgeVerification",
        "IdentityVerification",
        "IdentityAuthentication",
        # What the state does against people; ImprovePublicServices is defined as including law enforcement
        "Counterterrorism",
        "ProtectionOfNationalSecurity",
        "ProtectionOfPublicSecurity",
        "ImprovePublicServices",
        # What is aimed at single persons
        "DirectMarketing",
        "Personalisation",
        "PersonalisedAdvertising",
        "TargetedAdvertising",
        "ServicePersonalisation",
        "PersonnelManagement",
        "CreditChecking",
        "CustomerSolvencyMonitoring",
    }
)
"""DPV purposes (without ``dpv:``) that no purpose may be declared under."""

NEVER_WORDS = (
    "enforce",
    "suspect",
    "investigat",
    "fugitive",
    "protest",
    "removaloperation",
    "raids",
    "police",
    "policing",
    "prosecut",
    "arrest",
    "detention",
    "detain",
    "deport",
    "immigra",
    "asylum",
    "refugeestatus",
    "bordercontrol",
    "borderpatrol",
    "bordersecurity",
    "homelandsecurity",
    "nationalsecurity",
    "publicsecurity",
    "statesecurity",
    "counterterror",
    "antiterror",
    "surveil",
    "espionage",
    "intelligence",
    "military",
    "criminal",
    "crime",
    "targeting",
    "reidentif",
    "profiling",
)

_NEVER_FOLDED = frozenset(term.casefold() for term in NEVER_TERMS)
"""Parts of words (in letters alone) that neither name nor description of a purpose may hold."""

_CYRILLIC = "\u0430\u0435\u0456\u043e\u0440\u0441\u0442\u0443\u0445\u043c\u043d\u0455"
_GREEK = "\u03b1\u03b5\u03b9\u03bf\u03c1\u03c4\u03bd\u1d18"  # and a small capital p
_LOOKALIKES = tuple(
    str.maketrans(f"013457{_CYRILLIC}{_GREEK}", f"o{one}east" + "aeiopctyxmhs" + "aeioptvp") for one in "il"
)
"""Digits, and letters of other alphabets, to the Latin letters that they are written for ("1" to either of two)."""

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TERM = re.compile(r"dpv:([A-Z][A-Za-z]+)")


@dataclass(frozen=True)
class Purpose:
    """A purpose that a plan may name, and the DPV term (``dpv:PublicBenefit``) that it is a case of."""

    name: str
    dpv: str
    description: str


def load_purposes(own: Path | None = None) -> Mapping[str, Purpose]:
    """Return the shipped purposes, and those of an operator's `own` file.

    Raises
    ------
    RefusedError
        If the file would configure a purpose that acts against people (rule ``purpose``).
    UsageError
        If it is not there, not TOML, not in the form of the shipped one, or says a shipped purpose anew.
    MachineError
        If it may not be read.
    """
    if own is None:
        return _shipped()
    try:
        added = _parse(own.read_text(encoding="utf-8"), str(own))
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise UsageError(f"{own}: there is no such file; expected a purposes file") from error
    except OSError as error:
        raise MachineError(f"cannot read {own}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{own}: is not UTF-8 text; expected TOML") from error
    again = sorted(_shipped().keys() & added.keys())
    if again:
        raise UsageError(f"{own}: says shipped purposes anew ({', '.join(again)}): choose other names")
    return MappingProxyType({**_shipped(), **added})


def require_purpose(name: str, purposes: Mapping[str, Purpose] | None = None) -> Purpose:
    """Return the purpose that a plan names.

    Parameters
    ----------
    name
        As in the plan.
    purposes
        What :func:`load_purposes` gave; the shipped ones by default.

    Raises
    ------
    RefusedError
        If it is one that can never be configured, or is not known (rule ``purpose``).
    """
    known = _shipped() if purposes is None else purposes
    purpose = known.get(name)
    refuse_against_people(name, *(() if purpose is None else (purpose.dpv, purpose.description)))
    if purpose is None:
        raise RefusedError(
            "purpose",
            f"purpose '{name}' is not one that is known here; name one of {', '.join(sorted(known))}, or "
            "declare yours in a purposes file under its DPV term",
        )
    return purpose


@cache
def _shipped() -> Mapping[str, Purpose]:
    source = files("hereabouts.rules").joinpath("purposes.toml")
    return MappingProxyType(_parse(source.read_text(encoding="utf-8"), "purposes.toml"))


def _parse(content: str, source: str) -> dict[str, Purpose]:
    try:
        tables = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{source}: is not TOML ({error})") from error
    return {name: _purpose(name, table, source) for name, table in tables.items()}


def _purpose(name: str, table: Any, source: str) -> Purpose:
    if not isinstance(table, dict) or set(table) != {"dpv", "description"}:
        raise UsageError(f"{source}: purpose '{name}' needs exactly the keys 'dpv' and 'description'")
    dpv, description = table["dpv"], table["description"]
    if not (isinstance(dpv, str) and isinstance(description, str) and description.strip()):
        raise UsageError(f"{source}: purpose '{name}': 'dpv' and 'description' are text, and not empty")
    refuse_against_people(name, dpv, description)
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{source}: purpose '{name}': a name is lower-case words with hyphens, such as tourism-planning"
        )
    if not _TERM.fullmatch(dpv):
        raise UsageError(f"{source}: purpose '{name}': dpv is '{dpv}'; expected a term such as dpv:PublicBenefit")
    return Purpose(name, dpv, description)


def refuse_against_people(*said: str) -> None:
    """Refuse what says that it acts against people: a purpose, its description, a plan's name or justification.

    Raises
    ------
    RefusedError
        By rule ``purpose``; nothing would satisfy it.
    """
    for text in said:
        folded = unicodedata.normalize("NFKD", text).casefold()
        spelt = ["".join(filter(str.isalpha, letters)) for letters in (folded, *map(folded.translate, _LOOKALIKES))]
        term = _TERM.fullmatch(text)
        if (term and term.group(1).casefold() in _NEVER_FOLDED) or any(w in s for w in NEVER_WORDS for s in spelt):
            raise RefusedError(
                "purpose",
                f"'{text}' acts against people (enforcement, security, surveillance or targeting); "
                "hereabouts makes no figures for that, and no purposes file can change it: nothing would "
                "satisfy this rule",
            )
