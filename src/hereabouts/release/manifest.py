"""The manifest of a release, ``release.json``: built from an allow-list of plan, public and noisy values."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hereabouts.estimate.measurements import FlowSlots, Histogram, Measurements, Payment, VisitorLevel
from hereabouts.privacy.accounting import epsilon_of
from hereabouts.privacy.bins import BINS
from hereabouts.release.plan import Plan
from hereabouts.release.restated import restated_payments
from hereabouts.release.tables.rows import Level
from hereabouts.windows import Window

NAME = "release.json"
FORMAT = 1
UNIT = "all pings of one device in one window, added or removed"
_NOTES = (
    "A device is not a person: somebody with two phones, or whose advertising id was reset, is two devices.",
    "A row that is not published is not zero: it is inside its parent, or was too small or too unsure.",
    "This release is an entry of the store's transparency log: release.tlog-proof shows it to who knows the log's key.",
)
STALE = (
    "Stale: the store's data have changed since these figures were measured (places that became sensitive, or devices "
    "that were withdrawn, were removed from them); newer figures would be a measurement of their own."
)
"""What the notes of a release say that was made from a measurement of earlier data."""

_OWN_LEDGER = (
    "Separate ledgers know nothing of each other: the same pings in another store are protected by its budget alone."
)
_SHARED_LEDGER = (
    "Stores share this ledger: what others that have taken a same feed spent on windows that overlap this one is in "
    "window_spent, and all that they spent in lifetime. Separate ledgers know nothing of each other."
)

NOTHING_PROTECTED: dict[str, Any] = {"areas": [], "region_cells_left_out": 0, "rows_withheld": {}}
"""What is said where no protected area is in the region."""
NO_GROUNDS: dict[str, Any] = {
    "plan": None,
    "requester": None,
    "officer": None,
    "assessment": None,
    "approval": None,
    "recipients": [],
}
"""What is said where nobody asked, answers or approved."""
_MECHANISM = (
    "discrete Gaussian noise on integers, drawn exactly by inversion from the operating system's random source; by "
    "OpenDP where a scale is too large, or draws are too few, for a table"
)


@dataclass(frozen=True)
class Spending:
    """What a device has spent in the window, may spend in it, and has spent over its life in the store: rho.

    Where stores share a ledger, in all stores that have taken a same feed.
    """

    window: Fraction
    budget: Fraction
    lifetime: Fraction
    windows: int
    delta: float
    shared: bool = False


@dataclass(frozen=True)
class Places:
    """The list of sensitive places that the store's gates had: a version, and the digest of what it says."""

    version: int
    digest: str


@dataclass(frozen=True)
class Run:
    """How a release came about.

    Attributes
    ----------
    key
        The measurement's key.
    rho
        What it cost.
    spending
        What the window and the store's windows together have spent, this release included.
    policy, purpose_dpv
        Name of the store's policy, and the DPV term of the plan's purpose.
    measured
        When it was measured, ISO 8601: when it was published is in the log.
    log_key
        The key (C2SP vkey) by which the store's log is checked.
    code_version
        By which version of hereabouts.
    stale
        The data have changed since they were measured. That is the same for every plan on the window, and for every
        window that a purge could reach: it tells nothing of what changed.
    protected
        What protected areas withhold (:meth:`hereabouts.release.protected.Protection.facts`).
    places
        The list of sensitive places; ``None`` where the store has none.
    grounds
        What it rests on (:meth:`hereabouts.rules.grounds.Grounds.facts`).
    publisher
        Who lets it out, as the policy says it: ``name``, and ``url`` or ``None``; ``None`` where it says nothing.
    """

    key: str
    rho: Fraction
    spending: Spending
    policy: str
    purpose_dpv: str
    measured: str
    code_version: str
    log_key: str
    stale: bool = False
    protected: dict[str, Any] = field(default_factory=lambda: dict(NOTHING_PROTECTED))
    places: Places | None = None
    grounds: dict[str, Any] = field(default_factory=lambda: dict(NO_GROUNDS))
    publisher: dict[str, Any] | None = None


def manifest(
    plan: Plan,
    window: Window,
    region_cells: int,
    measured: Measurements,
    run: Run,
    levels: dict[str, dict[str, Level]],
) -> dict[str, Any]:
    """The manifest without the digests of files, as JSON-like values; every one is public or noisy."""
    spending = run.spending
    return {
        "format": FORMAT,
        "name": plan.name,
        "purpose": plan.purpose,
        "purpose_dpv": run.purpose_dpv,
        "policy": run.policy,
        "publisher": run.publisher,
        "grounds": run.grounds,
        "measured": run.measured,
        "code_version": run.code_version,
        "log": {"key": run.log_key},
        "window": {
            "name": window.name,
            "start": _instant(window, window.start),
            "end": _instant(window, window.end),
            "timezone": window.timezone,
            "hours": window.hours,
        },
        "region": _region(plan),
        "region_cells": region_cells,
        "finest_resolution": plan.finest_resolution,
        "justification": plan.justification,
        "privacy": {
            "definition": "zero-concentrated differential privacy (rho), restated as (epsilon, delta)",
            "unit": UNIT,
            "mechanism": _MECHANISM,
            "conversion": "Canonne, Kamath and Steinke 2020, proposition 12, rounded upward",
            "epsilon": plan.epsilon,
            "delta": plan.delta,
            "rho": str(run.rho),
            "restated": _restated(measured, plan.delta),
            "window_spent": _cost(spending.window, spending.delta),
            "window_budget": _cost(spending.budget, spending.delta),
            "lifetime": _cost(spending.lifetime, spending.delta) | {"windows": spending.windows},
        },
        "measurement": {"key": run.key, "payments": [_payment(payment) for payment in measured.payments]},
        "statistics": _statistics(plan, measured),
        "publish": {
            "minimum": plan.publish.minimum,
            "max_relative_halfwidth": _finite(plan.publish.max_relative_halfwidth),
        },
        "rows": {name: {level: vars(count) for level, count in found.items()} for name, found in levels.items()},
        "protected_areas": run.protected,
        "sensitive_places": None if run.places is None else vars(run.places),
        "stale": run.stale,
        "notes": [
            *((STALE,) if run.stale else ()),
            *_NOTES,
            _SHARED_LEDGER if spending.shared else _OWN_LEDGER,
        ],
    }


