"""The shell of confidential pages: style, content policy, the words that every section carries.

A kind of page has a template in ``assets/`` that extends ``shell.html.j2`` and puts what it says into ``section``
blocks of that: so no section is without the warning. Nothing but the page's own style is allowed by its policy.
"""

from __future__ import annotations

import base64
import hashlib
import math
from importlib.resources import files
from typing import Any

import jinja2

from hereabouts.report.confidential import plots
from hereabouts.risk.figures import Figure

CONFIDENTIAL = "Confidential. Computed on exact data. Not differentially private. For the owner of the data."

_THIN = "\u00a0"


def render(template: str, **context: Any) -> str:
    """Fill in a template of ``assets/``.

    Parameters
    ----------
    template
        Its file name.
    context
        What it names. ``rate``, ``ends``, ``spread`` and ``number`` (words for figures) and ``plots`` are there too.
    """
    style = _report_style() + _asset("confidential.css") + plots.style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_asset),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        confidential=CONFIDENTIAL, rate=rate, ends=ends, spread=spread, number=number, percent=percent, plots=plots
    )
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    return environment.get_template(template).render(style=style, policy=policy, **context)


def percent(share: float) -> str:
    """Give a share in percent, which is not said to be all or nothing unless it is."""
    if 0 < share < 0.001:
        return f"under 0.1{_THIN}%"
    if 0.999 < share < 1:
        return f"over 99.9{_THIN}%"
    return f"{share * 100:.0f}{_THIN}%" if share in (0.0, 1.0) else f"{share * 100:.1f}{_THIN}%"


def rate(figure: Figure) -> str:
    """Give the value of a share; where it has ends alone, those; or why there is nothing."""
    if figure.value is not None:
        return percent(figure.value)
    if figure.low is None or figure.high is None:
        return figure.withheld or ""
    # Outward, so that what is said to be over or under is.
    low, high = math.floor(figure.low * 1000) / 10, math.ceil(figure.high * 1000) / 10
    if low > 0.0 and high < 100.0:
        return f"{low:.1f} to {high:.1f}{_THIN}%"
    return f"under {high:.1f}{_THIN}%" if high < 100.0 else f"over {low:.1f}{_THIN}%"


def ends(figure: Figure) -> str:
    """Give the interval of a share; of one that is told by its ends there is nothing to add."""
    if figure.value is None or figure.low is None or figure.high is None:
        return ""
    return f"{_bare(figure.low)} to {_bare(figure.high)}{_THIN}%"


def spread(figure: Figure) -> str:
    """Give the interval of a share, and of how many devices it speaks."""
    if figure.low is None or figure.n is None:
        return ""
    if figure.value is None:
        return f"{figure.withheld}, of {figure.n:,} devices"
    if figure.low == figure.high:
        return f"worked out for {figure.n:,} devices"
    return f"95{_THIN}% interval {ends(figure)}; {figure.n:,} devices"


def number(value: float) -> str:
    """Give a number in as many digits as one looks at."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _bare(share: float) -> str:
    return f"{share * 100:.1f}"


def _report_style() -> str:
    return files("hereabouts.report").joinpath("assets", "report.css").read_text(encoding="utf-8")


def _asset(name: str) -> str:
    return files("hereabouts.report.confidential").joinpath("assets", name).read_text(encoding="utf-8")
