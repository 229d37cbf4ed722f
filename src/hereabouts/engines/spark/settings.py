"""How a Spark application of ours is set up, and on which clusters none is begun.

Keys of windows travel to executors, with the work that needs them: within messages, which Spark holds in memory and
writes nowhere. So messages must be encrypted, and nobody but the application may be asked for them: without
``spark.authenticate`` there is no encryption either, and the cluster is refused. What Spark puts on disks (broadcasts,
results that are large) is encrypted too; there are no pings among it, and no keys.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from hereabouts.errors import MachineError, UsageError

SETTINGS = {
    "spark.app.name": "hereabouts",
    "spark.io.encryption.enabled": "true",  # and what is handed over to the JVM goes through a socket, not a file
    "spark.log.level": "ERROR",
    "spark.ui.showConsoleProgress": "false",
}
SETTINGS_OF_A_CLUSTER = {
    "spark.network.crypto.enabled": "true",
    "spark.network.crypto.saslFallback": "false",
}
_EXPECTED = "local[2], spark://HOST:PORT, yarn or k8s://URL"


def settings_for(master: str, has: Callable[[str], str | None]) -> dict[str, str]:
    """The settings for a cluster, beside those that the operator made.

    Parameters
    ----------
    master
        URL of the cluster.
    has
        What the operator has set (``spark-defaults.conf``): ``None`` where it is not.

    Raises
    ------
    UsageError
        When messages in the cluster would not be encrypted, or the URL is none.
    """
    if is_this_machine(master):
        return SETTINGS
    if not master.startswith(("spark://", "k8s://", "yarn")):
        raise UsageError(f"got --master {master}: expected {_EXPECTED}")
    lacking = [] if (has("spark.authenticate") or "").lower() == "true" else ["spark.authenticate true"]
    if master.startswith("spark://") and not (
        has("spark.authenticate.secret") or has("spark.authenticate.secret.file")
    ):
        lacking.append("spark.authenticate.secret.file FILE")
    if lacking:
        raise UsageError(
            f"keys travel to the executors of {master}, and its messages would not be encrypted: set "
            f"{' and '.join(lacking)} in spark-defaults.conf, on the cluster and here (SPARK_CONF_DIR)"
        )
    return SETTINGS | SETTINGS_OF_A_CLUSTER


def is_this_machine(master: str) -> bool:
    """Whether executors are threads of the driver, so that no message leaves it."""
    return master == "local" or (master.startswith("local[") and master.endswith("]"))


def require_java() -> None:
    """See that there is a Java for Spark to run on.

    Raises
    ------
    MachineError
        When there is none.
    """
    named = os.environ.get("JAVA_HOME")
    if (Path(named) / "bin" / "java").exists() if named else shutil.which("java"):
        return
    where = f"JAVA_HOME is {named}, and there is no bin/java in it" if named else "it is not on the path"
    raise MachineError(
        f"Spark needs Java 17 or newer, and {where}; Debian, Ubuntu: apt-get install openjdk-17-jre-headless"
    )
