"""What a profile asks of its consent column (rule CONSENT)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from hereabouts.errors import UsageError

Framework = Literal["flag", "tcf", "gpp"]

PURPOSES = 24
"""Purposes that a TCF string has room for."""

VENDORS = 0xFFFF
"""The highest vendor id that a TCF string has room for."""


@dataclass(frozen=True)
class ConsentRule:
    """What must be said before a row counts as consented.

    Attributes
    ----------
    framework
        What the consent column holds, in rows where no framework column says otherwise: ``"flag"`` (true or
        false), ``"tcf"`` (an IAB TCF v2 string) or ``"gpp"`` (an IAB GPP string).
    tcf_purposes
        The purposes of a TCF string, 1 to 24, all of which must be consented to. By default 1, to store
        and access information on a device, without which no app may hand on a position at all, and 9, to
        understand audiences through statistics, which is what a crowd figure is; the advertising purposes
        are nothing that a release needs. Special feature 1, precise geolocation, is always asked for.
    tcf_vendor
        The vendor, by its number on the Global Vendor List, that must be consented to as well, and must have
        been disclosed where strings say so (policy version 5). ``None`` asks for no one in particular: consent
        to the purposes is enough, though it may have been given to others than the supplier, or to no vendor at
        all, and a publisher's restriction of one of the purposes counts whichever vendor it is for. Say the
        vendor wherever the supplier has a number.

    Raises
    ------
    UsageError
        If a value is none that a string could answer.
    """

    framework: Framework = "flag"
    tcf_purposes: tuple[int, ...] = (1, 9)
    tcf_vendor: int | None = None

    def __post_init__(self) -> None:
        known = get_args(Framework)
        if self.framework not in known:
            raise UsageError(f"unknown consent framework '{self.framework}'; expected one of {', '.join(known)}")
        purposes = self.tcf_purposes
        if not purposes or not all(type(purpose) is int and 1 <= purpose <= PURPOSES for purpose in purposes):
            listed = ", ".join(map(str, purposes)) or "none"
            raise UsageError(f"TCF purposes to ask for: got {listed}; expected at least one, each from 1 to {PURPOSES}")
        vendor = self.tcf_vendor
        if vendor is not None and not (type(vendor) is int and 1 <= vendor <= VENDORS):
            raise UsageError(
                f"TCF vendor to ask for: got {vendor}; expected its number on the Global Vendor List, 1 to {VENDORS}"
            )
