"""Where the crowd is, never where a person was: private statistics from phone-location pings.

The Python API is :mod:`hereabouts.acts`: one function a command, under the same words::

    from hereabouts import acts

    acts.init(Path("store"))
    acts.intake([Path("feed")], Path("store"), supplier="acme")
    acts.seal(Path("store"))
    acts.release(Path("plan.toml"), Path("store"), Path("release"))
"""

from __future__ import annotations

__version__ = "0.1.0"
