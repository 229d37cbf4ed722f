"""How accuracy grows with the number of devices and with ε, on made-up towns.

    python -m benchmarks.accuracy.scaling --devices 100000 1000000 --out docs/accuracy.svg

Each level has all of the budget to itself. Prints a table, and draws cover20 and wmae over ε, a line for each level and
town.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.accuracy import table
from benchmarks.accuracy.data import seal, town
from benchmarks.accuracy.ours import EVERYTHING, Plan, measure
from benchmarks.accuracy.plot import Line, Panel, draw
from benchmarks.accuracy.truth import Question, Truth

DEVICES = (100_000, 1_000_000)
EPSILONS = (0.25, 0.5, 1.0, 2.0, 4.0)
PLANS = [Plan("presence", (7,), ("PT1H",)), Plan("presence", (6,), ("PT1H",)), Plan("flows", (6,), ("P7D",))]
FIGURES = {"cover20": "share within 20 % of the truth", "wmae": "sum of errors over the truth"}


@dataclass(frozen=True)
class Point:
    """What one level gave."""

    devices: int
    epsilon: float
    question: Question
    cover20: float
    wmae: float


def main() -> None:
    """Measure, print the table and draw the plot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, nargs="+", default=list(DEVICES))
    parser.add_argument("--epsilons", type=float, nargs="+", default=list(EPSILONS))
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--out", type=Path, help="of the plot (SVG)")
    parser.add_argument("--work", type=Path, help="keep feeds and stores in this folder, and take those that are there")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hereabouts-scaling-") as name:
        points = study(args.devices, args.epsilons, args.runs, args.work or Path(name))
    print(told(points))
    if args.out is not None:
        args.out.write_text(draw(panels(points)), encoding="utf-8")


def study(devices: list[int], epsilons: list[float], runs: int, work: Path) -> list[Point]:
    """Every town at every ε."""
    found = []
    for size in sorted(devices):
        data = town(size, work)
        store = seal(data, work / data.name.replace(" ", "-"))
        truth = Truth(data, store)
        for epsilon in sorted(epsilons):
            for plan in PLANS:
                for level in measure(plan, truth, store, runs, epsilon):
                    if level.publish == EVERYTHING:
                        one = level.mean
                        found.append(Point(size, epsilon, level.question, one.cover20, one.wmae))
    return found


def told(points: list[Point]) -> str:
    """The table."""
    head = ["devices", "ε", "row", "cover20", "wmae"]
    rows = [
        [f"{one.devices:,}", f"{one.epsilon:g}", str(one.question), f"{one.cover20:.3f}", f"{one.wmae:.3f}"]
        for one in points
    ]
    return table.markdown(head, rows)


def panels(points: list[Point]) -> list[Panel]:
    """Both figures over ε, a line for each level and size."""
    sizes = sorted({one.devices for one in points})
    questions = list(dict.fromkeys(one.question for one in points))
    found = []
    for name, title in FIGURES.items():
        lines = [
            Line(
                f"{question}, {size:,} devices",
                [
                    (one.epsilon, float(getattr(one, name)))
                    for one in points
                    if one.question == question and one.devices == size
                ],
                colour=questions.index(question),
                gap=len(sizes) - 1 - sizes.index(size),
            )
            for question in questions
            for size in sizes
        ]
        found.append(Panel(f"{name}: {title}", "ε", lines))
    return found


if __name__ == "__main__":
    main()
