"""Which engine has the work done: this machine, or a Spark cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from hereabouts.engines.local import seal_window
from hereabouts.errors import UsageError

if TYPE_CHECKING:
    from hereabouts.engines.spark.cluster import Cluster
    from hereabouts.store.store import Store
    from hereabouts.windows import Window

    Sealer = Callable[[Store, Window, Callable[[int, int], None]], dict[str, int]]

ENGINES = ("local", "spark")


@contextmanager
def chosen(engine: str = "local", master: str | None = None) -> Iterator[Cluster | None]:
    """The cluster that has the work done; ``None`` where this machine does it itself.

    Parameters
    ----------
    engine
        One of :data:`ENGINES`.
    master
        For Spark, the URL of its master: ``spark://HOST:PORT``, ``yarn``, ``k8s://URL`` or ``local[CORES]``.

    Raises
    ------
    UsageError
        When the engine is none, or engine and master do not go together.
    MachineError
        When the cluster cannot be used.
    """
    if engine not in ENGINES:
        raise UsageError(f"got engine '{engine}': expected one of {', '.join(ENGINES)}")
    if engine == "local":
        if master is not None:
            raise UsageError(f"got --master {master} without --engine spark: add it, or leave both out")
        yield None
        return
    if not master:
        raise UsageError("got --engine spark without --master: name the cluster, such as spark://HOST:7077 or local[2]")
    from hereabouts.engines.spark.cluster import cluster  # noqa: PLC0415 - most commands need none

    with cluster(master) as found:
        yield found


def window_sealer(cluster: Cluster | None) -> Sealer:
    """What seals one window: :func:`hereabouts.engines.local.seal_window`, or the same on a cluster."""
    if cluster is None:
        return seal_window
    from hereabouts.engines.spark.sealing import seal_window as seal_on  # noqa: PLC0415

    return partial(seal_on, cluster=cluster)
