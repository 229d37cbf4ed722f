"""What can be done, one module an act: rules, then work, then ledger. This is the Python API.

Every act has the words of its command; the command line parses and prints, and calls these. An act is loaded when it
is first asked for, so that no command waits for what only another one uses.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hereabouts.acts.attack import attack as attack
    from hereabouts.acts.audit import audit as audit
    from hereabouts.acts.budget import budget as budget
    from hereabouts.acts.claims import claims as claims
    from hereabouts.acts.demo import demo as demo
    from hereabouts.acts.init import init as init
    from hereabouts.acts.intake import intake as intake
    from hereabouts.acts.place_test import prove_places as prove_places
    from hereabouts.acts.places import add_places as add_places
    from hereabouts.acts.places import build_places as build_places
    from hereabouts.acts.places import list_places as list_places
    from hereabouts.acts.preview import preview as preview
    from hereabouts.acts.profiles import check_profile as check_profile
    from hereabouts.acts.profiles import list_profiles as list_profiles
    from hereabouts.acts.profiles import propose_profile as propose_profile
    from hereabouts.acts.profiles import show_profile as show_profile
    from hereabouts.acts.release import release as release
    from hereabouts.acts.retain import retain as retain
    from hereabouts.acts.retain import retention_schedule as retention_schedule
    from hereabouts.acts.seal import seal as seal
    from hereabouts.acts.suppliers import add_supplier as add_supplier
    from hereabouts.acts.suppliers import list_suppliers as list_suppliers
    from hereabouts.acts.synth import synth as synth
    from hereabouts.acts.verify import verify as verify
    from hereabouts.acts.withdraw import list_withdrawals as list_withdrawals
    from hereabouts.acts.withdraw import withdraw as withdraw

_MODULES = {
    "add_places": "places",
    "add_supplier": "suppliers",
    "attack": "attack",
    "audit": "audit",
    "budget": "budget",
    "build_places": "places",
    "check_profile": "profiles",
    "claims": "claims",
    "demo": "demo",
    "init": "init",
    "intake": "intake",
    "list_places": "places",
    "list_profiles": "profiles",
    "list_suppliers": "suppliers",
    "list_withdrawals": "withdraw",
    "preview": "preview",
    "propose_profile": "profiles",
    "prove_places": "place_test",
    "release": "release",
    "retain": "retain",
    "retention_schedule": "retain",
    "seal": "seal",
    "show_profile": "profiles",
    "synth": "synth",
    "verify": "verify",
    "withdraw": "withdraw",
}
__all__ = [*_MODULES]  # noqa: PLE0604 - strings, which ruff cannot see through


def __getattr__(name: str) -> Any:
    """Load the module of an act that is asked for."""
    if name not in _MODULES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)


class _Acts(ModuleType):
    """The package itself: where an act and its module share a name, the name is the act's, whoever loads the module."""

    def __setattr__(self, name: str, value: object) -> None:
        same = isinstance(value, ModuleType) and _MODULES.get(name) == name
        super().__setattr__(name, getattr(value, name) if same else value)


sys.modules[__name__].__class__ = _Acts
