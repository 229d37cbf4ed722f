"""Release: what a measurement is the same as, and what is paid when one fails."""

from __future__ import annotations

import contextlib
import importlib
import sqlite3
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from hereabouts.acts import asked as acts_asked
from hereabouts.acts import paid
from hereabouts.acts import release as act
from hereabouts.acts.accounts import ledger_of, measurement_key, spending_of
from hereabouts.acts.measuring.plan import measure_plan
from hereabouts.errors import MachineError, RefusedError, UsageError
from hereabouts.estimate.measurements import Measurements, Payment
from hereabouts.ledger import Ledger
from hereabouts.privacy.accounting import rho_of
from hereabouts.release.plan import load_plan
from hereabouts.release.region import Region, region_of
from hereabouts.store import files
from hereabouts.store.store import Store
from hereabouts.windows import Calendar

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

MODULE = importlib.import_module("hereabouts.acts.release")  # its name in the package is the act's
WINDOW = Calendar.of("UTC", "P7D", None).named("2024-03-04/2024-03-11")


@pytest.fixture
def site(sealed_site: Site, copy: Copy) -> Site:
    return copy(sealed_site)


def key_of(site: Site, store: str = "store-a", data: str = "version", **changes: Any) -> str:
    plan = load_plan(site.plan(**changes))
    return measurement_key(store, data, plan, WINDOW, region_of(plan.region))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "another"},
        {"purpose": "research"},
        {"minimum": 0},
        {"max_relative_halfwidth": float("inf")},
        {"statistics": ["flows", "presence"]},
        {"epsilon": 1},
    ],
    ids=str,
)
def test_what_does_not_make_another_measurement(site: Site, changes: dict[str, Any]) -> None:
    assert key_of(site, **changes) == key_of(site)


@pytest.mark.parametrize(
    "changes",
    [
        {"epsilon": 0.5},
        {"delta": 1e-7},
        {"statistics": ["presence"]},
        {"resolutions": [6]},
        {"resolutions": [5, 6]},
        {"store": "store-b"},
        {"data": "another"},
    ],
    ids=str,
)
def test_what_makes_another_measurement(site: Site, changes: dict[str, Any]) -> None:
    assert key_of(site, **changes) != key_of(site)


def test_a_region_is_its_cells_however_it_was_written(site: Site) -> None:
    plan = load_plan(site.plan())
    region = region_of(plan.region)
    fewer = Region(region.leaves[1:])
    keys = {measurement_key("s", "d", plan, WINDOW, r) for r in (region, Region(region.leaves.copy()), fewer)}
    assert len(keys) == 2


def test_what_is_released_says_what_was_done(site: Site) -> None:
    told: list[str] = []
    done = act(site.plan(), site.store, site.folder / "out", progress=told.append)
    assert (done.folder, done.again, done.spent) == (site.folder / "out", False, 1.0)
    assert 0 < done.left < 2
    assert told[0] == "measuring"
    assert told[-2:] == ["estimates", "report"]
    spending = spending_of(Store(site.store), WINDOW)
    assert spending.window == spending.lifetime == rho_of(1.0, 1e-6)
    assert (spending.budget, spending.windows, spending.delta) == (rho_of(2.0, 1e-6), 1, 1e-6)


def failing(error: BaseException) -> Any:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("where", "error"),
    [
        *(("measure_plan", error) for error in (MachineError("broken"), MemoryError(), KeyboardInterrupt())),
        ("measure_plan", OSError(28, "No space")),
        ("durable_write", OSError(28, "No space")),
    ],
)
def test_a_measurement_that_fails_is_not_paid(
    where: str, error: BaseException, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paid, where, failing(error))
    with pytest.raises(MachineError if isinstance(error, OSError) else type(error)):
        act(site.plan(), site.store, site.folder / "out")
    assert site.spent() == "0"
    assert list((site.store / "measurements").iterdir()) == []
    assert not list(site.folder.glob("out*"))
    monkeypatch.undo()
    assert act(site.plan(), site.store, site.folder / "out").again is False


