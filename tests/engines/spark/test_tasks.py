"""What an executor says of what went wrong: ours as it was, a library's without its words."""

from __future__ import annotations

import pickle

import pytest

pytest.importorskip("pyspark", reason="needs pyspark")

from hereabouts.engines.spark.tasks import Fault, _kind_and_place
from hereabouts.errors import BadInputError, HereaboutsError, MachineError, RefusedError


@pytest.mark.parametrize(
    "error", [BadInputError("feed.csv", "is damaged", 3), MachineError("no room"), RefusedError("consent", "expired")]
)
def test_our_errors_come_back_as_they_were(error: HereaboutsError) -> None:
    found = pickle.loads(pickle.dumps(Fault.of(error))).error()  # noqa: S301 - our own
    assert type(found) is type(error)
    assert str(found) == str(error)
    assert vars(found) == vars(error)


def test_others_are_told_by_kind_and_place_alone() -> None:
    try:
        int("6d92078a-8246")
    except ValueError as error:
        said = _kind_and_place(error)
    assert said.startswith("ValueError in test_others")
    assert "6d92" not in said
