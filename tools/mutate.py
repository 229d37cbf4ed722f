"""Change the rules one small thing at a time, and see that a test notices each change.

    python tools/mutate.py [MODULE ...] [--jobs 2] [--without-table] [--list]

For each module of ``hereabouts.rules`` every comparison, connective, number, word, branch, return and statement is
changed in turn, in memory; then the tests run until one fails: the module's own first, then all of ``tests/rules``,
then the table of rules and paths. A change that no test sees is printed; it fails the run unless `SEEN_BY_NOBODY` says
why it may be so. What messages say is left alone, but for the name of the rule: the tests hold them to the words that
matter. The interpreter is set up once and forked for each change, or each would take seconds to begin.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib
import importlib.abc
import importlib.machinery
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
RULES = ROOT / "src" / "hereabouts" / "rules"
TESTS = ROOT / "tests" / "rules"
TABLE = ROOT / "tests" / "integration" / "test_rules_and_paths.py"
MOST_SURVIVORS = 0.05
SECONDS = 900
"""For the tests of one change: what goes on longer has gone wrong, and is noticed by that."""

SEEN_BY_NOBODY: dict[str, str] = {
    "release: `large |= piece` -> removed": "saves looking at the same piece twice: the answer is the same",
    "release: `len(found) < SMALLEST_PIECE` -> `len(found) <= SMALLEST_PIECE`": "looks one cell further than is needed",
    "purposes: `'purposes.toml'` -> `'purposes.tomlX'`": "what a fault of the shipped file is called; it has none",
    "versions: `return known.version` -> `return None`": "the second look, alone: only where two register at once",
}
"""Changes that no test sees, as they are printed but for the line: each with the reason why it may be so."""

# Whatever takes long to load and has nothing of the rules in it.
_HEAVY = (
    "alembic.command", "alembic.config", "alembic.script", "click", "cryptography.hazmat.primitives.serialization",
    "h3.api.numpy_int", "hypothesis", "numpy", "pyarrow.parquet", "pydantic", "pytest", "sqlalchemy.dialects.sqlite",
    "sqlalchemy.orm", "hereabouts.cli.main", "hereabouts.log.folder", "hereabouts.objects",
    "hereabouts.privacy.accounting", "hereabouts.state.approvals", "hereabouts.state.database",
)  # fmt: skip
_ERRORS = {"RefusedError", "UsageError", "BadInputError", "MachineError", "ValueError", "VerificationError"}
_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}


@dataclass(frozen=True)
class Mutant:
    """A module with one thing changed."""

    module: str
    line: int
    change: str
    tree: ast.Module

    def __str__(self) -> str:
        """Where it is, and what was changed."""
        return f"{self.module}.py:{self.line}: {self.change}"

    @property
    def name(self) -> str:
        """The same without the line, which moves."""
        return f"{self.module}: {self.change}"


def mutants(module: str, source: str) -> Iterator[Mutant]:
    """Every change of a module, in the order of its lines.

    Parameters
    ----------
    module
        Its name.
    source
        Its text.
    """
    tree = ast.parse(source)
    left_alone = _left_alone(tree)
    for place, node in enumerate(ast.walk(tree)):
        if id(node) in left_alone:
            continue
        for number in range(len(_changes(node))):
            other = copy.deepcopy(tree)
            found = next(n for p, n in enumerate(ast.walk(other)) if p == place)
            before = ast.unparse(found).splitlines()[0]
            after = _changes(found)[number]
            _put(other, found, after)
            ast.fix_missing_locations(other)
            said = "removed" if isinstance(after, ast.Pass) else f"`{ast.unparse(after).splitlines()[0]}`"
            yield Mutant(module, getattr(node, "lineno", 0), f"`{before}` -> {said}", other)


def _changes(node: ast.AST) -> list[ast.AST]:
    """What may stand in a node's place."""
    match node:
        case ast.Compare():
            return [
                _with(node, ops=[*node.ops[:place], other(), *node.ops[place + 1 :]])
                for place, operator in enumerate(node.ops)
                for other in _COMPARED.get(type(operator), ())
            ]
        case ast.BoolOp():
            return [_with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())]
        case ast.UnaryOp(op=ast.Not()):
            return [node.operand]
        case ast.BinOp() if type(node.op) in _COMPUTED:
            return [_with(node, op=_COMPUTED[type(node.op)]())]
        case ast.Constant():
            return [ast.Constant(value) for value in _others(node.value)]
        case ast.comprehension():
            return [_with(node, ifs=[c for c in node.ifs if c is not each]) for each in node.ifs]
    return _changes_of_branches(node)


