"""Which engine: said by both options together, or by neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hereabouts.engines.choice import chosen, window_sealer
from hereabouts.engines.local import seal_window
from hereabouts.errors import UsageError

if TYPE_CHECKING:
    from tests.conftest import Site


def test_this_machine_unless_told_otherwise() -> None:
    with chosen() as cluster:
        assert cluster is None
        assert window_sealer(cluster) is seal_window


@pytest.mark.parametrize(
    ("engine", "master", "said"),
    [("local", "local[2]", "add it"), ("spark", None, "name the cluster"), ("flink", None, "expected one of")],
)
def test_halves_are_refused(engine: str, master: str | None, said: str) -> None:
    with pytest.raises(UsageError, match=said), chosen(engine, master):
        pass


def test_the_command_says_so(empty_site: Site) -> None:
    empty_site.run("seal", "--master", "local[2]").refuses(2, "--engine spark")
