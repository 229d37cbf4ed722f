"""policy.toml: written with defaults and comments, read strictly, every fault named by file and key."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from hereabouts.errors import MachineError, UsageError
from hereabouts.privacy.accounting import DELTA_MAX, EPSILON_MAX, check_parameters
from hereabouts.rules.policy import Policy, Publisher, Retention, load_policy, make_policy, write_policy


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "policy.toml"


def research(epsilon: float = 2.0, delta: float = 1e-6) -> Policy:
    return make_policy("research", epsilon=epsilon, delta=delta, keys="store.keys")


def edited(path: Path, old: str, new: str, name: str = "research") -> Path:
    """Write a policy and change one line of it, as an operator would."""
    write_policy(path, make_policy(name, epsilon=2.0, delta=1e-6, keys="store.keys"))
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    return path


def test_the_defaults_of_research() -> None:
    policy = research()
    assert (policy.embargo_days, policy.finest_resolution, policy.ledger) == (7, 7, "own")
    assert (policy.budget.epsilon, policy.budget.delta) == (2.0, 1e-6)
    assert policy.requires.asked() == ()


def test_regulated_asks_for_everything() -> None:
    policy = make_policy("regulated", epsilon=1.0, delta=1e-6, keys="k")
    assert policy.requires.asked() == ("officer", "assessment", "second_signature", "recipients", "review_days")
    assert policy.requires.review_days == 30


OLDER = ["recipients = ", "# That a plan names", "review_days = ", "# Days within which every"]


@pytest.mark.parametrize(("name", "asked"), [("research", (False, 0)), ("regulated", (True, 30))])
def test_a_file_from_before_more_could_be_asked_for(path: Path, name: str, asked: tuple[bool, int]) -> None:
    """Regulated asks for all that can be asked, whenever it was written."""
    write_policy(path, make_policy(name, epsilon=2.0, delta=1e-6, keys="store.keys"))
    lines = path.read_text().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(tuple(OLDER))]
    assert len(lines) - len(kept) == 4
    path.write_text("".join(kept))
    requires = load_policy(path).requires
    assert (requires.recipients, requires.review_days) == asked


@pytest.mark.parametrize("days", [-1, 3651])
def test_a_review_is_due_within_ten_years(path: Path, days: int) -> None:
    with pytest.raises(UsageError, match=rf"key 'requires\.review_days'.*got {days}"):
        load_policy(edited(path, "review_days = 0", f"review_days = {days}"))
    path.unlink()
    assert load_policy(edited(path, "review_days = 0", "review_days = 3650")).requires.review_days == 3650


def test_requires_that_are_no_section(path: Path) -> None:
    write_policy(path, make_policy("regulated", epsilon=2.0, delta=1e-6, keys="store.keys"))
    lines = path.read_text().splitlines(keepends=True)
    gone = [line for line in lines if not line.startswith(("officer =", "assessment =", "second_", "[requires]"))]
    path.write_text("requires = 3\n" + "".join(line for line in gone if not line.startswith(tuple(OLDER))))
    with pytest.raises(UsageError, match=r"key 'requires'.*\(got 3\)"):
        load_policy(path)


@pytest.mark.parametrize("name", ["research", "regulated"])
def test_what_was_written_is_read(path: Path, name: str) -> None:
    policy = make_policy(name, epsilon=1.5, delta=1e-7, keys="/var/keys", ledger="postgresql://db/ledger")
    write_policy(path, policy)
    assert load_policy(path) == policy


def test_areas_are_written_with_the_rest(path: Path) -> None:
    areas = [
        {"name": 'a "corridor"', "bbox": [1.0, 2.0, 3.0, 4.0], "finest_resolution": 5, "finest_period": "P7D"},
        {"name": "b", "cells": ["85194ad3fffffff"], "finest_resolution": 7, "finest_period": "window"},
    ]
    policy = Policy.model_validate(research().model_dump() | {"protected_areas": areas})
    assert len(policy.protected_areas) == 2
    write_policy(path, policy)
    assert load_policy(path) == policy


def test_a_file_without_a_schedule_has_the_default_one(path: Path) -> None:
    """Stores from before there was one keep to it too."""
    write_policy(path, research())
    path.write_text(path.read_text().partition("# The retention schedule")[0])
    assert load_policy(path).retention == Retention(pseudonym_key_days=365, open_days=60, sealed_days=0)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"pseudonym_key_days": 59}, "sealed first"),
        ({"sealed_days": 30}, "sealed first"),
        ({"open_days": 0}, "greater than or equal to 1"),
        ({"pseudonym_key_days": 1.5}, "valid integer"),
    ],
)
def test_a_schedule_that_cannot_be_kept_to(changes: dict[str, float], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Retention.model_validate(changes)


def test_a_schedule_has_a_digest_of_its_days() -> None:
    assert Retention().digest == Retention(open_days=60).digest != Retention(open_days=61).digest
    assert len(Retention().digest) == 64


def test_a_regulated_schedule_is_no_longer_than_the_default(path: Path) -> None:
    for old, new in [("open_days = 60", "open_days = 61"), ("key_days = 365", "key_days = 366")]:
        path.unlink(missing_ok=True)
        with pytest.raises(UsageError, match=r"a regulated policy has retention\.\w+ of \d+ days or fewer"):
            load_policy(edited(path, old, new, name="regulated"))
    path.unlink()
    assert load_policy(edited(path, "open_days = 60", "open_days = 30", name="regulated")).retention.open_days == 30


@given(
    keys=st.text(st.characters(codec="utf-8"), min_size=1),
    epsilon=st.floats(0, EPSILON_MAX, exclude_min=True),
    delta=st.floats(0, DELTA_MAX, exclude_min=True),
)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_survives_the_file(tmp_path: Path, keys: str, epsilon: float, delta: float) -> None:
    path = tmp_path / "any.toml"
    path.unlink(missing_ok=True)
    policy = make_policy("research", epsilon=epsilon, delta=delta, keys=keys)
    write_policy(path, policy)
    assert load_policy(path) == policy


def test_the_file_explains_itself(path: Path) -> None:
    write_policy(path, research())
    text = path.read_text()
    assert set(tomllib.loads(text)) == set(Policy.model_fields) - {"protected_areas", "publisher"}
    assert "# [[protected_areas]]" in text
    assert text.count("#") >= len(Policy.model_fields)
    assert "{" not in text


def test_a_policy_is_not_overwritten(path: Path) -> None:
    write_policy(path, research())
    before = path.read_bytes()
    with pytest.raises(UsageError, match="already"):
        write_policy(path, research(epsilon=20.0))
    assert path.read_bytes() == before


def test_a_policy_cannot_be_changed_in_memory() -> None:
    with pytest.raises(ValueError, match="frozen"):
        research().embargo_days = 0


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("embargo_days = 7", "embargo_day = 7", r"key 'embargo_day'.*not a known key"),
        ("embargo_days = 7", "", r"key 'embargo_days'.*missing"),
        ("embargo_days = 7", "embargo_days = 0", r"key 'embargo_days'.*greater than or equal to 1 \(got 0\)"),
        ("embargo_days = 7", "embargo_days = 7.5", r"key 'embargo_days'.*got 7\.5"),
        ("finest_resolution = 7", "finest_resolution = 8", r"key 'finest_resolution'.*equal to 7 \(got 8\)"),
        ("epsilon = 2.0", "epsilon = 0", r"key 'budget\.epsilon'.*greater than 0"),
        ("epsilon = 2.0", "epsilon = inf", r"key 'budget\.epsilon'.*got inf"),
        ("epsilon = 2.0", "epsilon = nan", r"key 'budget\.epsilon'.*got nan"),
        ("epsilon = 2.0", "epsilon = true", r"key 'budget\.epsilon'.*got True"),
        ("epsilon = 2.0", 'epsilon = "2"', r"key 'budget\.epsilon'.*got '2'"),
        ("delta = 1e-06", "delta = 0.01", r"key 'budget\.delta'.*less than or equal to 0\.001"),
        ("delta = 1e-06", "delta = 1e-06\ngamma = 1", r"key 'budget\.gamma'.*not a known key"),
        ("officer = false", 'officer = "no"', r"key 'requires\.officer'.*got 'no'"),
        ('name = "research"', 'name = "lax"', r"key 'name'.*'research' or 'regulated'.*got 'lax'"),
        ('keys = "store.keys"', 'keys = ""', r"key 'keys'"),
        ('name = "research"', "name = research", "is not TOML"),
    ],
)
def test_a_fault_is_named_by_file_and_key(path: Path, old: str, new: str, fault: str) -> None:
    with pytest.raises(UsageError, match=rf"{path}: .*{fault}"):
        load_policy(edited(path, old, new))


def test_a_whole_number_is_a_budget_too(path: Path) -> None:
    assert load_policy(edited(path, "epsilon = 2.0", "epsilon = 2")).budget.epsilon == 2.0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("officer = true", "officer = false"),
        ("second_signature = true", "second_signature = false"),
        ("assessment = true", "assessment = false"),
        ("recipients = true", "recipients = false"),
        ("review_days = 30", "review_days = 31"),
        ("review_days = 30", "review_days = 0"),
        ("embargo_days = 7", "embargo_days = 6"),
    ],
)
def test_regulated_is_not_loosened(path: Path, old: str, new: str) -> None:
    with pytest.raises(UsageError, match="a regulated policy"):
        load_policy(edited(path, old, new, name="regulated"))


def test_research_may_be_made_stricter(path: Path) -> None:
    policy = load_policy(edited(path, "assessment = false", "assessment = true"))
    assert policy.requires.asked() == ("assessment",)


def test_all_faults_are_told_at_once(path: Path) -> None:
    path.write_text("embargo = 3")
    with pytest.raises(UsageError) as refusal:
        load_policy(path)
    for key in ("embargo", "name", "budget", "requires"):
        assert f"key '{key}'" in str(refusal.value)


def test_no_policy_is_no_store(path: Path) -> None:
    with pytest.raises(UsageError, match="hereabouts init"):
        load_policy(path)
    with pytest.raises(UsageError, match="hereabouts init"):
        load_policy(path.parent)


def test_bytes_that_are_no_text(path: Path) -> None:
    path.write_bytes(b"name = '\xff'")
    with pytest.raises(UsageError, match="is not TOML"):
        load_policy(path)


def test_a_place_that_cannot_be_written(path: Path) -> None:
    with pytest.raises(MachineError, match="cannot write"):
        write_policy(path.parent / "no" / "policy.toml", research())


def test_a_file_that_may_not_be_read(path: Path) -> None:
    write_policy(path, research())
    path.chmod(0)
    us = os.geteuid()
    if us == 0:
        os.seteuid(65534)  # root may read everything, so be nobody for a moment
    try:
        with pytest.raises(MachineError, match="cannot read"):
            load_policy(path)
    finally:
        os.seteuid(us)


@pytest.mark.parametrize(("epsilon", "delta"), [(0.0, 1e-6), (20.5, 1e-6), (1.0, 0.0), (1.0, 2e-3)])
def test_a_budget_is_what_the_accounting_can_sell(epsilon: float, delta: float) -> None:
    for check in (research, check_parameters):
        with pytest.raises(UsageError):
            check(epsilon, delta)
    research(EPSILON_MAX, DELTA_MAX)


def test_rows_lie_in_the_stores_folder_or_on_object_storage(path: Path) -> None:
    write_policy(path, make_policy("research", epsilon=2.0, delta=1e-6, keys="store.keys", data="s3://bucket/prefix/"))
    assert load_policy(path).data == "s3://bucket/prefix"
    older = [line for line in path.read_text().splitlines(keepends=True) if not line.startswith("data = ")]
    path.write_text("".join(older))
    assert load_policy(path).data == "own"


@pytest.mark.parametrize("data", ["s3://key:secret@bucket/prefix", "gs://bucket/secret", "/srv/secret", ""])
def test_other_places_are_refused_and_not_repeated(path: Path, data: str) -> None:
    with pytest.raises(UsageError, match="key 'data': expected an address of object storage") as refused:
        load_policy(edited(path, 'data = "own"', f'data = "{data}"'))
    assert "secret" not in str(refused.value)


def test_who_publishes_may_be_named_and_is_kept(tmp_path: Path) -> None:
    plain = make_policy("research", epsilon=1.0, delta=1e-6, keys="keys")
    assert plain.publisher is None
    named = plain.model_copy(update={"publisher": Publisher(name='City of "Example"', url="https://example.org/m")})
    write_policy(tmp_path / "policy.toml", named)
    assert load_policy(tmp_path / "policy.toml") == named


@pytest.mark.parametrize("wrong", [{"name": " "}, {"name": "a", "url": "example.org"}, {"name": "a", "e-mail": "b"}])
def test_who_publishes_has_a_name_and_an_address(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Publisher.model_validate(wrong)
