"""Evidence of a small town, and claims about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from hereabouts.release.verify import Check
from hereabouts.risk.audit.precision import precision_of_cells
from hereabouts.risk.claims.evidence import Delay, FeedEvidence, ReleaseEvidence, Trail, WindowEvidence
from hereabouts.risk.claims.result import Found
from hereabouts.risk.claims.rows import Answers
from hereabouts.risk.claims.shared_positions import AGAIN, SHARED
from hereabouts.risk.claims.stated import Statement
from hereabouts.risk.claims.vocabulary import VOCABULARY
from hereabouts.risk.figures import share
from hereabouts.risk.traces import Traces

MakeFeed = Callable[..., FeedEvidence]
Judged = Callable[..., Found]


@pytest.fixture
def trail(town: Traces) -> Trail:
    """A town of three hundred devices, of which positions are told in cells of resolution 10."""
    return Trail(town, *precision_of_cells(10, town.devices))


@pytest.fixture
def make_feed(trail: Trail) -> MakeFeed:
    """A feed of it with nothing to be said against it, with changes; of its rows' answers too, and their `devices`."""

    def make(**changes: Any) -> FeedEvidence:
        n = changes.pop("devices", trail.traces.devices)
        answers = Answers(n, refused=0, limited=0, auctioned=0, advertising=0)
        said = {name: changes.pop(name) for name in ("refused", "limited", "auctioned") if name in changes}
        values: dict[str, Any] = {
            "name": "a feed",
            "trail": trail,
            "columns": ("device_id", "latitude", "longitude", "timestamp"),
            "warnings": (),
            "advertising": False,
            "answers": replace(answers, **said),
            "shared": share("shared", 0, n, SHARED),
            "again": share("again", 0, n, AGAIN),
        }
        return FeedEvidence(**(values | changes))

    return make


@pytest.fixture
def window(trail: Trail) -> WindowEvidence:
    """A sealed window of a store that was handed two lists of withdrawals, and acted on them in time."""
    delays = (Delay(1_000, 0, 3), Delay(1_000, 15, 30))
    return WindowEvidence("window 2024-03-04/2024-03-11", trail, delays)


@pytest.fixture
def release() -> ReleaseEvidence:
    """A release that passes its checks."""
    manifest = {
        "finest_resolution": 7,
        "rows": {"presence": {}, "flows": {}},
        "privacy": {"epsilon": 1.0, "delta": 1e-6},
    }
    return ReleaseEvidence("release 'movement'", manifest, (Check("files", True, "as listed"),))


@pytest.fixture
def judge() -> Judged:
    """Test one claim: ``judge("not-bulk", evidence, **parameters)``."""

    def test(claim: str, evidence: Any, **parameters: Any) -> Found:
        said: dict[str, Any] = {"words": "So it is.", "by": "a seller", "said": dt.date(2024, 4, 1)} | parameters
        return VOCABULARY[claim].judge(Statement(claim=claim, **said), evidence)

    return test
