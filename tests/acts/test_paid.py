"""What a plan is refused by, and what it is measured from, tells nothing of who was in its window."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from hereabouts.acts import release
from hereabouts.acts.withdraw import withdraw
from hereabouts.errors import HereaboutsError, MachineError, RefusedError
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

FIRST, NOBODYS = "2024-03-04/2024-03-11", "2024-02-26/2024-03-04"


def refusal(site: Site, window: str, epsilon: float) -> str:
    plan = site.plan(window=window, epsilon=epsilon)
    with pytest.raises(RefusedError) as refused:
        release(plan, site.store, site.folder / "out")
    return str(refused.value).replace(window, "WINDOW")


@pytest.mark.parametrize("epsilon", [1.0, 3.0])
def test_an_open_window_is_refused_by_one_rule_whether_or_not_anybody_was_in_it(
    epsilon: float, taken_site: Site, copy: Copy
) -> None:
    site = copy(taken_site)
    first, nobodys = (refusal(site, window, epsilon) for window in (FIRST, NOBODYS))
    assert first == nobodys
    assert "is not sealed" in first


@pytest.mark.parametrize("epsilon", [1.0, 3.0])
def test_so_is_one_without_tables(epsilon: float, sealed_site: Site, copy: Copy) -> None:
    """Retention comes before the budget, for all of them."""
    site = copy(sealed_site)
    store = Store(site.store)
    end = store.calendar.named(FIRST).end
    store.retention.register("d", end, end, {})
    first, nobodys = (refusal(site, window, epsilon) for window in (FIRST, NOBODYS))
    assert first == nobodys
    assert "has no tables any more" in first
    assert NOBODYS not in {known.window.name for known in store.windows()}


def test_and_a_sealed_one_that_cannot_be_paid(sealed_site: Site, copy: Copy) -> None:
    site = copy(sealed_site)
    first, nobodys = (refusal(site, window, 3.0) for window in (FIRST, NOBODYS))
    assert first == nobodys
    assert "costs epsilon 3" in first


@pytest.mark.parametrize("change", ["an earlier copy", "a file is gone"])
def test_tables_that_are_not_the_registered_ones_are_not_measured(
    change: str, sealed_site: Site, copy: Copy, feed_ids: str
) -> None:
    """A copy from before a withdrawal would bring its devices back into what is released (DELETE)."""
    site = copy(sealed_site)
    sealed = site.store / "sealed"
    if change == "an earlier copy":
        shutil.copytree(sealed, site.folder / "copied")
        (site.folder / "ids.txt").write_text(feed_ids, encoding="utf-8")
        withdraw(site.store, site.folder / "ids.txt")
        shutil.rmtree(sealed)
        (site.folder / "copied").rename(sealed)
    else:
        next(sealed.glob("2024-03-04*/presence/*.parquet")).unlink()
    with pytest.raises(MachineError, match=r"does not hold as many rows of presence.*from the same copy"):
        release(site.plan(), site.store, site.folder / "out")
    assert site.sql("SELECT id FROM charges") == [], "nothing was paid"


@pytest.fixture(scope="module")
def feed_ids(feed: Path) -> str:
    """A list of the first devices of the feed."""
    ids = pq.read_table(min(feed.iterdir()), columns=["device_id"])["device_id"].unique().to_pylist()
    return "\n".join(ids[:30]) + "\n"


def test_data_do_not_change_before_a_release_is_in_its_place(sealed_site: Site, copy: Copy) -> None:
    """Else it would say that it is of the newest data, and they had a device more."""
    site = copy(sealed_site)
    ids = site.folder / "ids.txt"
    ids.write_text("nobody-at-all\n", encoding="utf-8")
    failed: list[HereaboutsError] = []
    in_place: list[bool] = []

    def take_out() -> None:
        try:
            withdraw(site.store, ids)
        except HereaboutsError as error:
            failed.append(error)
        in_place.append((site.folder / "out").exists())

    other = threading.Thread(target=take_out)

    def progress(step: str) -> None:
        if step == "estimates":
            other.start()
            other.join(1.0)

    done = release(site.plan(), site.store, site.folder / "out", progress=progress)
    other.join()
    assert (failed, in_place, done.stale) == ([], [True], False)
