"""Our releases beside equally tuned peers, on the same data, unit, ε and δ.

``make bench-accuracy`` runs it on made-up towns, and on real pings where their files are named:

    make bench-accuracy ACCURACY_FLAGS="--tdrive tdrive.parquet --foursquare foursquare_nyc.parquet"

Everybody gets the same exact rows (`benchmarks.accuracy.truth`), one device as the unit over a window of seven days,
ε = 1 and δ = 1e-6, and is scored by the same yardstick. Peers are tuned on the truth (`benchmarks.accuracy.tuning`),
and what they give is kept outside the repository: see `benchmarks.accuracy.environments`. Prints Markdown.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks.accuracy import peers, table
from benchmarks.accuracy.data import Dataset, foursquare, seal, tdrive, town
from benchmarks.accuracy.environments import cache_folder
from benchmarks.accuracy.ours import Level, Plan, measure
from benchmarks.accuracy.truth import Question, Truth
from benchmarks.machine import describe
from benchmarks.words import say

RUNS, PEER_RUNS, TOWN = 5, 3, 100_000
ALL_PERIODS = ("PT1H", "P1D", "P7D")
PLANS = [
    Plan("presence", (7,), ALL_PERIODS),
    Plan("presence", (6,), ALL_PERIODS),
    Plan("presence", (6, 7), ALL_PERIODS),
    Plan("flows", (6,), ("P7D",)),
    Plan("flows", (5,), ("P7D",)),
]
MORE_PLANS = [Plan("presence", (4, 5, 6, 7), ALL_PERIODS), Plan("flows", (4, 5, 6, 7), ("P7D",))]
LATER_PLANS = [Plan("visitors", (7,), ("P1D", "P7D"))]  # with --visitors, once they are published; distributions follow
QUESTIONS = [
    Question("presence", 7, "PT1H"),
    Question("presence", 7, "P1D"),
    Question("presence", 6, "PT1H"),
    Question("flows", 6, "P7D"),
    Question("flows", 5, "P7D"),
]
LATER_QUESTIONS = [Question("visitors", 7, "P1D"), Question("visitors", 7, "P7D")]


def main() -> None:
    """Measure what the options ask for, and print the tables."""
    args = options()
    machine = describe()
    say(f"{machine['cores']} cores ({machine['processor']}), Python {machine['python']}, load {machine['load']}")
    with tempfile.TemporaryDirectory(prefix="hereabouts-accuracy-") as name:
        work = args.work or Path(name)
        for data in datasets(args, work):
            one(data, work, args)


def options() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tdrive", type=Path, help="pings of T-Drive (Parquet)")
    parser.add_argument("--foursquare", type=Path, help="check-ins of Foursquare NYC (Parquet)")
    parser.add_argument("--judge", type=Path, help="accuracy.py: has to agree with each first run")
    parser.add_argument("--devices", type=int, default=TOWN, help="of the made-up town; 0: none")
    parser.add_argument("--runs", type=int, default=RUNS, help="of ours, each on its own copy of the store")
    parser.add_argument("--peer-runs", type=int, default=PEER_RUNS, help="of each peer with its best setting")
    parser.add_argument("--fast", action="store_true", help="for development: one run each, no hourly row at 7")
    parser.add_argument("--more", action="store_true", help="also plans of many levels")
    parser.add_argument("--visitors", action="store_true", help="also visitors")
    parser.add_argument("--only", choices=("ours", "peers"), help="half of it")
    parser.add_argument("--work", type=Path, help="keep feeds and stores in this folder, and take those that are there")
    args = parser.parse_args()
    for path in (args.tdrive, args.foursquare, args.judge):
        if path is not None and not path.exists():
            parser.error(f"{path} is not there")
    if args.fast:
        args.runs = args.peer_runs = 1
    return args


def datasets(args: argparse.Namespace, work: Path) -> list[Dataset]:
    """What there is to measure."""
    found = [make(path) for make, path in ((tdrive, args.tdrive), (foursquare, args.foursquare)) if path is not None]
    return [*found, town(args.devices, work)] if args.devices else found


def one(data: Dataset, work: Path, args: argparse.Namespace) -> None:
    """All of one data set."""
    store = seal(data, work / data.name.replace(" ", "-"))
    truth = Truth(data, store)
    print(f"\n### {data.name}, {args.runs} runs of ours, {args.peer_runs} of each peer\n", flush=True)
    sealed = json.loads((store.parent / "sealed.json").read_text(encoding="utf-8"))
    say(json.dumps(sealed))
    plans, questions = wanted(args)
    found: list[Level] = []
    if args.only != "peers":
        for plan in plans:
            found += measure(plan, truth, store, args.runs, judge=args.judge)
    if args.only != "ours":
        told = {
            question: {peer.title: peers.outcome(peer, question, truth, args.peer_runs) for peer in peers.PEERS}
            | {table.PLAIN: peers.plain(question, truth)}
            for question in questions
        }
        print(table.beside(table.best_of(found), told), flush=True)
        say(f"what peers gave is kept in {cache_folder()}")
    if found:
        print(f"\n{table.levels(found)}\n\n{table.let_out(found)}", flush=True)


def wanted(args: argparse.Namespace) -> tuple[list[Plan], list[Question]]:
    """Plans of ours, and questions to peers."""
    plans, questions = list(PLANS), list(QUESTIONS)
    if args.fast:
        plans = [plan for plan in plans if plan.resolutions in {(6,), (5,)}]
        questions = [question for question in questions if question.resolution < 7]
    if args.more:
        plans += MORE_PLANS
    if args.visitors:
        plans, questions = [*plans, *LATER_PLANS], [*questions, *LATER_QUESTIONS]
    return plans, questions


if __name__ == "__main__":
    main()