def _changes_of_branches(node: ast.AST) -> list[ast.AST]:
    match node:
        case ast.If() | ast.IfExp() if not isinstance(node.test, ast.Compare | ast.BoolOp | ast.UnaryOp):
            return [_with(node, test=ast.UnaryOp(ast.Not(), node.test))]  # those three are changed themselves
        case ast.Return(value=value) if value is not None and ast.unparse(value) != "None":
            return [ast.Return(ast.Constant(None))]
        case ast.Raise() | ast.AugAssign():
            return [ast.Pass()]
        case ast.Expr() if not isinstance(node.value, ast.Constant):
            return [ast.Pass()]
    return []


def _others(value: object) -> list[str | int | float]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float):
        return [value + 1]
    if isinstance(value, str):
        return [f"{value}X"]
    return []


def _with(node: ast.AST, **changes: object) -> ast.AST:
    other = copy.copy(node)
    for name, value in changes.items():
        setattr(other, name, value)
    return other


def _put(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    """Put one node in the place of another."""
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list):
                for place, each in enumerate(value):
                    if each is old:
                        value[place] = new


def _left_alone(tree: ast.Module) -> set[int]:
    """Nodes that say nothing a test could see: docstrings, messages, types."""
    found: set[int] = set()

    def leave(node: ast.AST | None) -> None:
        if node is not None:
            found.update(id(inner) for inner in ast.walk(node))

    for node in ast.walk(tree):
        if _is_for_people(node):
            leave(node)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in _ERRORS:
            # The rule by which is refused matters; what is said of it is for people.
            first = 1 if getattr(node.func, "id", "") == "RefusedError" else 0
            for said in node.args[first:]:
                leave(said)
        elif isinstance(node, ast.FunctionDef):
            for argument in (*node.args.args, *node.args.kwonlyargs):
                leave(argument.annotation)
            leave(node.returns)
        elif isinstance(node, ast.AnnAssign):
            called = {id(inner) for n in ast.walk(node.annotation) if isinstance(n, ast.Call) for inner in ast.walk(n)}
            found.update(id(inner) for inner in ast.walk(node.annotation) if id(inner) not in called)
        elif _is_a_type(node):
            leave(node)
    return found


