"""``hereabouts profile``."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Command

FEED = "device_id,timestamp,latitude,longitude,consent,ip_address\nsomebody,1699963200,39.5,116.25,true,10.0.0.1\n"


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "sample.csv"
    path.write_text(FEED, encoding="utf-8")
    return path


def test_a_proposal_can_be_saved_as_it_is_printed(sample: Path, command: Command, tmp_path: Path) -> None:
    done = command("profile", "propose", sample)
    assert done.code == 0
    assert tomllib.loads(done.out)["device"] == "device_id"
    assert "0 to decide" in done.err
    assert "somebody" not in done.out + done.err
    own = tmp_path / "own.toml"
    own.write_text(done.out, encoding="utf-8")
    assert "fits: 100.0% of the first rows taken" in command("profile", "check", sample, "--profile", own).out
    document = command("profile", "propose", sample, "--json").json
    assert document["direct_identifiers"] == ["ip_address"]
    assert document["toml"] == done.out


def test_what_a_check_says(sample: Path, command: Command) -> None:
    done = command("profile", "check", sample, "--profile", "canonical")
    fit, warning = done.out.splitlines()
    assert fit == "profile canonical fits: 100.0% of the first rows taken; dropped: none"
    assert warning.startswith(
        "warning: column ip_address holds IP addresses (100 % of its first values look like them)"
    )
    document = command("profile", "check", sample, "--profile", "canonical", "--json").json
    assert document["accepted"] == 1.0
    assert document["has_consent"] is True


def test_a_profile_that_does_not_fit(sample: Path, command: Command, tmp_path: Path) -> None:
    command("profile", "check", sample, "--profile", "veraset").refuses(4, "missing columns: caid, utc_timestamp")
    command("profile", "check", sample, "--profile", "acme").refuses(2, "got profile 'acme'", "propose")
    (tmp_path / "bad.toml").write_text('name = "a"\ncolour = 1\n', encoding="utf-8")
    command("profile", "check", sample, "--profile", tmp_path / "bad.toml").refuses(2, "bad.toml", "key 'colour'")


def test_shipped_profiles_are_listed_and_shown(command: Command) -> None:
    assert command("profile", "list").out.startswith("canonical        The columns of hereabouts' own feeds.\n")
    assert "veraset" in [profile["name"] for profile in command("profile", "list", "--json").json]
    assert tomllib.loads(command("profile", "show", "veraset").out)["device"] == "caid"
    assert command("profile", "show", "veraset", "--json").json["name"] == "veraset"
    command("profile", "show", "acme").refuses(2, "the shipped ones are canonical")
