"""The colours of the maps.

Both ramps were computed in OKLCH (Ottosson 2020): lightness falls in equal steps, so that equal steps of a
class look equal, and the order holds in grey and for colour-blind readers (a test simulates the three kinds).
Dark means much.
"""

from __future__ import annotations

VALUE_RAMP = ("#d7f5d7", "#96debe", "#50c2b5", "#1ea1ad", "#007ea0", "#005b91", "#1b367d", "#221556")
"""Few to many: L 0.94 to 0.26, hue 145 to 285 degrees."""

SURENESS_RAMP = ("#4a237a", "#a24c80", "#e68677", "#fcd59a")
"""Sure to unsure: L 0.36 to 0.90, hue 300 to 75 degrees by way of red."""

SURENESS_LIMITS = (0.1, 0.25, 0.5)
"""Half-width of the 95 % interval over the value: up to 10 %, up to 25 %, up to 50 %, more."""
