"""The gate's side of rule CONSENT: which reason a row without a yes is left out for."""

from __future__ import annotations

import dataclasses
from typing import Any

import pyarrow as pa
import pytest

from hereabouts.feeds.checks import Gate, check
from hereabouts.feeds.consent.rule import ConsentRule
from hereabouts.feeds.profile import CANONICAL, Profile

GATE = Gate(max_accuracy=500.0, now=1_700_000_000, consent_by_supplier=False)
COVERED = dataclasses.replace(GATE, consent_by_supplier=True)
OF_TCF = dataclasses.replace(CANONICAL, consent_framework=None, consent_rule=ConsentRule("tcf"))

GOOD = {"device_id": "a", "timestamp": 1_699_990_000, "latitude": 39.5, "longitude": 116.25}
ZERO = "00000000-0000-0000-0000-000000000000"

#: Strings of the official encoders (consent/strings.jsonl): everything consented to, for vendors 1 and 7; and nothing.
TC_YES = "CQgcD4AQgcD4AAKACAENBkFsAP_gAAAAAAYgADoIAAAAAAAA.IADoIAAA"
TC_NO = "CQgcD4AQgcD4AAKACAENBkEgAAAAAAAAAAYgAAAAAAAA"
GPP_YES, GPP_NO = "DBABLA~CAAAAAIAAABA.QA", "DBABLA~CAAAAAIAAABA.YA"


def judged(gate: Gate = GATE, profile: Profile = CANONICAL, **columns: Any) -> str | None:
    """The reason for which a good row is left out that has these columns too."""
    row = GOOD | columns
    pings = check(pa.RecordBatch.from_pydict({name: pa.array([row[name]]) for name in row}), profile, gate)
    assert pings.rows == 1
    return next((reason for reason, count in pings.counts.items() if count), None)


@pytest.mark.parametrize(
    ("consent", "expected"),
    [
        (True, None),
        ("true", None),
        ("TRUE", None),
        (" True ", None),
        (False, "consent_refused"),
        ("false", "consent_refused"),
        (None, "consent_missing"),
        ("", "consent_missing"),
        ("  ", "consent_missing"),
        *((word, "consent_unreadable") for word in ("1", "yes", "t", "null", TC_YES, GPP_YES)),
    ],
)
def test_rule_consent_unknown_means_no(consent: Any, expected: str | None) -> None:
    assert judged(consent=consent) == expected
    assert judged(COVERED, consent=consent) == expected, "a column that is there counts, whatever the supplier has"


def test_rule_consent_needs_a_column_or_the_suppliers_record() -> None:
    assert judged() == "consent_missing"
    assert judged(COVERED) is None
    assert judged(COVERED, consent_framework="tcf") is None
    assert judged(COVERED, dataclasses.replace(CANONICAL, consent=None)) is None
    assert judged(GATE, dataclasses.replace(CANONICAL, consent=None)) == "consent_missing"


@pytest.mark.parametrize(
    ("framework", "consent", "expected"),
    [
        ("tcf", TC_YES, None),
        ("TCF", TC_NO, "consent_refused"),
        ("tcf", TC_YES[:-5], "consent_unreadable"),
        ("tcf", "true", "consent_unreadable"),
        ("tcf", "", "consent_missing"),
        ("gpp", GPP_YES, None),
        ("gpp", GPP_NO, "consent_refused"),
        ("gpp", TC_YES, "consent_unreadable"),
        ("", "true", None),
        (None, "true", None),
        ("flag", "true", None),
        ("other", "true", "consent_unreadable"),
    ],
)
def test_rule_consent_a_framework_column_says_what_the_row_holds(
    framework: str | None, consent: str, expected: str | None
) -> None:
    assert judged(consent=consent, consent_framework=framework) == expected


def test_rule_consent_without_such_a_column_the_profile_says_it() -> None:
    assert judged(profile=OF_TCF, consent=TC_YES) is None
    assert judged(profile=OF_TCF, consent="true") == "consent_unreadable"
    of_eight = dataclasses.replace(OF_TCF, consent_rule=ConsentRule("tcf", tcf_vendor=8))
    assert judged(profile=of_eight, consent=TC_YES) == "consent_refused"


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        (True, "opted_out"),
        ("true", "opted_out"),
        ("TRUE", "opted_out"),
        ("yes", "opted_out"),
        (False, None),
        ("false", None),
        ("", None),
        (None, None),
    ],
)
def test_rule_consent_drops_devices_with_ad_tracking_limited(flag: Any, expected: str | None) -> None:
    assert judged(COVERED, limit_ad_tracking=flag) == expected


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        (ZERO, "zero_id"),
        (f" {{{ZERO}}}", "zero_id"),
        (ZERO.replace("-", ""), "zero_id"),
        (ZERO[:-1] + "1", None),
        ("0" * 36, None),
        ("0", None),
    ],
)
def test_rule_consent_drops_ids_of_nothing_but_zeros(device: str, expected: str | None) -> None:
    assert judged(COVERED, device_id=device) == expected
