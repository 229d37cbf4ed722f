"""Nobody outside of `privacy/` and `risk/` sees both an exact count and a release.

Twice over. By imports: a module of one side reads exact rows or sums, one of the other makes or reads what is
published, and none does both; what the one side is handed from the other is named here. And in a real release of all
nine statistics, exact sums are opened by nobody but the door to the noise.
"""

from __future__ import annotations

import ast
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hereabouts.acts import paid
from hereabouts.acts import release as act
from hereabouts.estimate.measurements import Measurements
from hereabouts.ledger import Charge
from hereabouts.privacy.measure import Contribution
from hereabouts.store.store import WindowState

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

SOURCE = Path(paid.__file__).resolve().parents[1]
MODULES = sorted(SOURCE.rglob("*.py"))

#: Rows and sums as they are.
EXACT = (
    "hereabouts.catalogue",
    "hereabouts.engines.local.presence_batches",
    "hereabouts.engines.local.trip_buckets",
    "hereabouts.engines.sealed_rows",
    "hereabouts.movement",
    "hereabouts.privacy.measure.Contribution",
    "hereabouts.store.open_window",
    "hereabouts.store.rewrite.count_rows",
    "hereabouts.store.sealed",
)
#: What is published, and what it is made of once the noise was drawn.
RELEASED = (
    "hereabouts.estimate",
    "hereabouts.release.claims",
    "hereabouts.release.coarsen",
    "hereabouts.release.manifest",
    "hereabouts.release.readme",
    "hereabouts.release.tables",
    "hereabouts.release.verify",
    "hereabouts.report",
)
#: Noisy numbers as measuring hands them over, and the choice of what is asked next by the answers so far. What is told
#: to a store's owner alone is no release.
NEITHER = (
    "hereabouts.estimate.measurements",
    "hereabouts.estimate.flows.expand",
    "hereabouts.estimate.flows.levels.judged_flows",
    "hereabouts.report.confidential",
)
#: Functions by which those who publish get what those who count have made; their results are looked at below.
HANDED_OVER = {f"hereabouts.acts.paid.{name}" for name in ("measured_for", "read_paid", "sealed_for")}
MAY_SEE_BOTH = {"privacy", "risk"}
#: Brings rows and a release to `risk/`, for the owner; what comes back is confidential. An exception, and the only one.
CARRIES_TO_RISK = {"acts/attack.py"}
#: Shows one command after another, of a town that is made up.
NO_REAL_DATA = "acts/demo.py"


def imported(source: str) -> Iterator[str]:
    """The full name of all that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def belongs(name: str, to: tuple[str, ...]) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in to)


def sides(source: str) -> tuple[set[str], set[str]]:
    """What a module sees of exact counts, and of releases."""
    names = set(imported(source))
    exact = {name for name in names if belongs(name, EXACT)}
    released = {name for name in names if belongs(name, RELEASED) and not belongs(name, NEITHER)}
    return exact, released


def seen_by_both(source: str) -> set[str]:
    exact, released = sides(source)
    return exact | released if exact and released else set()


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_module_is_on_both_sides(module: Path) -> None:
    name = module.relative_to(SOURCE)
    if name.parts[0] in MAY_SEE_BOTH or str(name) in CARRIES_TO_RISK:
        return
    assert seen_by_both(module.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    "source",
    [
        "from hereabouts.catalogue.flows import trip_counts\nfrom hereabouts.release.tables.flows import flows_table",
        "from hereabouts.store import sealed\nfrom hereabouts.estimate.presence.levels import presence_estimates",
        "def f():\n    import hereabouts.engines.sealed_rows\n    from hereabouts.report import write_report",
        "from hereabouts.privacy.measure import Contribution\nfrom hereabouts.release import manifest",
    ],
)
def test_the_check_itself_finds_who_is(source: str) -> None:
    assert len(seen_by_both(source)) == 2


def test_both_sides_are_there() -> None:
    """Renamed modules would make it a check of nothing."""
    found = [sides(module.read_text(encoding="utf-8")) for module in MODULES]
    for place, listed in enumerate((EXACT, RELEASED)):
        seen = {name for each in found for name in each[place]}
        for one in listed:
            assert any(belongs(name, (one,)) for name in seen), f"nobody imports {one}"


def function_of(name: str) -> Any:
    module, _, function = name.rpartition(".")
    return getattr(sys.modules[module], function)


def test_what_is_handed_over_is_noisy_or_public() -> None:
    """Those who publish import from those who count nothing but these; and they are given no rows and no sums."""
    counting = {
        f"hereabouts.{'.'.join(module.relative_to(SOURCE).with_suffix('').parts)}"
        for module in MODULES
        if sides(module.read_text(encoding="utf-8"))[0] and module.relative_to(SOURCE).parts[0] == "acts"
    }
    for module in MODULES:
        source = module.read_text(encoding="utf-8")
        name = str(module.relative_to(SOURCE))
        if name.startswith("acts/") and name not in {NO_REAL_DATA, *CARRIES_TO_RISK} and sides(source)[1]:
            taken = {name for name in imported(source) if belongs(name, tuple(counting))}
            assert taken - {"hereabouts.acts.paid.Progress"} <= HANDED_OVER  # a name for a kind of function
    results = {name: typing.get_type_hints(function_of(name))["return"] for name in HANDED_OVER}
    assert results == {
        "hereabouts.acts.paid.measured_for": tuple[Measurements, Charge, bool],
        "hereabouts.acts.paid.read_paid": Measurements,
        "hereabouts.acts.paid.sealed_for": WindowState,
    }


def test_who_publishes_does_not_ask_a_window_for_its_counts() -> None:
    """How many rows a sealed window has is exact; it is handed over with the window, and is nobody's business there."""
    for module in MODULES:
        source = module.read_text(encoding="utf-8")
        if sides(source)[1]:
            asked = [
                n.lineno for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Attribute) and n.attr == "counts"
            ]
            windows = "WindowState" in source or "sealed_for" in source
            assert not (windows and asked), f"{module.relative_to(SOURCE)}, lines {asked}"


ALL_NINE = [
    "presence", "visitors", "flows", "trip-lengths", "trip-durations", "stay-durations", "trips-per-device-day",
    "cells-per-device-day", "radius-of-gyration",
]  # fmt: skip


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The modules that look at exact sums from here on."""
    seen: set[str] = set()

    def look(self: Contribution, name: str) -> Any:
        if name == "sums":
            seen.add(sys._getframe(1).f_globals["__name__"])
        return object.__getattribute__(self, name)

    monkeypatch.setattr(Contribution, "__getattribute__", look)
    return seen


def test_in_a_release_exact_sums_are_opened_by_the_door_alone(sealed_site: Site, copy: Copy, opened: set[str]) -> None:
    site = copy(sealed_site)
    done = act(site.plan(statistics=ALL_NINE), site.store, site.folder / "out")
    assert set(done.rows) == {"presence", "visitors", "flows", "distributions"}
    assert opened == {"hereabouts.privacy.measure"}


def test_the_watch_itself_sees_who_looks(opened: set[str]) -> None:
    import numpy as np  # noqa: PLC0415

    assert Contribution(np.zeros(3, dtype=np.int64), 1).sums.sum() == 0
    assert opened == {__name__}
