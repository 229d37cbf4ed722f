"""policy.toml to its limits: what is just allowed and what is not any more; what survives the file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from hereabouts.errors import UsageError
from hereabouts.rules.policy import Policy, Retention, load_policy, make_policy, write_policy


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "policy.toml"


def research() -> Policy:
    return make_policy("research", epsilon=2.0, delta=1e-6, keys="store.keys")


def edited(path: Path, old: str, new: str, name: str = "research") -> Path:
    """Write a policy and change one line of it, as an operator would."""
    write_policy(path, make_policy(name, epsilon=2.0, delta=1e-6, keys="store.keys"))
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    return path


@pytest.mark.parametrize(
    ("key", "most"), [("pseudonym_key_days", 36_500), ("open_days", 36_500), ("sealed_days", 36_500)]
)
def test_a_schedule_is_of_a_hundred_years_at_the_most(key: str, most: int) -> None:
    days = {"pseudonym_key_days": 36_500, "open_days": 1, "sealed_days": 0}
    assert getattr(Retention.model_validate(days | {key: most}), key) == most
    with pytest.raises(ValueError, match=f"less than or equal to {most}"):
        Retention.model_validate(days | {key: most + 1})


def test_a_schedule_may_end_all_on_one_day() -> None:
    assert Retention(pseudonym_key_days=1, open_days=1, sealed_days=1).sealed_days == 1
    for days in ({"sealed_days": 1}, {"sealed_days": -1}, {"pseudonym_key_days": 0}):
        with pytest.raises(ValueError, match=r"sealed first|greater than or equal to"):
            Retention.model_validate(days)


def test_a_schedules_digest_is_of_canonical_json() -> None:
    content = b'{"open_days": 60, "pseudonym_key_days": 365, "sealed_days": 0}'
    assert Retention().digest == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("embargo_days = 7", "embargo_days = 3650"),
        ("embargo_days = 7", "embargo_days = 1"),
        ("finest_resolution = 7", "finest_resolution = 0"),
        ('ledger = "own"', 'ledger = "x"'),
        ('keys = "store.keys"', 'keys = "x"'),
        ('keys = "store.keys"', 'keys = "\U0001f600"'),
    ],
)
def test_a_value_may_be_at_its_limit(path: Path, old: str, new: str) -> None:
    policy = load_policy(edited(path, old, new))
    path.unlink()
    write_policy(path, policy)
    assert load_policy(path) == policy


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("embargo_days = 7", "embargo_days = 3651", "embargo_days"),
        ("finest_resolution = 7", "finest_resolution = -1", "finest_resolution"),
        ('ledger = "own"', 'ledger = ""', "ledger"),
    ],
)
def test_and_not_beyond_it(path: Path, old: str, new: str, key: str) -> None:
    with pytest.raises(UsageError, match=f"key '{key}'"):
        load_policy(edited(path, old, new))


def test_control_characters_survive_the_file(path: Path) -> None:
    policy = make_policy("research", epsilon=2.0, delta=1e-6, keys="a\x7fb\x01\U0001f600")
    write_policy(path, policy)
    assert load_policy(path) == policy


def test_what_is_wrong_with_the_whole_is_said_of_the_policy(path: Path) -> None:
    with pytest.raises(UsageError, match=r"key 'policy': a regulated policy"):
        load_policy(edited(path, "officer = true", "officer = false", name="regulated"))


def test_a_wrong_section_is_not_printed(path: Path) -> None:
    with pytest.raises(UsageError) as refusal:
        load_policy(edited(path, "officer = false", ""))
    assert str(refusal.value).endswith("key 'requires.officer': is missing"), "never a whole section"


def test_data_of_another_place(path: Path) -> None:
    with pytest.raises(UsageError, match="key 'data'") as refusal:
        load_policy(edited(path, 'data = "own"', 'data = "ftp://planted"'))
    assert "(got" not in str(refusal.value), "an address may hold a password"
    path.unlink()
    assert load_policy(edited(path, 'data = "own"', 'data = "own"')).data == "own"


@pytest.mark.parametrize(
    ("name", "url"), [("N", None), ("x" * 200, "https://a.example"), ("An office", "http://a" + "x" * 492)]
)
def test_who_publishes_may_be_named(path: Path, name: str, url: str | None) -> None:
    named = {"name": name} | ({} if url is None else {"url": url})
    policy = Policy.model_validate(research().model_dump() | {"publisher": named})
    write_policy(path, policy)
    assert load_policy(path) == policy
    assert "[publisher]" in path.read_text()


@pytest.mark.parametrize(
    "named",
    [
        {"name": ""},
        {"name": " "},
        {"name": "x" * 201},
        {"name": "x", "url": ""},
        {"name": "x", "url": "ftp://a"},
        {"name": "x", "url": "https://a b"},
        {"name": "x", "url": "http://a" + "x" * 493},
    ],
)
def test_and_is_named_in_one_line(named: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="publisher"):
        Policy.model_validate(research().model_dump() | {"publisher": named})
