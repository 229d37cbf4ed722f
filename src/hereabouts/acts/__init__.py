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
    from hereabouts.acts.assess import assess as assess
    from hereabouts.acts.assess import list_assessments as list_assessments
    from hereabouts.acts.attack import attack as attack
    from hereabouts.acts.audit import audit as audit
    from hereabouts.acts.budget import budget as budget
    from hereabouts.acts.claims import claims as claims
    from hereabouts.acts.demo import demo as demo
    from hereabouts.acts.init import init as init
    from hereabouts.acts.intake import intake as intake
    from hereabouts.acts.log_entries import cosign_log as cosign_log
    from hereabouts.acts.log_entries import log_key as log_key
    from hereabouts.acts.log_entries import prove_logged as prove_logged
    from hereabouts.acts.log_entries import show_log as show_log
    from hereabouts.acts.log_report import report_log as report_log
    from hereabouts.acts.log_verify import verify_log as verify_log
    from hereabouts.acts.officer import appoint_officer as appoint_officer
    from hereabouts.acts.officer import show_officer as show_officer
    from hereabouts.acts.person import add_person as add_person
    from hereabouts.acts.person import list_people as list_people
    from hereabouts.acts.person import remove_person as remove_person
    from hereabouts.acts.place_test import prove_places as prove_places
    from hereabouts.acts.places import add_places as add_places
    from hereabouts.acts.places import build_places as build_places
    from hereabouts.acts.places import list_places as list_places
    from hereabouts.acts.preview import preview as preview
    from hereabouts.acts.profiles import check_profile as check_profile
    from hereabouts.acts.profiles import list_profiles as list_profiles
    from hereabouts.acts.profiles import propose_profile as propose_profile
    from hereabouts.acts.profiles import show_profile as show_profile
    from hereabouts.acts.recipient import add_recipient as add_recipient
    from hereabouts.acts.recipient import list_recipients as list_recipients
    from hereabouts.acts.release import release as release
    from hereabouts.acts.retain import retain as retain
    from hereabouts.acts.retain import retention_schedule as retention_schedule
    from hereabouts.acts.review import review as review
    from hereabouts.acts.seal import seal as seal
    from hereabouts.acts.sign import plan_to_sign as plan_to_sign
    from hereabouts.acts.sign import sign as sign
    from hereabouts.acts.stop import resume as resume
    from hereabouts.acts.stop import stop as stop
    from hereabouts.acts.suppliers import add_supplier as add_supplier
    from hereabouts.acts.suppliers import list_suppliers as list_suppliers
    from hereabouts.acts.synth import synth as synth
    from hereabouts.acts.verify import verify as verify
    from hereabouts.acts.withdraw import list_withdrawals as list_withdrawals
    from hereabouts.acts.withdraw import withdraw as withdraw

_MODULES = {
    "add_person": "person",
    "add_places": "places",
    "add_recipient": "recipient",
    "add_supplier": "suppliers",
    "appoint_officer": "officer",
    "assess": "assess",
    "attack": "attack",
    "audit": "audit",
    "budget": "budget",
    "build_places": "places",
    "check_profile": "profiles",
    "claims": "claims",
    "cosign_log": "log_entries",
    "demo": "demo",
    "init": "init",
    "intake": "intake",
    "list_assessments": "assess",
    "list_people": "person",
    "list_places": "places",
    "list_profiles": "profiles",
    "list_recipients": "recipient",
    "list_suppliers": "suppliers",
    "list_withdrawals": "withdraw",
    "log_key": "log_entries",
    "plan_to_sign": "sign",
    "preview": "preview",
    "propose_profile": "profiles",
    "prove_logged": "log_entries",
    "prove_places": "place_test",
    "release": "release",
    "remove_person": "person",
    "report_log": "log_report",
    "resume": "stop",
    "retain": "retain",
    "retention_schedule": "retain",
    "review": "review",
    "seal": "seal",
    "show_log": "log_entries",
    "show_officer": "officer",
    "show_profile": "profiles",
    "sign": "sign",
    "stop": "stop",
    "synth": "synth",
    "verify": "verify",
    "verify_log": "log_verify",
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
