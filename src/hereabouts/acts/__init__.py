"""What can be done, one module an act: rules, then work, then ledger. This is the Python API.

Every act has the words of its command; the command line parses and prints, and calls these.
"""

from __future__ import annotations

from hereabouts.acts.budget import budget
from hereabouts.acts.demo import demo
from hereabouts.acts.init import init
from hereabouts.acts.intake import intake
from hereabouts.acts.release import release
from hereabouts.acts.seal import seal
from hereabouts.acts.suppliers import add_supplier
from hereabouts.acts.synth import synth
from hereabouts.acts.verify import verify

__all__ = ["add_supplier", "budget", "demo", "init", "intake", "release", "seal", "synth", "verify"]
