from __future__ import annotations

import base64
import hashlib
import json
import re

import pytest

from hereabouts.errors import UsageError
from hereabouts.report.page import content_policy, json_for_html, tile_origin


def test_the_policy_allows_the_pages_own_script_and_nothing_else() -> None:
    policy = content_policy("let x;", "p {}", None)
    digest = base64.b64encode(hashlib.sha256(b"let x;").digest()).decode()
    assert policy.startswith("default-src 'none'; ")
    assert f"script-src 'sha256-{digest}'" in policy
    assert "img-src data:;" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_a_tile_host_is_the_only_one_that_can_be_let_in() -> None:
    policy = content_policy("", "", "https://tiles.example.net:8443/{z}/{x}/{y}.png?key=1")
    assert "img-src data: https://tiles.example.net:8443;" in policy


@pytest.mark.parametrize(
    "address",
    [
        "ftp://host/{z}/{x}/{y}",
        "https://host/{z}/{x}",
        "https://{s}.host/{z}/{x}/{y}",
        "https:///{z}/{x}/{y}",
        "https://host/{z}/{x}/{y}; script-src *",
        "https://me:secret@host/{z}/{x}/{y}",
        "javascript:{z}{x}{y}",
    ],
)
def test_what_is_no_address_of_tiles_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="tile address"):
        tile_origin(address)


def test_json_cannot_end_the_element_it_stands_in() -> None:
    hostile = {"name": "</script><script>alert(1)</script><!-- &amp; \u2028"}
    text = json_for_html(hostile)
    assert not re.search("[<>&\u2028]", text)
    assert json.loads(text) == hostile
