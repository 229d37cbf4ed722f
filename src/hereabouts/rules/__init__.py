"""What may be done, and why not.

Each rule is a function that returns nothing (or what it looked up) where it is satisfied, and raises
:class:`~hereabouts.errors.RefusedError` where it is not: the error names the rule and says what would satisfy
it. Rules are given plain values and look at no data.
"""

from __future__ import annotations
