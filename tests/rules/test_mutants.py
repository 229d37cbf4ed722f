"""Would the tests notice? Each rule is changed one small thing at a time (``tools/mutate.py``; `make prove`)."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "mutate.py"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mutate", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutate"] = module  # its dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ("x = a < b", ["`a < b` -> `a <= b`", "`a < b` -> `a >= b`"]),
        ("x = a and not b", ["`a and (not b)` -> `a or not b`", "`not b` -> `b`"]),
        ("x = y + 3", ["`y + 3` -> `y - 3`", "`3` -> `4`"]),
        ("def f():\n    'Doc.'\n    return x", ["`return x` -> `return None`"]),
        ("if a:\n    raise b", ["`if a:` -> `if not a:`", "`raise b` -> removed"]),
        ("x = [a for a in b if a]", ["` for a in b if a` -> ` for a in b`"]),
        ("x = RefusedError('rule', 'why it is so')", ["`'rule'` -> `'ruleX'`"]),
        ("f()\nx += 1", ["`f()` -> removed", "`x += 1` -> removed", "`1` -> `2`"]),
        ("x: Literal['a'] = 'b'", ["`'b'` -> `'bX'`"]),
        ("x: Annotated[int, Field(ge=0)]", ["`0` -> `1`"]),
        ("if TYPE_CHECKING:\n    x = 3", []),
    ],
)
def test_what_is_changed(tool: ModuleType, source: str, changes: list[str]) -> None:
    assert [mutant.change for mutant in tool.mutants("module", source)] == changes


def test_each_change_is_one_change(tool: ModuleType) -> None:
    """Of a module that is large: no two are the same text, and none is the module as it was."""
    source = (tool.RULES / "gate.py").read_text(encoding="utf-8")
    texts = [tool.ast.unparse(mutant.tree) for mutant in tool.mutants("gate", source)]
    assert len(set(texts)) == len(texts) > 40
    assert tool.ast.unparse(tool.ast.parse(source)) not in texts


@pytest.mark.prove
def test_every_change_of_a_rule_is_seen_by_a_test() -> None:
    done = subprocess.run([sys.executable, TOOL, "--jobs", "2"], capture_output=True, text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
