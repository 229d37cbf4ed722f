"""A real Spark cluster on this machine: a master and workers, each a process of its own, with encrypted messages.

For tests and benchmarks. Whoever starts it ends it; its files, secret and logs are in one folder. A worker has one core
unless told otherwise, so that two of them are twice one.
"""

from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.processor import below

HOST = "127.0.0.1"
_STARTED_SECONDS = 180.0

_DEFAULTS = """\
spark.authenticate true
spark.authenticate.secret {secret}
spark.network.crypto.enabled true
spark.network.crypto.saslFallback false
spark.driver.host {host}
spark.driver.bindAddress {host}
spark.executor.memory {memory}
spark.executor.cores 1
spark.master.rest.enabled false
spark.local.dir {folder}/local
spark.sql.warehouse.dir {folder}/warehouse
{more}
"""


@dataclass
class Standalone:
    """A running cluster.

    Attributes
    ----------
    folder
        Where its files are.
    master
        URL of its master.
    workers
        Its worker processes, by number.
    """

    folder: Path
    master: str
    memory: str
    workers: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs that has work for the cluster."""
        return {**os.environ, **_environment(self.folder)}

    def start_worker(self) -> int:
        """Begin to start one more worker, of one core; give its number."""
        number = len(self.workers)
        work = ("--work-dir", f"{self.folder}/work{number}", "--webui-port", "0")
        words = ["--host", HOST, "--cores", "1", "--memory", self.memory, *work, self.master]
        worker = "org.apache.spark.deploy.worker.Worker"
        self.workers[number] = _start(worker, words, self._log(number), self.folder)
        return number

    def await_worker(self, number: int) -> None:
        """Wait until the master knows a worker."""
        _await(self._log(number), r"Successfully registered with master", self.workers[number])

    def _log(self, number: int) -> Path:
        return self.folder / f"worker{number}.log"

    def executors(self, number: int) -> list[int]:
        """Process ids of the executors that a worker runs."""
        found = []
        for pid in below(self.workers[number].pid):
            with suppress(OSError):
                if b"CoarseGrainedExecutorBackend" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(pid)
        return found

    def kill_worker(self, number: int) -> None:
        """Kill a worker and all its executors, as a power cut would."""
        for pid in [*self.executors(number), self.workers[number].pid]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@contextmanager
def standalone(
    folder: Path, workers: int, memory: str = "1g", more: Mapping[str, str] | None = None
) -> Iterator[Standalone]:
    """Start a cluster, and end it.

    Parameters
    ----------
    folder
        A new folder for its files.
    workers
        How many workers, of one core each.
    memory
        Of each worker's executor, for the JVM.
    more
        More settings, for ``spark-defaults.conf``.
    """
    conf = folder / "conf"
    conf.mkdir(parents=True)
    settings = "\n".join(f"{name} {value}" for name, value in (more or {}).items())
    defaults = conf / "spark-defaults.conf"
    defaults.touch(mode=0o600)
    defaults.write_text(
        _DEFAULTS.format(secret=secrets.token_hex(32), host=HOST, memory=memory, folder=folder, more=settings),
        encoding="utf-8",
    )
    port = _free_port()
    log = folder / "master.log"
    process = _start(
        "org.apache.spark.deploy.master.Master", ["--host", HOST, "--port", str(port), "--webui-port", "0"], log, folder
    )
    cluster = Standalone(folder, f"spark://{HOST}:{port}", memory)
    try:
        for number in [cluster.start_worker() for _ in range(workers)]:  # they ask until the master is there
            cluster.await_worker(number)
        yield cluster
    finally:
        for each in [*cluster.workers.values(), process]:
            each.terminate()
        for each in [*cluster.workers.values(), process]:
            with suppress(subprocess.TimeoutExpired):
                each.wait(20)
            each.kill()
            each.wait()


def _environment(folder: Path) -> dict[str, str]:
    return {
        "SPARK_CONF_DIR": str(folder / "conf"),
        "SPARK_LOCAL_IP": HOST,
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",  # they only pass messages on
        "SPARK_NO_DAEMONIZE": "1",
        "PYSPARK_PYTHON": sys.executable,
    }


def _start(name: str, arguments: list[str], log: Path, folder: Path) -> subprocess.Popen[bytes]:
    import pyspark  # noqa: PLC0415 - an extra

    run = Path(pyspark.__file__).parent / "bin" / "spark-class"
    settings = ("--properties-file", str(folder / "conf" / "spark-defaults.conf"))
    command = ["bash", str(run), name, *settings, *arguments]
    with log.open("wb") as out:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env={**os.environ, **_environment(folder)}
        )


def _await(log: Path, said: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _STARTED_SECONDS
    while time.monotonic() < until:
        if re.search(said, log.read_text(encoding="utf-8", errors="replace")):
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"a part of the Spark cluster did not start; its log is {log}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
