"""A few lines over a logarithmic axis, as an SVG that needs no library and is readable on light and dark pages."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, TOP, PLOT_WIDTH, PLOT_HEIGHT = 860, 340, 52, 40, 340, 200
BESIDE = 430  # from one panel to the next
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")  # told apart by colour-blind readers
STYLE = "text{font:12px sans-serif;fill:#777}line.grid{stroke:#7773}polyline{fill:none;stroke-width:2}"


@dataclass(frozen=True)
class Line:
    """Points (x above 0, y) in order of x; lines of one colour are told apart by dashes."""

    name: str
    points: list[tuple[float, float]]
    colour: int
    gap: int = 0  # 0 is a whole line, 1 dashes, 2 and more dots


@dataclass(frozen=True)
class Panel:
    """One plot: its title, what its horizontal axis is, its lines."""

    title: str
    axis: str
    lines: list[Line]


def draw(panels: list[Panel]) -> str:
    """The picture: panels side by side, and below them what the lines are."""
    names = panels[0].lines
    height = HEIGHT - 40 + 18 * math.ceil(len(names) / 2)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape('; '.join(panel.title for panel in panels))}</title><style>{STYLE}</style>",
    ]
    for number, panel in enumerate(panels):
        parts.append(f'<g transform="translate({LEFT + BESIDE * number} {TOP})">{_panel(panel)}</g>')
    for number, line in enumerate(names):
        x, y = LEFT + BESIDE * (number % 2), HEIGHT - 40 + 18 * (number // 2)
        parts.append(
            f'<line x1="{x}" y1="{y - 4}" x2="{x + 28}" y2="{y - 4}" {_stroke(line)}/>'
            f'<text x="{x + 34}" y="{y}">{escape(line.name)}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel) -> str:
    xs = sorted({x for line in panel.lines for x, _ in line.points})
    most = max((y for line in panel.lines for _, y in line.points), default=1.0)
    top = max(1.0, math.ceil(most * 5) / 5)
    low, high = math.log(xs[0]), math.log(xs[-1])

    def across(x: float) -> float:
        return round(PLOT_WIDTH * (math.log(x) - low) / ((high - low) or 1.0), 1)

    def down(y: float) -> float:
        return round(PLOT_HEIGHT * (1 - y / top), 1)

    parts = [f'<text x="0" y="-14">{escape(panel.title)}</text>']
    for step in range(6):
        value = top * step / 5
        parts.append(f'<line class="grid" x1="0" x2="{PLOT_WIDTH}" y1="{down(value)}" y2="{down(value)}"/>')
        parts.append(f'<text x="-8" y="{down(value) + 4}" text-anchor="end">{value:.2g}</text>')
    parts += [f'<text x="{across(x)}" y="{PLOT_HEIGHT + 18}" text-anchor="middle">{x:g}</text>' for x in xs]
    parts.append(f'<text x="{PLOT_WIDTH / 2}" y="{PLOT_HEIGHT + 36}" text-anchor="middle">{escape(panel.axis)}</text>')
    for line in panel.lines:
        path = " ".join(f"{across(x)},{down(y)}" for x, y in line.points)
        parts.append(f'<polyline points="{path}" {_stroke(line)}/>')
    return "".join(parts)


def _stroke(line: Line) -> str:
    dashes = f' stroke-dasharray="{5 if line.gap < 2 else 1} {1 + 3 * min(line.gap, 2)}"' if line.gap else ""
    return f'stroke="{COLOURS[line.colour % len(COLOURS)]}" stroke-width="2"{dashes}'
