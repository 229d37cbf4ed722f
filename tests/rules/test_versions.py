"""Each version of a policy is registered and logged once, and says no more than may be known."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from sqlalchemy import Engine, text

from hereabouts.log.entries import committed
from hereabouts.rules.policy import Policy, make_policy
from hereabouts.rules.versions import register_policy
from hereabouts.state import reading
from tests.rules.conftest import Log

RESEARCH, REGULATED = (make_policy(name, epsilon=2.0, delta=1e-6, keys="secret") for name in ("research", "regulated"))


def test_a_policy_that_is_another_is_a_version(state: Engine, log: Log, clock: Callable[[int], None]) -> None:
    clock(1_772_000_000)
    found = [register_policy(state, policy) for policy in (RESEARCH, RESEARCH, REGULATED, REGULATED, RESEARCH)]
    assert found == [1, 1, 2, 2, 3]
    assert [(entry.act, entry.facts["version"], entry.facts["policy"]) for entry in log()] == [
        ("policy", 1, "research"),
        ("policy", 2, "regulated"),
        ("policy", 3, "research"),
    ]
    with reading(state) as session:
        rows = session.execute(text("SELECT version, digest, content, since FROM policies ORDER BY version")).all()
    assert [(version, since) for version, _, _, since in rows] == [(n, 1_772_000_000) for n in (1, 2, 3)]
    for _, digest, content, _ in rows:
        assert digest == hashlib.sha256(content.encode()).hexdigest()
    assert Policy.model_validate_json(rows[1].content) == REGULATED


def test_what_the_log_says_of_it(state: Engine, log: Log) -> None:
    register_policy(state, REGULATED)
    (entry,) = log()
    assert entry.facts == {
        "version": 1,
        "policy": "regulated",
        "requires": ["officer", "assessment", "second_signature", "recipients", "review_days"],
        "review_days": 30,
        "embargo_days": 7,
        "finest_resolution": 7,
        "epsilon": "2.0",
        "delta": "1e-06",
        "retention": ["pseudonym_key_days=365", "open_days=60", "sealed_days=0"],
    }
    assert b"secret" not in entry.to_bytes()
    with reading(state) as session:
        salt, document = session.execute(text("SELECT salt, document FROM log_entries")).one()
    assert json.loads(document)["keys"] == "secret"
    assert entry.commitment == committed(salt, document)
