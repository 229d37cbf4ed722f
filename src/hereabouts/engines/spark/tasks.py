"""What runs on an executor: one piece of work after another, in the attempt's own name.

Spark shows and keeps why a task failed (its page, its event log). So what goes wrong is told by its kind and place
alone, for a library's words may hold a value; errors of ours, which never do, are results and are not tried again.
"""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark import TaskContext

from hereabouts import __version__
from hereabouts.engines.memory import keep_freed_memory
from hereabouts.errors import HereaboutsError, MachineError

if TYPE_CHECKING:
    from pyspark import Broadcast

Work = Callable[[Any, Any, str], Any]


@dataclass(frozen=True)
class Fault:
    """An error of ours on its way to the driver: those with arguments of their own are not rebuilt from a message."""

    kind: type[HereaboutsError]
    args: tuple[Any, ...]
    told: dict[str, Any]

    @classmethod
    def of(cls, error: HereaboutsError) -> Fault:
        """Take an error apart."""
        return cls(type(error), error.args, dict(vars(error)))

    def error(self) -> HereaboutsError:
        """Put it together."""
        error = self.kind.__new__(self.kind)
        error.args = self.args
        vars(error).update(self.told)
        return error


class TaskError(Exception):
    """Something else went wrong: of what kind it is, and where."""


def run(work: Work, shared: Broadcast[bytes], application: str, version: str, items: Iterable[Any]) -> Iterator[Any]:
    """Do the work of one task: an item, or a few.

    Parameters
    ----------
    work
        Called with an item, what is shared, and the attempt's name.
    shared
        What all items have in common, pickled.
    application
        Id of the Spark application, which no other has.
    version
        Of hereabouts, on the driver.
    """
    if version != __version__:
        yield Fault.of(MachineError(f"executors have hereabouts {__version__}, and the driver {version}: install one"))
        return
    _prepare()
    context = TaskContext.get()
    if context is None:
        raise TaskError("called outside of a Spark task")
    for place, item in enumerate(items):
        try:
            found = work(item, _unpacked(shared), f"{application}-{context.taskAttemptId()}-{place}")
        except HereaboutsError as error:
            found = Fault.of(error)
        except Exception as error:  # noqa: BLE001 - told without its words
            raise TaskError(_kind_and_place(error)) from None
        yield found


@lru_cache(maxsize=1)
def _unpacked(shared: Broadcast[bytes]) -> Any:
    """What is shared; a process that has several of its tasks unpacks it once."""
    return pickle.loads(shared.value)  # noqa: S301 - from our own driver


@cache
def _prepare() -> None:
    """Once a process."""
    keep_freed_memory()


def _kind_and_place(error: Exception) -> str:
    """For example ``ValueError in hereabouts.store.pings, line 131``."""
    frame = traceback.extract_tb(error.__traceback__)[-1] if error.__traceback__ else None
    number = f" {error.errno}" if isinstance(error, OSError) and error.errno else ""
    where = f" in {frame.name} ({Path(frame.filename).name}, line {frame.lineno})" if frame else ""
    return f"{type(error).__name__}{number}{where}"
