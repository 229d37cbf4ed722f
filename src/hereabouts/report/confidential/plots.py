"""Small plots in SVG: a bar with its interval, a curve in a cell of a heat table. Colours are classes of the style."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from hereabouts.report.palette import VALUE_RAMP
from hereabouts.risk.figures import Figure

_LIGHT = 3
"""Steps of the ramp, from few on, on which dark text is read."""


def style() -> str:
    """The rules for the steps of the ramp."""
    rules = [
        f".step{step} {{ background: {colour}; color: {'#16232f' if step < _LIGHT else '#ffffff'}; }}"
        for step, colour in enumerate(VALUE_RAMP)
    ]
    return "\n".join([*rules, ""])


def step(share: float | None) -> str:
    """Give the class of a share's colour; none where there is no share."""
    return "" if share is None else f"step{min(int(share * len(VALUE_RAMP)), len(VALUE_RAMP) - 1)}"


def curve(values: Sequence[float | None]) -> Markup:
    """Draw shares, one for each number of points, as a small line; it ends where there is no share."""
    told = [value for value in values if value is not None]
    if len(told) < 2:
        return Markup("")
    width = 100 / (len(values) - 1)
    line = " ".join(f"{place * width:.1f},{22 - 20 * value:.1f}" for place, value in enumerate(told))
    return Markup(
        '<svg class="curve" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">'
        '<polyline points="{}" vector-effect="non-scaling-stroke"/></svg>'
    ).format(line)


def bar(figure: Figure, kind: str = "attack") -> Markup:
    """Draw a share from 0 to 100 % as a bar, to its middle where it has ends alone; its interval as a thin line."""
    if figure.about is None or figure.low is None or figure.high is None:
        return Markup("")
    value, low, width = (f"{100 * share:.2f}%" for share in (figure.about, figure.low, figure.high - figure.low))
    return Markup(
        '<svg class="share" width="100%" height="16" aria-hidden="true"><rect class="all" width="100%" height="16"/>'
        '<rect class="{kind}" width="{value}" height="16"/>'
        '<rect class="interval" x="{low}" y="7" width="{width}" height="2"/></svg>'
    ).format(kind=kind, value=value, low=low, width=width)
