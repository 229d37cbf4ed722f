"""A Spark cluster that carries work: items go out, results come back in their order, and nothing else passes through.

No ping is ever in Spark's hands. Rows are read by the executor that is handed a piece of a file, and leave it
encrypted, in the store's own buckets: the open window is what a shuffle would be, without shuffle files on executors'
disks. Spark chooses who works, sees who died, and has the work done again.

Keys go with the items: in messages to the executor that does the work, which Spark encrypts and holds in memory alone.
What is shared by all items is broadcast, and may lie on executors' disks, encrypted: it must hold no secret.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from hereabouts import __version__
from hereabouts.engines.local import in_order
from hereabouts.engines.spark.settings import not_encrypted, require_java, settings_for
from hereabouts.errors import MachineError, UsageError

if TYPE_CHECKING:
    from pyspark import SparkContext

Item = TypeVar("Item")
Shared = TypeVar("Shared")
Result = TypeVar("Result")

_TASKS_A_CORE = 16
"""Tasks for each core of the cluster, in all: each costs some hundredths of a second, and the last leave cores idle."""
_TASKS_A_JOB = 4
"""Those of one job, for each core: results come job by job, and what is cut off loses the last few."""
_JOBS = 2
"""Jobs at a time: while the last items of one are done, free cores begin with the next."""


class Cluster:
    """A Spark application that is running.

    Parameters
    ----------
    context
        Of Spark.
    """

    def __init__(self, context: SparkContext) -> None:
        self._context = context

    @property
    def cores(self) -> int:
        """Cores that it has now: executors may come and go."""
        return max(1, self._context.defaultParallelism)

    def each(
        self, work: Callable[[Item, Shared, str], Result], items: Sequence[Item], shared: Shared
    ) -> Generator[Result]:
        """Results of `work` in the order of `items`; each item may be worked on several times, and counts once.

        Parameters
        ----------
        work
            A function of a module that executors have. It is called with an item, what is shared, and a name for this
            attempt that no other has.
        items
            May hold keys.
        shared
            Must hold no secret.

        Raises
        ------
        HereaboutsError
            What `work` raised.
        MachineError
            If the cluster failed several times.
        """
        from py4j.protocol import Py4JError  # noqa: PLC0415 - comes with it
        from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra

        from hereabouts.engines.spark.tasks import Fault, run  # noqa: PLC0415 - needs Spark

        broadcast = self._context.broadcast(pickle.dumps(shared))
        task = partial(run, work, broadcast, self._context.applicationId, __version__)

        def job(group: tuple[Sequence[Item], int]) -> list[Any]:
            return self._context.parallelize(*group).mapPartitions(task).collect()

        with closing(in_order(job, self._groups(items), _JOBS)) as jobs:
            try:
                for results in jobs:
                    for result in results:
                        if isinstance(result, Fault):
                            raise result.error()
                        yield result
            except (PySparkException, Py4JError) as error:
                self._context.cancelAllJobs()
                raise MachineError(f"the Spark cluster gave up: {_reason(error)}") from None
            except BaseException:
                self._context.cancelAllJobs()
                raise
        broadcast.destroy()

    def _groups(self, items: Sequence[Item]) -> Iterator[tuple[Sequence[Item], int]]:
        """The items of each job, and how many tasks it has."""
        start = 0
        while start < len(items):
            cores = self.cores
            size = _TASKS_A_JOB * cores * -(-len(items) // (_TASKS_A_CORE * cores))
            group = items[start : start + size]
            yield group, min(_TASKS_A_JOB * cores, len(group))
            start += size


@contextmanager
def cluster(master: str) -> Iterator[Cluster]:
    """Run a Spark application on a cluster.

    Parameters
    ----------
    master
        Its URL. Settings of the operator's count (``spark-defaults.conf`` in ``SPARK_CONF_DIR``).

    Raises
    ------
    MachineError
        When there is no Spark or no Java, or the cluster does not answer.
    UsageError
        When the cluster's messages would not be encrypted, or the process has an application already.
    """
    require_java()
    try:
        from py4j.protocol import Py4JError  # noqa: PLC0415
        from pyspark import SparkConf, SparkContext  # noqa: PLC0415 - an extra
        from pyspark.errors import PySparkException  # noqa: PLC0415
    except ImportError:
        raise MachineError(
            "the Spark engine needs pyspark: run 'pip install pyspark', or install hereabouts with its extra [spark]"
        ) from None
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        conf = SparkConf().setMaster(master).setAll(list(settings_for(master).items()))
        context = SparkContext(conf=conf)
    except ValueError as error:
        raise UsageError(f"cannot begin a Spark application here: {error}") from None
    except (PySparkException, Py4JError) as error:
        if "spark.authenticate" in str(error):
            raise not_encrypted(master) from None
        raise MachineError(f"the Spark cluster {master} cannot be used: {_reason(error)}") from None
    try:
        yield Cluster(context)
    finally:
        context.stop()


def _reason(error: Exception) -> str:
    """The first line of what the JVM said, and what our task said, if it did."""
    lines = str(error).splitlines()
    ours = [line.strip() for line in lines if "TaskError: " in line]
    java = getattr(error, "java_exception", None)
    first = str(java.getMessage()).splitlines()[0] if java is not None and java.getMessage() else lines[0]
    return "; ".join([first[:300], *ours[-1:]])
