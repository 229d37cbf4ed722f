"""Tables of the page: rows of words under headings; on a phone each row becomes a card with its headings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from hereabouts.report.transparency.asked import Tally


@dataclass(frozen=True)
class Cell:
    """A cell.

    Attributes
    ----------
    text
        What it says.
    sub
        What it adds in small letters.
    tone
        ``bad`` where the eye should stop; ``hash`` for what is compared and not read.
    """

    text: str
    sub: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Grid:
    """A table.

    Attributes
    ----------
    label
        What it is, for those who hear it.
    heads
        Headings; one that begins with ``#`` is of numbers.
    rows
        Cells; the first of a row names it.
    """

    label: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def columns(self) -> list[tuple[str, bool]]:
        """Headings, and whether they are of numbers."""
        return [(head.removeprefix("#"), head.startswith("#")) for head in self.heads]


def grid(label: str, heads: Sequence[str], rows: Iterable[Sequence[Cell | str]]) -> Grid:
    """Make a table of cells and plain texts."""
    cells = (tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in row) for row in rows)
    return Grid(label, tuple(heads), tuple(cells))


def answers_bar(tally: Tally, most: int) -> Markup:
    """Draw how requests were answered, as one bar in three colours, as long as there were requests."""
    parts, start = [], 0.0
    for kind in ("released", "again", "refused"):
        width = 100 * getattr(tally, kind) / most if most else 0.0
        if width:
            parts.append(
                Markup('<rect class="{}" x="{:.2f}%" y="3" width="{:.2f}%" height="18"/>').format(kind, start, width)
            )
        start += width
    return _svg("answers", parts)


def budget_bar(now: float, whole: float) -> Markup:
    """Draw what was spent of a window's budget: before the report's days, in them, and what is left."""
    earlier, now = min(max(whole - now, 0.0), 1.0), min(now, 1.0)
    rects = [Markup('<rect class="left" width="100%" y="3" height="18"/>')]
    for kind, start, width in (("earlier", 0.0, earlier), ("this", earlier, now)):
        if width:
            part = Markup('<rect class="{}" x="{:.2f}%" y="3" width="{:.2f}%" height="18"/>')
            rects.append(part.format(kind, 100 * start, 100 * width))
    return _svg("budget", rects)


def _svg(kind: str, parts: Sequence[Markup]) -> Markup:
    return Markup('<svg class="{}" width="100%" height="24" aria-hidden="true">{}</svg>').format(
        kind, Markup("").join(parts)
    )
