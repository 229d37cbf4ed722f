"""``transparency.html``: the report for a reader who knows neither us nor our words; one file, no script."""

from __future__ import annotations

import base64
import hashlib
import math
from importlib.resources import files
from typing import Any

import jinja2

from hereabouts.report.transparency import tables, words
from hereabouts.report.transparency.grid import answers_bar, budget_bar
from hereabouts.report.transparency.report import Report
from hereabouts.report.words import epsilon, percent, rho


def transparency_page(report: Report) -> str:
    """Give the page of a report."""
    style = _report_style() + _asset("transparency.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_asset),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        factor=lambda value: f"{math.exp(value):.2g}",
        words=words,
        epsilon=epsilon,
        rho=rho,
        percent=percent,
        answers_bar=answers_bar,
        budget_bar=budget_bar,
    )
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    return environment.get_template("transparency.html.j2").render(
        report=report, style=style, policy=policy, **_context(report)
    )


def _context(report: Report) -> dict[str, Any]:
    windows = report.spent.windows
    return {
        "counts": {answer: report.answered(answer) for answer in ("released", "again", "refused")},
        "most": max((tally.asked for tally in report.by_month), default=0),
        "worst": max(windows, key=lambda window: window.whole.rho, default=None),
        "blocked": sum(len(stop.blocked) for stop in report.stops),
        "late": sum(review.on_time is False for review in report.reviews.made),
        "regulated": bool(report.policies and report.policies[-1].facts.get("requires")),
        "tables": tables.tables(report),
        "python": _asset("check.py.txt").rstrip(),
        "openssl": _asset("check.sh.txt").rstrip().replace("@KEY@", report.log.key or "VKEY"),
        "windows": [
            (window, float(window.now.rho / report.spent.budget.rho) if report.spent.budget else None)
            for window in windows
        ],
    }


def _report_style() -> str:
    return files("hereabouts.report").joinpath("assets", "report.css").read_text(encoding="utf-8")


def _asset(name: str) -> str:
    return files("hereabouts.report.transparency").joinpath("assets", name).read_text(encoding="utf-8")
