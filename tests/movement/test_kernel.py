"""Arrays reach the kernels in one shape, or not at all."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from hereabouts.movement import sorting
from hereabouts.movement.kernel import inlined, kernel, read_only, same_length, vector_kernel


def test_an_array_of_the_right_type_is_not_copied() -> None:
    given = np.arange(3, dtype=np.int64)
    view = read_only(given, np.int64)
    assert np.shares_memory(view, given)
    assert not view.flags.writeable
    assert given.flags.writeable


def test_a_column_of_a_table_becomes_contiguous() -> None:
    column = np.arange(6.0).reshape(3, 2)[:, 1]
    assert read_only(column, np.float64).flags.c_contiguous


def test_floats_are_not_taken_for_integers() -> None:
    with pytest.raises(TypeError, match="int64"):
        read_only(np.array([1.5]), np.int64)


def test_columns_of_different_length_are_named() -> None:
    with pytest.raises(ValueError, match=r"'time': 2.*'cell': 3"):
        same_length(time=np.zeros(2), cell=np.zeros(3))


def test_numba_is_loaded_by_the_first_kernel_that_is_called() -> None:
    """A command that calls none starts half a second sooner."""
    script = """
import sys
from hereabouts.movement.sorting import sort_pings
assert "numba" not in sys.modules
sort_pings([[1, 2]], [3], [4.0], [5.0])
assert "numba" in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def kernels_of(source: str) -> dict[str, Any]:
    """What a module of this source holds, of which no file is known."""
    names: dict[str, Any] = {"kernel": kernel, "vector_kernel": vector_kernel, "inlined": inlined}
    exec(source, names)  # noqa: S102 - of this file
    return names


CALLING_EACH_OTHER = """
@kernel
def first(x):
    return second(x) + half(x)

@vector_kernel
def second(x):
    return 1.0 / x

@inlined
def half(x):
    return x / 2
"""


def test_kernels_of_a_module_call_each_other_whichever_is_called_first() -> None:
    """Also where there is no folder to keep machine code in: then it is compiled each time."""
    names = kernels_of(CALLING_EACH_OTHER)
    assert names["second"](4.0) == 0.25
    assert names["first"](4.0) == 2.25
    assert kernels_of(CALLING_EACH_OTHER)["first"](4.0) == 2.25


def test_a_name_imported_before_the_first_call_goes_on_working() -> None:
    names = kernels_of(CALLING_EACH_OTHER)
    early = names["first"]
    names["second"](1.0)
    assert early is not names["first"]
    assert early(4.0) == names["first"](4.0) == 2.25


def test_a_kernel_that_was_imported_is_built_with_those_that_it_calls() -> None:
    of_another = kernels_of(CALLING_EACH_OTHER)["first"]
    names: dict[str, Any] = {"kernel": kernel, "imported": of_another}
    exec("@kernel\ndef outer(x):\n    return imported(x) + 1", names)  # noqa: S102 - of this file
    assert names["outer"](4.0) == 3.25


def test_many_threads_may_be_first_at_once() -> None:
    names = kernels_of(CALLING_EACH_OTHER)
    early = names["first"]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(early, [4.0] * 8)) == [2.25] * 8


def test_division_by_zero_raises_but_in_a_vector_kernel() -> None:
    names = kernels_of(CALLING_EACH_OTHER.replace("second(x) + half(x)", "1.0 / x"))
    with pytest.raises(ZeroDivisionError):
        names["first"](0.0)
    assert names["second"](0.0) == np.inf


def test_a_kernel_says_what_it_is() -> None:
    assert sorting._is_ordered.__doc__ == "Whether pings stand in the order (time, latitude, longitude) already."


@pytest.mark.parametrize("name", ["lattice", "numbering", "presence", "sorting", "stays"])
def test_a_kernel_needs_nothing_of_another_file(name: str) -> None:
    # numba renews compiled code when the kernel's own file changes; what it took from others would go stale
    # unseen.
    module = importlib.import_module(f"hereabouts.movement.{name}")
    kernels = [value for value in vars(module).values() if hasattr(value, "py_func")]
    imported = {
        alias.asname or alias.name
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("hereabouts")
        for alias in node.names
    }
    assert kernels
    for function in kernels:
        assert function.__module__ == module.__name__
        assert not imported & set(function.py_func.__code__.co_names)