def _is_a_type(node: ast.AST) -> bool:
    """Whether it is there for mypy alone: Literal["..."], imports for types."""
    literal = isinstance(node, ast.Subscript) and getattr(node.value, "id", "") == "Literal"
    return literal or (isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING")


def _is_for_people(node: ast.AST) -> bool:
    """A docstring, a text with something filled in, a text of several words."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    words = isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
    return words or isinstance(node, ast.JoinedStr)


class _Changed(importlib.abc.Loader, importlib.abc.MetaPathFinder):
    """Gives the changed module to whoever imports it."""

    def __init__(self, mutant: Mutant) -> None:
        self._name, self._tree = f"hereabouts.rules.{mutant.module}", mutant.tree
        self._path = RULES / f"{mutant.module}.py"

    def find_spec(self, name: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        """The changed module's, and nobody else's."""
        if name != self._name:
            return None
        return importlib.machinery.ModuleSpec(name, self, origin=str(self._path))

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed text in place of the file's."""
        module.__file__ = str(self._path)
        exec(compile(self._tree, str(self._path), "exec"), module.__dict__)  # noqa: S102


def _tests(module: str, table: bool) -> Iterator[list[str]]:
    """The tests that are to see a change, those first that should."""
    own = sorted(TESTS.glob(f"test_{module}*.py"))
    yield [str(path) for path in own]
    yield [str(path) for path in sorted(TESTS.glob("test_*.py")) if path not in (*own, TESTS / "test_mutants.py")]
    yield [str(TABLE)] if table else []


def _survives(mutant: Mutant, table: bool) -> bool:
    """Run the tests on it, in a process of its own."""
    import pytest  # noqa: PLC0415 - loaded before the fork

    sys.path.insert(0, str(ROOT))
    sys.meta_path.insert(0, _Changed(mutant))
    signal.alarm(SECONDS)
    # What was loaded before the fork is not rewritten by pytest, which says so.
    options = ["-x", "-q", "-n", "0", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    return all(pytest.main([*options, *paths]) == 0 for paths in _tests(mutant.module, table) if paths)


def _start(mutant: Mutant, table: bool) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        code = 0 if _survives(mutant, table) else 1
    finally:
        os._exit(code)


def run(wanted: Sequence[Mutant], jobs: int, table: bool) -> list[Mutant]:
    """Those of the mutants that no test sees.

    Parameters
    ----------
    wanted
        What to try.
    jobs
        How many at a time.
    table
        Run the table of rules and paths on what all other tests let pass.
    """
    for name in _HEAVY:
        importlib.import_module(name)
    loaded = sorted(name for name in sys.modules if name.startswith("hereabouts.rules"))
    if loaded:
        raise RuntimeError(f"{loaded[0]} was loaded before it could be changed")
    unchanged = Mutant("gate", 0, "nothing", ast.parse((RULES / "gate.py").read_text(encoding="utf-8")))
    if os.waitstatus_to_exitcode(os.waitpid(_start(unchanged, table), 0)[1]) != 0:
        raise RuntimeError("the tests fail with nothing changed: mend that first")
    survivors: list[Mutant] = []
    running: dict[int, Mutant] = {}
    begun = time.monotonic()
    pending = list(reversed(wanted))
    while pending or running:
        while pending and len(running) < jobs:
            mutant = pending.pop()
            running[_start(mutant, table)] = mutant
        child, status = os.wait()
        mutant = running.pop(child)
        if os.waitstatus_to_exitcode(status) == 0:
            survivors.append(mutant)
            print(f"survives: {mutant}", flush=True)
        done = len(wanted) - len(pending) - len(running)
        if done % 100 == 0:
            print(f"{done} of {len(wanted)}, {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return survivors


def main(arguments: Sequence[str] | None = None) -> int:
    """Try all changes; 0 if each is seen by a test, or may be seen by nobody."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", maxsplit=1)[0])
    parser.add_argument("modules", nargs="*", help="modules of hereabouts.rules (default: all)")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--without-table", action="store_true", help="run tests/rules alone: quicker, and stricter")
    parser.add_argument("--list", action="store_true", help="print the changes, and try none")
    options = parser.parse_args(arguments)
    names = options.modules or sorted(path.stem for path in RULES.glob("*.py") if path.stem != "__init__")
    wanted = [m for name in names for m in mutants(name, (RULES / f"{name}.py").read_text(encoding="utf-8"))]
    if options.list:
        print("\n".join(map(str, wanted)))
        return 0
    begun = time.monotonic()
    survivors = run(wanted, options.jobs, not options.without_table)
    unknown = [mutant for mutant in survivors if mutant.name not in SEEN_BY_NOBODY]
    tried = {mutant.name for mutant in wanted}
    seen = {name for name in SEEN_BY_NOBODY.keys() & tried if name not in {mutant.name for mutant in survivors}}
    print(f"{len(wanted)} changes in {time.monotonic() - begun:.0f} s: {len(survivors)} seen by no test, of which")
    print(f"{len(unknown)} without a reason; {len(seen)} are listed that a test does see")
    for name in sorted(seen):
        print(f"is seen: {name}")
    return int(bool(unknown or seen or len(survivors) > MOST_SURVIVORS * len(wanted)))


if __name__ == "__main__":
    sys.exit(main())
