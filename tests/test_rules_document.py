"""docs/rules.md is true: every id is in it, what it names exists and names the id, and so do all refusals."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from hereabouts.rules.policy import Requires
from tests.integration.test_rules_and_paths import TABLE, WAYS

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "hereabouts"
TEXT = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")

#: What orders and laws asked for, and what oversight bodies did.
IDS = (
    "SL-LIST", "SL-BLOCK", "SL-TEST", "SL-PURGE", "NO-HOME", "NO-SEARCH", "SUP-ASSESS", "RTB-BAN", "CONSENT",
    "WITHDRAW", "DELETE", "DROP-SYNC", "RETAIN", "RECIP", "CLAIMS",
)  # fmt: skip
CONTROLS = (
    "one person, one account", "impact assessment gate", "two persons", "responsible officer", "stop order",
    "log review", "transparency report",
)  # fmt: skip


def table(heading: str) -> dict[str, list[str]]:
    """Rows of the table below a heading, by their first column."""
    section = TEXT.split(f"\n## {heading}")[1].split("\n### ")[0]
    rows = [line for line in section.split("\n## ")[0].splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert all(len(row) == len(cells[0]) for row in cells)
    assert len({row[0] for row in cells}) == len(cells), "one row each"
    return {row[0]: row[1:] for row in cells[2:]}


def paths(cell: str, folder: Path) -> list[Path]:
    return [folder / name for name in re.findall(r"`([^`]+\.(?:py|md))`", cell)]


IDS_TABLE = table("Ids")


def test_every_id_and_control_has_a_row() -> None:
    assert tuple(IDS_TABLE) == IDS
    assert tuple(table("Controls that oversight asked for")) == CONTROLS


@pytest.mark.parametrize("row", IDS)
def test_what_a_row_names_exists_and_names_the_id(row: str) -> None:
    _, kept, tested, shown, state = IDS_TABLE[row]
    modules, tests = paths(kept, SOURCE), paths(tested, ROOT / "tests")
    for path in modules + tests:
        assert path.is_file(), f"{row}: there is no {path.relative_to(ROOT)}"
        text = path.read_text(encoding="utf-8")
        assert re.search(rf"(?<![\w-]){row}(?![\w-])", text), f"{path.relative_to(ROOT)} does not name {row}"
    if state.startswith("with issue"):
        assert (modules, tests, shown) == ([], [], "")
    else:
        assert tests, "what is enforced is tested"
        assert shown, "and leaves something to show it"
        assert modules or "nothing to keep" in kept
    assert re.match(r"enforced|recorded|with issue \d", state), "a state says how far it is kept"


@pytest.mark.parametrize("heading", ["Controls that oversight asked for", "Rules of the design"])
def test_paths_of_the_other_tables_exist(heading: str) -> None:
    for name, row in table(heading).items():
        for path in paths(row[1], SOURCE) + paths(row[2], ROOT / "tests"):
            assert path.is_file(), f"{name}: there is no {path.relative_to(ROOT)}"


def test_paths_in_the_text_exist() -> None:
    for name in re.findall(r"`((?:src|tests|docs)/[\w/]+\.\w+)`", TEXT):
        assert (ROOT / name).is_file(), name


def rules_refused_by() -> set[str]:
    """The name of every rule that the code refuses by."""
    found = set()
    for module in SOURCE.rglob("*.py"):
        if module.parent.name == "cli":  # says again what an act has found
            continue
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "RefusedError":
                rule = node.args[0]
                assert isinstance(rule, ast.Constant), f"{module.name}: say by which rule, in so many words"
                found.add(str(rule.value))
    return found


REFUSALS = table("By what a command can refuse (exit code 3)")
#: Why no command of the table of rules and paths is refused by it: where it is tested instead.
ELSEWHERE = {
    "`versions`": "store/test_claim.py",  # needs object storage
    "`ledger`": "ledger/test_shared.py",  # needs a second ledger
    "`charge`": "ledger/test_charges.py",  # no command leads to it, unless two processes or a bug do
}


def test_every_rule_that_a_command_can_refuse_by_is_listed() -> None:
    assert {name.strip("`") for name in REFUSALS} == rules_refused_by()


@pytest.mark.parametrize("rule", REFUSALS)
def test_every_rule_is_tried_on_every_path_that_is_listed(rule: str) -> None:
    """The table of rules and paths, once more, in the words of the page."""
    tried = {WAYS[path].act for name, path, *_ in TABLE if f"`{name}`" == rule}
    assert ", ".join(sorted(tried)) == REFUSALS[rule][1]
    assert bool(tried) != (rule in ELSEWHERE)
    if rule in ELSEWHERE:
        assert rule.strip("`") in (ROOT / "tests" / ELSEWHERE[rule]).read_text(encoding="utf-8")


def test_every_key_of_a_policy_that_asks_for_something_is_explained() -> None:
    section = TEXT.split("### What a regulated policy asks for")[1].split("\n###")[0]
    assert re.findall(r"^\| `(\w+)`", section, re.MULTILINE) == list(Requires.model_fields)


def test_what_is_asked_is_said_to_be_a_paraphrase() -> None:
    assert "paraphrase" in TEXT.split("## Ids")[0]
