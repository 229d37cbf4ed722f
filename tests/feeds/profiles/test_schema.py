from __future__ import annotations

import tomllib
from typing import Any

import pytest

from hereabouts.errors import UsageError
from hereabouts.feeds.consent.rule import ConsentRule
from hereabouts.feeds.profiles.schema import profile_of

MINIMAL = {"name": "acme", "device": "d", "latitude": "y", "longitude": "x", "time": "t"}


def test_a_column_that_is_not_named_is_not_there() -> None:
    profile = profile_of(MINIMAL, "acme.toml")
    assert profile.optional == ()
    assert profile.unread == frozenset()
    assert (profile.time_unit, profile.degrees_per_unit, profile.separators) == ("auto", None, (",",))
    assert profile.consent_rule == ConsentRule()


def test_every_key() -> None:
    content = tomllib.loads("""
        name = "acme-2"
        description = "All of it."
        device_from = "file"
        latitude = "y"
        longitude = "x"
        degrees_per_unit = 1e-6
        time = ["day", "clock"]
        time_unit = "us"
        accuracy = "acc"
        limit_ad_tracking = "lmt"
        source_type = "src"
        document = "rows"
        separator = [";", "\\t"]
        ignored = ["", "a"]
        direct_identifiers = ["ip"]
        [consent]
        column = "tc"
        framework = "tcf"
        framework_column = "fw"
        tcf_purposes = [1]
        tcf_vendor = 755
        """)
    profile = profile_of(content, "acme.toml")
    assert profile.device_from_file
    assert profile.time_parts == ("day", "clock")
    assert profile.read == ("day", "clock", "y", "x", "acc", "tc", "fw", "lmt", "src")
    assert profile.consent_rule == ConsentRule("tcf", (1,), 755)
    assert (profile.degrees_per_unit, profile.time_unit) == (1e-6, "us")
    assert (profile.document, profile.separators) == ("rows", (";", "\t"))
    assert profile.ignored == {"", "a"}
    assert profile.direct_identifiers == {"ip"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"lattitude": "y"}, "key 'lattitude' is not a known key"),
        ({"consent": {"column": "c", "purposes": [1]}}, "key 'consent.purposes' is not a known key"),
        ({"latitude": None}, "key 'latitude'"),
        ({"name": "Acme Inc"}, "key 'name'"),
        ({"name": 5}, "key 'name': input should be a valid string (got 5)"),
        ({"device": ""}, "key 'device'"),
        ({"time": []}, "key 'time'"),
        ({"time": ["a", "b", "c"]}, "key 'time'"),
        ({"time_unit": "ns"}, "key 'time_unit': input should be 'auto', 's', 'ms' or 'us' (got 'ns')"),
        ({"degrees_per_unit": 0.0}, "key 'degrees_per_unit'"),
        ({"degrees_per_unit": "1e-7"}, "key 'degrees_per_unit'"),
        ({"degrees_per_unit": float("nan")}, "key 'degrees_per_unit'"),
        ({"separator": "::"}, "key 'separator.0'"),
        ({"ignored": "venue"}, "key 'ignored'"),
        ({"device_from": "folder"}, "key 'device_from'"),
        ({"device_from": "file"}, "one of the keys 'device' and 'device_from' says what a device is"),
        ({"time_or": "t2", "time": ["a", "b"]}, "key 'time_or' goes with one time column"),
        ({"latitude": "x"}, "columns named for two things: 'x'"),
        ({"ignored": ["t", "d"]}, "columns named for two things: 'd', 't'"),
        ({"ignored": ["ip"], "direct_identifiers": ["ip"]}, "columns named for two things: 'ip'"),
        ({"time": ["a", "b"], "ignored": ["(a and b)"]}, "columns named for two things"),
        ({"consent": {"framework": "tcf"}}, "key 'consent.column' is missing"),
        ({"consent": {"column": "c", "framework": "usp"}}, "key 'consent.framework'"),
        ({"consent": {"column": "c", "tcf_purposes": []}}, "section 'consent': TCF purposes to ask for: got none"),
        ({"consent": {"column": "c", "tcf_vendor": 0}}, "section 'consent': TCF vendor to ask for: got 0"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_key(change: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        profile_of({**MINIMAL, **change}, "acme.toml")
    assert str(caught.value).startswith("acme.toml: ")
    assert said in str(caught.value)


@pytest.mark.parametrize("key", ["name", "latitude", "longitude", "time"])
def test_what_is_missing_is_named(key: str) -> None:
    content = {name: value for name, value in MINIMAL.items() if name != key}
    with pytest.raises(UsageError, match=rf"acme\.toml: key '{key}' is missing"):
        profile_of(content, "acme.toml")


def test_all_faults_are_said_at_once() -> None:
    with pytest.raises(UsageError, match=r"key 'longitude' is missing.*; key 'lon' is not a known key"):
        profile_of({"name": "a", "device": "d", "latitude": "y", "time": "t", "lon": "x"}, "acme.toml")


def test_without_a_device_there_is_no_profile() -> None:
    with pytest.raises(UsageError, match="expected exactly one"):
        profile_of({name: value for name, value in MINIMAL.items() if name != "device"}, "acme.toml")
