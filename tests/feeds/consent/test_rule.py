from __future__ import annotations

from typing import Any

import pytest

from hereabouts.errors import UsageError
from hereabouts.feeds.consent.rule import ConsentRule


def test_by_default_a_row_holds_a_flag_and_a_string_is_asked_for_storage_and_statistics() -> None:
    assert ConsentRule() == ConsentRule(framework="flag", tcf_purposes=(1, 9), tcf_vendor=None)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"framework": "usp"}, "'usp'; expected one of flag, tcf, gpp"),
        ({"tcf_purposes": ()}, "got none; expected at least one, each from 1 to 24"),
        ({"tcf_purposes": (1, 25)}, "got 1, 25; expected"),
        ({"tcf_purposes": (0,)}, "got 0; expected"),
        ({"tcf_purposes": ("1",)}, "got 1; expected"),
        ({"tcf_purposes": (True,)}, "got True; expected"),
        ({"tcf_vendor": 0}, "got 0; expected its number on the Global Vendor List, 1 to 65535"),
        ({"tcf_vendor": 65536}, "got 65536; expected"),
    ],
)
def test_what_no_string_could_answer_is_refused(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        ConsentRule(**asked)
