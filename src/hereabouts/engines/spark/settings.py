"""How a Spark application of ours is set up, and on which clusters none is begun.

Keys of windows travel to executors, with the work that needs them: within messages, which Spark holds in memory and
writes nowhere. So messages must be encrypted. Spark refuses to do that where nobody is authenticated
(``spark.authenticate``), and then the cluster is refused. What Spark puts on disks (broadcasts,
results that are large) is encrypted too; there are no pings among it, and no keys.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from hereabouts.errors import MachineError, UsageError

# What Java does here is to pass messages on: compiling it well would cost more than it runs.
_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
SETTINGS = {
    "spark.app.name": "hereabouts",
    "spark.io.encryption.enabled": "true",  # and what is handed over to the JVM goes through a socket, not a file
    "spark.python.unix.domain.socket.enabled": "true",  # a file that others cannot open; and half the time of a task
    "spark.driver.defaultJavaOptions": _JAVA,
    "spark.executor.defaultJavaOptions": _JAVA,
    "spark.log.level": "ERROR",
    "spark.ui.showConsoleProgress": "false",
}
SETTINGS_OF_A_CLUSTER = {
    "spark.network.crypto.enabled": "true",
    "spark.network.crypto.saslFallback": "false",
}
_EXPECTED = "local[2], spark://HOST:PORT, yarn or k8s://URL"


def settings_for(master: str) -> dict[str, str]:
    """The settings for a cluster, beside those that the operator made; these cannot be taken back.

    Raises
    ------
    UsageError
        When the URL is none of a cluster.
    """
    if is_this_machine(master):
        # Said, as the settings of an earlier application in this process stay in its JVM.
        return SETTINGS | {"spark.network.crypto.enabled": "false"}
    if not master.startswith(("spark://", "k8s://", "yarn")):
        raise UsageError(f"got --master {master}: expected {_EXPECTED}")
    return SETTINGS | SETTINGS_OF_A_CLUSTER


def not_encrypted(master: str) -> UsageError:
    """What to say of a cluster that Spark does not begin to encrypt messages in: nobody has a secret there."""
    return UsageError(
        f"keys travel to the executors of {master}, and its messages would not be encrypted: set spark.authenticate "
        "true, and for spark:// a spark.authenticate.secret, in spark-defaults.conf on the cluster and here "
        "(SPARK_CONF_DIR)"
    )


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
