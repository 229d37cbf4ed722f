"""The log says nothing that depends on rows: acts and facts are an allow-list, each with the reason why it is none."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hereabouts
from hereabouts.log.vocabulary import ACTS, REFUSED, check_facts

SOURCE = Path(hereabouts.__file__).parent

#: Why a fact is no function of rows. Adding one to the vocabulary needs its reason here.
BECAUSE = {
    # chosen by an operator, before any row was read
    "all_consented": "said on admission", "assessed": "a day that a person says", "delta": "of a plan or policy",
    "embargo_days": "policy", "epsilon": "of a plan or policy", "everything": "an option of the command",
    "expires": "a day that a person says", "finest_resolution": "of a plan or policy", "policy": "its name",
    "purpose": "of a plan, one of a public list", "requested": "a day that a person says", "requires": "policy",
    "resolution": "of the store", "retention": "policy", "review_days": "policy", "source": "said on admission",
    "statistics": "of a plan", "supplier": "its id", "terms": "digest of a text that is agreed on",
    "timezone": "of the store", "until": "an option of the command", "window": "of the calendar, whoever was in it",
    "window_length": "of the store",
    # people in office, and what they signed
    "approver": "an account", "digest": "of a document that is no receipt: places, an assessment", "key": "public key",
    "name": "an account", "officer": "an account", "plan": "digest of a plan", "recipient": "its name",
    "recipients": "their names", "signature": "of the other facts", "incidents": "how many a person noted",
    # numbers of a register, by acts and not by rows
    "assessment": "number", "charge": "number", "number": "number", "order": "number", "review": "number",
    "up_to": "an entry's number", "version": "number", "removed": "of a person from a register",
    "by": "which of two lists a purge follows", "passed": "of planted pings", "schedule": "digest of the policy's days",
    # the clock and the policy
    "keys_until": "the day less the policy's days", "tables_until": "the day less the policy's days",
    # what is let out is public, noisy or a plan's
    "again": "whether there is a charge for the same plan", "dpv": "of the purpose",
    "manifest": "digest of a public file",
    "rho": "of the plan", "stale": "whether data were taken in since, by the log's own entries",
    "store": "a random number",
}  # fmt: skip


def test_every_fact_has_a_reason_to_be_no_function_of_rows() -> None:
    named = frozenset().union(*ACTS.values(), REFUSED)
    assert named - BECAUSE.keys() == set(), "why is this no function of rows? say it beside its name, or commit to it"


def test_no_fact_is_named_for_what_rows_hold() -> None:
    """Counts, places, ids: their names would be those of receipts."""
    of_rows = {
        "rows",
        "pings",
        "devices",
        "trips",
        "taken",
        "dropped",
        "cell",
        "latitude",
        "longitude",
        "receipt",
        "ids",
    }
    assert {part for act in ACTS.values() for fact in act for part in fact.split("_")} & of_rows == set()


@pytest.mark.parametrize(
    ("act", "facts", "outcome"),
    [
        ("release", {"devices": 3}, "done"),
        ("intake", {"purpose": "research"}, "done"),
        ("dance", {}, "done"),
        ("intake", {"supplier": 0.5}, "done"),
        ("intake", {"supplier": b"id"}, "done"),
        ("intake", {"supplier": {"id": "x"}}, "done"),
        ("intake", {"supplier": [["x"]]}, "done"),
        ("intake", {"supplier": "x" * 257}, "done"),
        ("intake", {"supplier": "a\nb"}, "done"),
        ("dance", {"devices": 3}, "refused"),
    ],
)
def test_what_is_not_in_the_list_is_not_said(act: str, facts: dict[str, object], outcome: str) -> None:
    with pytest.raises(ValueError, match=r"knows no act|does not say|which no entry holds"):
        check_facts(act, facts, outcome)  # type: ignore[arg-type]


@given(st.sampled_from(sorted(ACTS)), st.data())
def test_what_is_in_the_list_may_be_said(act: str, data: st.DataObject) -> None:
    text = st.text(st.characters(min_codepoint=32, exclude_characters="\x7f", exclude_categories=["Cs"]), max_size=256)
    value = st.one_of(text, st.integers(), st.booleans(), st.none(), st.lists(text, max_size=3))
    facts = data.draw(st.dictionaries(st.sampled_from(sorted(ACTS[act]) or [""]), value)) if ACTS[act] else {}
    check_facts(act, facts, "done")


def test_a_refusal_may_say_what_was_asked_for() -> None:
    check_facts("intake", {"supplier": "acme", "purpose": "research", "window": "w"}, "refused")


def test_the_code_appends_no_act_that_the_vocabulary_lacks() -> None:
    """Every literal first argument after the session, in every call of ``append(session, …)`` and ``log(store, …)``."""
    said = set()
    for module in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("append", "log"):
                act = node.args[1] if len(node.args) > 1 else None
                if isinstance(act, ast.Constant) and isinstance(act.value, str):
                    said.add(act.value)
    assert {"release", "charge", "intake"} <= said
    assert said - ACTS.keys() == set()


def test_the_document_names_every_act_and_fact() -> None:
    text = (SOURCE.parents[1] / "docs" / "log.md").read_text(encoding="utf-8")
    named = {*ACTS, *frozenset().union(*ACTS.values())}
    assert {name for name in named if f"`{name}`" not in text} == set(), "say it in docs/log.md"
