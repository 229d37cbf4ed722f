"""A plan is signed here by a key, or elsewhere: what is filed is the same."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hereabouts.acts import add_person, plan_to_sign, sign
from hereabouts.errors import BadInputError, RefusedError, UsageError
from tests.rules.conftest import private, write_keys

if TYPE_CHECKING:
    from tests.conftest import Copy, Needs, Site


@pytest.fixture
def site(empty_site: Site, copy: Copy) -> Site:
    site = copy(empty_site)
    _, theirs = write_keys(site.folder, "noor")
    add_person("noor", site.store, theirs)
    return site


def test_by_a_key_or_elsewhere(site: Site, tmp_path: Path) -> None:
    plan, elsewhere = site.plan(), tmp_path / "signature"
    here = sign(plan, site.store, site.folder / "noor-private.pem")
    assert here.approver == "noor"
    elsewhere.write_bytes(private("noor").sign(plan_to_sign(plan, site.store).encode()))
    assert sign(plan, site.store, signature=elsewhere) == here
    with pytest.raises(RefusedError, match="sign the plan as it is now"):
        sign(site.plan(epsilon=0.5), site.store, signature=elsewhere)


def test_by_openssl(site: Site, tmp_path: Path, needs: Needs) -> None:
    plan, said, made = site.plan(), tmp_path / "said", tmp_path / "made"
    said.write_text(plan_to_sign(plan, site.store), encoding="utf-8")
    key = site.folder / "noor-private.pem"
    try:
        signing = ("openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", said, "-out", made)
        subprocess.run(signing, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        needs(False, "openssl with Ed25519")
    assert sign(plan, site.store, signature=made).approver == "noor"


def test_either_a_key_or_a_signature(site: Site) -> None:
    key = site.folder / "noor-private.pem"
    for given in ({}, {"key": key, "signature": key}):
        with pytest.raises(UsageError, match="expected one of a private key"):
            sign(site.plan(), site.store, **given)
    with pytest.raises(BadInputError, match="expected an Ed25519 signature"):
        sign(site.plan(), site.store, signature=key)


def test_what_is_no_plan_of_this_store_is_not_signed(site: Site) -> None:
    with pytest.raises(UsageError, match="window"):
        sign(site.plan(window="2024-03-05/2024-03-12"), site.store, site.folder / "noor-private.pem")
