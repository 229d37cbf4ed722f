"""The rules of the house that can be read off the source.

Noise is drawn in ``hereabouts.privacy`` and nowhere else: by one module that reads the operating system's random
source, and by one that calls OpenDP. Every other source of chance needs a place in `MAY_USE`, with a reason; adding
one is a decision, not a convenience.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "hereabouts"
MODULES = sorted(SOURCE.rglob("*.py"))

MOST_LINES = 400
NAMES_THAT_SAY_NOTHING = {"common", "helper", "helpers", "misc", "util", "utils"}

#: What may be used where: in a package, or in one module of it. What is not named may use none of them.
MAY_USE: dict[str, frozenset[str]] = {
    "opendp": frozenset({"privacy.mechanism"}),  # the noise: once, paid for, never replayed
    # made-up towns are reproducible from a seed; audits and attacks draw samples to measure on, never noise that leaves
    "numpy.random": frozenset({"risk", "synthetic"}),
    "random": frozenset(),
    "secrets": frozenset({"log", "store"}),  # keys and nonces of the store, commitments of the log
    "os.urandom": frozenset({"log", "store", "privacy.inversion"}),  # the same, and the bits that noise is made of
    "os.getrandom": frozenset(),
    "uuid.uuid1": frozenset(),  # holds the machine's address and the time
    # its samples and hashes are not ours: others are handed what carries their work, and nothing of Spark
    "pyspark": frozenset({"engines.spark"}),
    "py4j": frozenset({"engines.spark"}),
    "scipy.stats": frozenset(),  # its samplers are no mechanism
}


def used_names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Each dotted name that a module imports or reaches through an import, with its line.

    ``import numpy as np; np.random.normal()`` yields ``numpy`` and ``numpy.random.normal``; a string given to
    ``import_module`` or ``__import__`` counts as an import.
    """
    known_as: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
                known_as[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno
                known_as[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            parts = [node.attr]
            inner = node.value
            while isinstance(inner, ast.Attribute):
                parts.append(inner.attr)
                inner = inner.value
            if isinstance(inner, ast.Name) and inner.id in known_as:
                yield ".".join([known_as[inner.id], *reversed(parts)]), node.lineno
        elif isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            if called in {"import_module", "__import__"} and isinstance(first, ast.Constant):
                yield str(first.value), node.lineno


def broken_rules(source: str, module: str) -> list[str]:
    """What a module ("privacy.measure") uses and may not, as "line 3: opendp"."""
    found = set()
    for name, line in used_names(ast.parse(source)):
        for rule, places in MAY_USE.items():
            if is_in(name, rule) and not any(is_in(module, place) for place in places):
                found.add((line, rule))
    return [f"line {line}: {rule}" for line, rule in sorted(found)]


def is_in(name: str, whole: str) -> bool:
    """Whether a dotted name is another one, or below it."""
    return name == whole or name.startswith(f"{whole}.")


def dotted(module: Path) -> str:
    return ".".join(module.relative_to(SOURCE).with_suffix("").parts)


def name_of(module: Path) -> str:
    return str(module.relative_to(SOURCE))


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_chance_comes_from_where_it_may(module: Path) -> None:
    assert broken_rules(module.read_text(encoding="utf-8"), dotted(module)) == []


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("import opendp.prelude as dp", "opendp"),
        ("from opendp.measurements import make_gaussian", "opendp"),
        ("import importlib\nimportlib.import_module('opendp')", "opendp"),
        ("__import__('secrets')", "secrets"),
        ("import random", "random"),
        ("from random import SystemRandom", "random"),
        ("import numpy as np\nnp.random.default_rng(1)", "numpy.random"),
        ("import numpy\ndef f():\n    return numpy.random.normal()", "numpy.random"),
        ("from numpy import random as r", "numpy.random"),
        ("from numpy.random import default_rng", "numpy.random"),
        ("import os\nos.urandom(16)", "os.urandom"),
        ("from os import urandom", "os.urandom"),
    ],
)
def test_the_check_itself_catches_what_it_forbids(source: str, rule: str) -> None:
    assert any(found.endswith(f": {rule}") for found in broken_rules(source, "estimate"))


def test_the_check_itself_lets_pass_what_is_allowed() -> None:
    assert broken_rules("import opendp.prelude as dp", "privacy.mechanism") == []
    assert broken_rules("import os\nos.urandom(16)", "privacy.inversion") == []
    assert broken_rules("import numpy as np\nrng = np.random.default_rng(7)", "synthetic") == []
    assert broken_rules("import os\nimport secrets\nos.urandom(16)", "store.keys") == []
    assert broken_rules("import numpy as np\nrandom = 3\nprint(random, np.sum)", "estimate") == []


@pytest.mark.parametrize("module", ["privacy", "privacy.measure", "privacy.mechanism", "privacy.inversion"])
def test_privacy_has_one_source_of_bits_and_one_other_sampler(module: str) -> None:
    """No generator with a state, and not two modules that read the system's: what is a draw's is seen in one place."""
    for source in ("import numpy as np\nnp.random.normal()", "import secrets", "import os\nos.getrandom(8)"):
        assert broken_rules(source, module) != []
    assert (broken_rules("import os\nos.urandom(8)", module) == []) == (module == "privacy.inversion")
    assert (broken_rules("import opendp", module) == []) == (module == "privacy.mechanism")


def test_what_is_imported_is_installed_with_the_package() -> None:
    """By itself or by an extra of its own: what only the checks bring must not be needed."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = table["optional-dependencies"]
    lines = [*table["dependencies"], *(line for extra in extras.keys() - {"dev"} for line in extras[extra])]
    declared = {re.split(r"[^A-Za-z0-9_-]", line)[0].replace("-", "_") for line in lines}
    if "pyyaml" in declared:
        declared.add("yaml")  # the one whose module has another name
    known = declared | sys.stdlib_module_names | {"hereabouts"}
    found = [
        f"{name_of(module)}, line {line}: {name}"
        for module in MODULES
        for name, line in used_names(ast.parse(module.read_text(encoding="utf-8")))
        if name.partition(".")[0] not in known
    ]
    assert found == [], "declare it under `dependencies` in pyproject.toml, then run `make lock`"


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_module_holds_one_idea(module: Path) -> None:
    source = module.read_text(encoding="utf-8")
    lines = source.count("\n")
    assert lines <= MOST_LINES, f"{lines} lines, at most {MOST_LINES}: cut it where its second idea begins"
    assert module.stem not in NAMES_THAT_SAY_NOTHING, "name it for what it is about"
    if source.strip():
        assert ast.get_docstring(ast.parse(source)), "open it with a docstring that says what it is for"


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_nothing_is_validated_by_assert(module: Path) -> None:
    """``python -O`` drops assertions: what must hold raises an error of its own."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    assert [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)] == []