@pytest.mark.parametrize("error", [MachineError("broken"), MemoryError(), KeyboardInterrupt()])
def test_a_charge_whose_noise_was_drawn_stays_and_is_paid_once(
    error: BaseException, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever stopped us there may have seen the noise: it is not given back, and the same plan goes on with it."""
    monkeypatch.setattr(paid, "durable_write", failing(error))
    with pytest.raises(type(error)):
        act(site.plan(), site.store, site.folder / "out")
    held = site.spent()
    assert held != "0"
    monkeypatch.undo()
    assert act(site.plan(), site.store, site.folder / "out").again is False
    assert site.spent() == held


def test_noise_that_was_kept_is_not_drawn_anew_for_a_ledger_of_yesterday(site: Site) -> None:
    """The state was put back to a copy from before the charge; the measurement that it paid for is still there."""
    first = act(site.plan(), site.store, site.folder / "first")
    (kept,) = (site.store / "measurements").iterdir()
    content = kept.read_bytes()
    site.sql("DELETE FROM charges")
    second = act(site.plan(), site.store, site.folder / "second")
    assert (kept.read_bytes(), second.rows) == (content, first.rows)
    assert site.spent() == str(rho_of(1.0, 1e-6))


def test_noise_whose_charge_was_lost_is_paid_again_and_never_drawn_again(site: Site) -> None:
    """A ledger put back to an earlier state must not buy a second answer to the same question."""
    act(site.plan(), site.store, site.folder / "out")
    (kept,) = (site.store / "measurements").iterdir()
    content, spent = kept.read_bytes(), site.spent()
    with contextlib.closing(sqlite3.connect(site.store / "state.sqlite")) as state:
        state.execute("DELETE FROM charges")
        state.commit()
    act(site.plan(), site.store, site.folder / "again")
    assert (kept.read_bytes(), site.spent()) == (content, spent)


def test_a_report_that_fails_is_paid_and_comes_free(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MODULE, "write_report", failing(OSError(28, "No space")))
    with pytest.raises(MachineError, match="not paid twice"):
        act(site.plan(), site.store, site.folder / "out")
    monkeypatch.undo()
    assert act(site.plan(), site.store, site.folder / "out").again is True


def test_what_came_to_lie_in_its_place_is_paid(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure after the measurement was moved into place: it is there to be read, so it counts."""
    write = files.durable_write

    def write_and_fail(path: Path, content: bytes) -> None:
        write(path, content)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(paid, "durable_write", write_and_fail)
    with pytest.raises(MachineError, match="Input/output"):
        act(site.plan(), site.store, site.folder / "out")
    monkeypatch.undo()
    assert site.spent() == str(rho_of(1.0, 1e-6))
    assert act(site.plan(), site.store, site.folder / "out").again is True


def test_noise_is_drawn_for_what_the_ledger_was_charged(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not for what the plan says: a charge that stood open is the one that is finished."""
    asked: list[Fraction] = []
    measure = measure_plan

    def watch(folder: Path, window: Any, plan: Any, region: Any, rho: Fraction, tell: Any) -> Measurements:
        asked.append(rho)
        found: Measurements = measure(folder, window, plan, region, rho, tell)
        return found

    monkeypatch.setattr(paid, "measure_plan", watch)
    act(site.plan(), site.store, site.folder / "out")
    ((rho,),) = site.sql("SELECT rho FROM charges")
    assert asked == [Fraction(rho)]


def test_nothing_is_drawn_before_it_is_charged(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    charged: list[bool] = []

    def look(*_: object) -> None:
        charged.append(site.sql("SELECT state FROM charges") == [("open",)])
        raise MachineError("enough seen")

    monkeypatch.setattr(paid, "measure_plan", look)
    with pytest.raises(MachineError, match="enough seen"):
        act(site.plan(), site.store, site.folder / "out")
    assert charged == [True]


def test_a_plan_of_too_many_numbers_is_refused_before_it_costs(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acts_asked, "_MOST_DRAWS", 100)
    with pytest.raises(UsageError, match=r"measures [\d,]+ numbers for presence, at most 100"):
        act(site.plan(), site.store, site.folder / "out")
    assert site.spent() == "0"


@pytest.mark.parametrize("content", [b"", b"PK", np.arange(3).tobytes()])
def test_a_kept_measurement_that_is_broken(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "key.npz"
    path.write_bytes(content)
    with pytest.raises(MachineError, match=r"key\.npz cannot be read.*restore"):
        paid._read(path)


def test_a_kept_measurement_comes_back_as_it_was(tmp_path: Path) -> None:
    kept = Measurements((Payment("presence", 5, "hours", Fraction(1, 3), 168, 12.5, 9),), (), ())
    (tmp_path / "key.npz").write_bytes(kept.to_bytes())
    assert paid._read(tmp_path / "key.npz") == kept


def test_the_ledger_is_the_stores_own(site: Site) -> None:
    store = Store(site.store)
    ledger = ledger_of(store)
    assert isinstance(ledger, Ledger)
    assert ledger.spent(WINDOW.name) == 0
    switched = Store(site.store)
    switched.policy = store.policy.model_copy(update={"ledger": f"sqlite:///{site.folder}/lost.sqlite"})
    with pytest.raises(RefusedError, match="this store was made with its own"):
        ledger_of(switched)
    assert not (site.folder / "lost.sqlite").exists()
