"""Purposes: some are shipped, some can be added, and some can never be."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from hereabouts.errors import MachineError, RefusedError, UsageError
from hereabouts.rules.purposes import NEVER_TERMS, Purpose, load_purposes, require_purpose


def own(tmp_path: Path, name: str, dpv: str = "dpv:PublicBenefit", description: str = "Plan beds.") -> Path:
    path = tmp_path / "purposes.toml"
    path.write_text(f"['{name}']\ndpv = '{dpv}'\ndescription = '{description}'\n")
    return path


@pytest.mark.parametrize(
    ("name", "dpv"),
    [
        ("transport-planning", "dpv:ImproveTransportMobility"),
        ("urban-planning", "dpv:PublicPolicyMaking"),
        ("public-health", "dpv:PublicBenefit"),
        ("disaster-response", "dpv:PublicBenefit"),
        ("official-statistics", "dpv:ProvideOfficialStatistics"),
        ("research", "dpv:ScientificResearch"),
    ],
)
def test_shipped_purposes_stand_under_dpv(name: str, dpv: str) -> None:
    purpose = require_purpose(name)
    assert (purpose.name, purpose.dpv) == (name, dpv)
    assert purpose.description.endswith(".")


def test_an_unknown_purpose_is_refused_with_what_is_known() -> None:
    with pytest.raises(RefusedError, match=r"'curiosity'.*disaster-response, .*transport-planning") as refusal:
        require_purpose("curiosity")
    assert refusal.value.rule == "purpose"


def test_an_operator_may_add_one(tmp_path: Path) -> None:
    purposes = load_purposes(own(tmp_path, "hospital-planning"))
    assert require_purpose("hospital-planning", purposes).dpv == "dpv:PublicBenefit"
    assert require_purpose("research", purposes).name == "research"
    with pytest.raises(RefusedError, match="not one that is known here"):
        require_purpose("hospital-planning")


#: One at the least for each word that is never allowed; a word that goes from the module fails here.
AGAINST_PEOPLE = [
    "find-suspects", "investigations", "fugitive-search", "protest-watch", "removal-operations", "raids", "prosecution",
    "arrests", "detained-people", "asylum-claims", "refugee-status", "border-patrol", "border-security",
    "homeland-security", "public-security", "state-security", "anti-terror", "espionage", "criminal-gangs",
    "re-identification", "profiling", "targeting", "criminals",
    "law-enforcement",
    "Law Enforcement",
    "l-a-w-e-n-f-o-r-c-e-m-e-n-t",
    "immigration-enforcement",
    "immigration",
    "deportation",
    "border-control",
    "police-work",
    "predictive-policing",
    "surveillance",
    "targeting",
    "counter-terrorism",
    "national-security",
    "intelligence",
    "military",
    "crime-prevention",
    "ｅnforcement",
    "détention",
]  # fmt: skip

#: Terms of DPV, once more: taking one from the module is a decision, and needs one here too.
NEVER = {
    "EnforceSecurity", "EnforceAccessControl", "MisusePreventionAndDetection", "FraudPreventionAndDetection",
    "CounterMoneyLaundering", "MaintainFraudDatabase", "Verification", "AgeVerification", "IdentityVerification",
    "IdentityAuthentication", "Counterterrorism", "ProtectionOfNationalSecurity", "ProtectionOfPublicSecurity",
    "ImprovePublicServices", "DirectMarketing", "Personalisation", "PersonalisedAdvertising", "TargetedAdvertising",
    "ServicePersonalisation", "PersonnelManagement", "CreditChecking", "CustomerSolvencyMonitoring",
}  # fmt: skip


def test_no_term_is_missing() -> None:
    assert NEVER_TERMS == NEVER


@pytest.mark.parametrize("word", ["transport-planning", "border-regions", "crossing-help", "security"])
def test_a_word_that_is_like_one_is_none(tmp_path: Path, word: str) -> None:
    assert word in load_purposes() or load_purposes(own(tmp_path, word))[word].name == word


@pytest.mark.parametrize(
    "said", ["p0lice", "po1ice", "enf0rcement", "4rrest", "\u0440\u043elice", "\u03c1olice", "\u1d18olice", "su5pec7"]
)
def test_digits_and_other_alphabets_do_not_hide_one(said: str) -> None:
    with pytest.raises(RefusedError, match="acts against people"):
        require_purpose("help", {"help": Purpose("help", "dpv:PublicBenefit", f"Help the {said}.")})


def test_a_term_is_one_in_any_letters() -> None:
    with pytest.raises(RefusedError, match="acts against people"):
        require_purpose("plan", {"plan": Purpose("plan", "dpv:ENFORCESecurity", "Plan.")})
    with pytest.raises(RefusedError, match="acts against people"):
        require_purpose("plan", {"plan": Purpose("plan", "dpv:AgeVERIFICATION", "Plan.")})


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = own(tmp_path, "beds")
    path.chmod(0)
    us = os.geteuid()
    if us == 0:
        os.seteuid(65534)  # root may read everything, so be nobody for a moment
    try:
        with pytest.raises(MachineError, match=f"cannot read {path}"):
            load_purposes(path)
    finally:
        os.seteuid(us)


@pytest.mark.parametrize("name", AGAINST_PEOPLE)
def test_nobody_can_configure_a_purpose_against_people(tmp_path: Path, name: str) -> None:
    """Not by a file, not by naming it, and not by handing it in as if it had been loaded."""
    with pytest.raises(RefusedError, match="no purposes file can change it") as refusal:
        load_purposes(own(tmp_path, name))
    assert refusal.value.rule == "purpose"
    with pytest.raises(RefusedError, match="no purposes file can change it"):
        require_purpose(name)
    with pytest.raises(RefusedError, match="no purposes file can change it"):
        require_purpose(name, {name: Purpose(name, "dpv:PublicBenefit", "Help.")})


@pytest.mark.parametrize("term", sorted(NEVER_TERMS))
def test_nor_declare_a_harmless_name_under_it(tmp_path: Path, term: str) -> None:
    with pytest.raises(RefusedError, match=f"dpv:{term}"):
        load_purposes(own(tmp_path, "town-planning", dpv=f"dpv:{term}"))
    with pytest.raises(RefusedError, match=f"dpv:{term}"):
        require_purpose("town-planning", {"town-planning": Purpose("town-planning", f"dpv:{term}", "Plan.")})


def test_nor_describe_a_harmless_name_by_it(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="acts against people"):
        load_purposes(own(tmp_path, "town-planning", description="Tell the police where to go."))


def test_the_refusal_is_in_code_not_in_the_shipped_file() -> None:
    """Everything that ships is allowed by it: the list is not made of what the file leaves out."""
    for purpose in load_purposes().values():
        assert require_purpose(purpose.name) == purpose
        assert re.fullmatch(r"dpv:[A-Z][A-Za-z]+", purpose.dpv)


def test_what_was_loaded_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        load_purposes()["x"] = Purpose("x", "dpv:PublicBenefit", "X.")  # type: ignore[index]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("[a\n", "is not TOML"),
        ("a = 1\n", "purpose 'a' needs exactly"),
        ("[a]\ndpv = 'dpv:PublicBenefit'\n", "purpose 'a' needs exactly"),
        ("[a]\ndpv = 'dpv:PublicBenefit'\ndescription = 'A.'\nnote = ''\n", "purpose 'a' needs exactly"),
        ("[a]\ndpv = 'dpv:PublicBenefit'\ndescription = ' '\n", "not empty"),
        ("[a]\ndpv = 3\ndescription = 'A.'\n", "are text"),
        ("[a]\ndpv = 'PublicBenefit'\ndescription = 'A.'\n", "expected a term such as dpv:PublicBenefit"),
        ("[a]\ndpv = 'sector-law:Justice'\ndescription = 'A.'\n", "expected a term"),
        ("['A b']\ndpv = 'dpv:PublicBenefit'\ndescription = 'A.'\n", "lower-case words with hyphens"),
        ("[research]\ndpv = 'dpv:PublicBenefit'\ndescription = 'A.'\n", r"anew \(research\)"),
    ],
)
def test_a_fault_in_an_own_file_is_named(tmp_path: Path, content: str, fault: str) -> None:
    path = tmp_path / "purposes.toml"
    path.write_text(content)
    with pytest.raises(UsageError, match=rf"{path}: .*{fault}"):
        load_purposes(path)


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        load_purposes(tmp_path / "purposes.toml")
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(UsageError, match="UTF-8"):
        load_purposes(tmp_path / "latin.toml")
