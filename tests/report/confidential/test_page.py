"""The shell of confidential pages: nothing can be loaded or run, and every section carries the warning."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

import pytest

from hereabouts.report.confidential.audit import audit_page
from hereabouts.report.confidential.page import CONFIDENTIAL, ends, number, percent, rate, spread
from hereabouts.risk.figures import TOO_FEW, Figure, Procedure, excess, not_told, quantity, share

if TYPE_CHECKING:
    from tests.report.confidential.conftest import Made

HOW = Procedure("a procedure", "a source")


def test_every_section_carries_the_warning(made: Made) -> None:
    text = audit_page(made())
    sections = re.findall(r"<section.*?</section>", text, re.DOTALL)
    assert len(sections) >= 6
    assert all(CONFIDENTIAL in section for section in sections)
    assert CONFIDENTIAL in text.partition("<main")[0]
    assert CONFIDENTIAL in text.partition("<footer")[2]


def test_its_policy_allows_its_own_style_and_nothing_else(made: Made) -> None:
    text = audit_page(made())
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy.replace("&#39;", "'").startswith(f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:;")
    assert "<script" not in text
    assert not re.search(r"""(src|href)=["']?(https?:)?//|url\(|@import| style=| on\w+=""", text)


def test_what_is_put_in_is_escaped(made: Made) -> None:
    text = audit_page(made(limits=("<b>&",)))
    assert "&lt;b&gt;&amp;" in text
    assert "<b>" not in text


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.5, "50.0 %"),
        (0.0004, "under 0.1 %"),
        (0.9996, "over 99.9 %"),
        (0.123, "12.3 %"),
    ],
)
def test_a_share_is_not_said_to_be_all_or_nothing_unless_it_is(value: float, said: str) -> None:
    assert percent(value).replace("\u00a0", " ") == said


def test_figures_in_words() -> None:
    figure = share("seen", 500, 1_000, HOW)
    assert rate(figure).replace("\u00a0", " ") == "50.0 %"
    assert ends(figure).replace("\u00a0", " ") == "45.4 to 54.6 %"
    assert spread(figure).replace("\u00a0", " ") == "95 % interval 45.4 to 54.6 %; 1,000 devices"
    assert spread(quantity("by chance", 0.1, 0.1, 0.1, 30, HOW)) == "worked out for 40 devices"
    assert (rate(not_told("seen", HOW)), spread(not_told("seen", HOW)), ends(not_told("seen", HOW))) == (
        TOO_FEW,
        "",
        "",
    )
    assert (number(12_345.6), number(3.14159), number(240)) == ("12,346", "3.14", "240")


@pytest.mark.parametrize(
    ("figure", "said", "why"),
    [
        (share("seen", 3, 10_000, HOW), "under 0.3 %", "none, or fewer than 20, of 10,000 devices"),
        (share("seen", 9_999, 10_000, HOW), "over 99.7 %", "all, or all but fewer than 20, of 10,000 devices"),
        (share("seen", 1, 10_000_000, HOW), "under 0.1 %", "none, or fewer than 20, of 10,000,000 devices"),
        (
            excess("beyond", share("a", 500, 1_000, HOW), share("c", 0, 1_000, HOW), HOW),
            "43.7 to 54.7 %",
            "by the ends of the attack and of its control, of 1,000 devices",
        ),
    ],
)
def test_what_has_ends_alone_is_over_or_under_them(figure: Figure, said: str, why: str) -> None:
    assert rate(figure).replace("\u00a0", " ") == said
    assert spread(figure).replace("\u00a0", " ") == why
    assert ends(figure) == ""