def with_files(content: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The manifest with the SHA-256 digest of every other file in the release's folder."""
    return content | {"files": {path.name: digest_of(path) for path in sorted(folder.iterdir()) if path.name != NAME}}


def digest_of(path: Path) -> str:
    """SHA-256 of a file's content, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def to_json(content: dict[str, Any]) -> str:
    """The manifest as text, the same for the same content."""
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _statistics(plan: Plan, measured: Measurements) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    rho = {(p.statistic, p.resolution): p.rho for p in measured.payments if p.part in ("hours", "pairs")}
    if measured.presence:
        found["presence"] = {
            "levels": [
                {
                    "resolution": level.resolution,
                    "periods": list(plan.presence.periods),
                    "noise_sd_hour": level.variance**0.5,
                    "rho": str(rho["presence", level.resolution]),
                }
                for level in measured.presence
            ]
        }
    slotted = {level.period for level in measured.flow_slots}
    if measured.flows:
        found["flows"] = {
            "levels": [
                {
                    "resolution": flow.resolution,
                    "periods": [p for p in plan.flows.periods if p not in slotted] if flow.asked else [],
                    "published": flow.asked,
                    "pairs_measured": int(flow.pairs.size),
                    "bound": _bound(measured, flow.resolution, flow.unit),
                    "noise_sd": flow.variance**0.5 / flow.unit,
                    "rho": str(rho["flows", flow.resolution]),
                }
                for flow in measured.flows
            ],
            "slots": [_flow_slots(measured, level) for level in measured.flow_slots],
        }
    if measured.visitors:
        found["visitors"] = {"levels": [_visitors(measured, level) for level in measured.visitors]}
    if measured.distributions:
        found["distributions"] = {"histograms": [_histogram(measured, each) for each in measured.distributions]}
    return found


def _visitors(measured: Measurements, level: VisitorLevel) -> dict[str, Any]:
    what = ("visitors", level.resolution, f"cells/{level.period}")
    piece = next(p for p in measured.payments if (p.statistic, p.resolution, p.part) == what)
    return {
        "resolution": level.resolution,
        "periods": [level.period],
        "bound": piece.squared_sensitivity**0.5 / level.unit,
        "noise_sd": level.variance**0.5 / level.unit,
        "rho": str(piece.rho),
    }


def _histogram(measured: Measurements, histogram: Histogram) -> dict[str, Any]:
    bins = BINS[histogram.statistic]
    piece = next(p for p in measured.payments if p.statistic == histogram.statistic and p.part in ("bins", "counts"))
    return {
        "statistic": histogram.statistic,
        "counted": bins.counted,
        "unit": bins.unit,
        "edges": list(bins.edges),
        "bound": piece.squared_sensitivity**0.5 / histogram.unit,
        "noise_sd": histogram.variance**0.5 / histogram.unit,
        "rho": str(piece.rho),
    }


def _flow_slots(measured: Measurements, level: FlowSlots) -> dict[str, Any]:
    what = ("flows", level.resolution, f"slots/{level.period}")
    piece = next(p for p in measured.payments if (p.statistic, p.resolution, p.part) == what)
    return {
        "resolution": level.resolution,
        "period": level.period,
        "slots": int(level.noisy.shape[1]),
        "pairs_measured": int(level.pairs.size),
        "bound": piece.squared_sensitivity**0.5 / level.unit,
        "noise_sd": level.variance**0.5 / level.unit,
        "rho": str(piece.rho),
    }


def _bound(measured: Measurements, resolution: int, unit: int) -> float:
    """The L2 norm that a device's trips were scaled to, in trips."""
    piece = next(p for p in measured.payments if (p.statistic, p.resolution, p.part) == ("flows", resolution, "pairs"))
    return float(piece.squared_sensitivity**0.5 / unit)


def _payment(payment: Payment) -> dict[str, Any]:
    return vars(payment) | {"rho": str(payment.rho)}


def _restated(measured: Measurements, delta: float) -> dict[str, Any]:
    """The tighter statement of what was spent; it buys nothing."""
    payments = ((p.part, p.rho, p.squared_sensitivity) for p in measured.payments)
    return vars(restated_payments(payments, delta))


def _cost(rho: Fraction, delta: float) -> dict[str, Any]:
    return {"epsilon": epsilon_of(rho, delta) if rho else 0.0, "delta": delta, "rho": str(rho)}


def _region(plan: Plan) -> dict[str, Any]:
    if plan.region.bbox is not None:
        return {"bbox": list(plan.region.bbox)}
    if plan.region.geojson is not None:
        return {"geojson": Path(plan.region.geojson).name}
    return {"h3": list(plan.region.cells or ())}


def _finite(value: float) -> float | str:
    return value if value != float("inf") else "inf"


def _instant(window: Window, second: int) -> str:
    return dt.datetime.fromtimestamp(second, ZoneInfo(window.timezone)).isoformat()
