"""Arrays reach the kernels in one shape, or not at all."""

from __future__ import annotations

import ast
import importlib
import inspect

import numpy as np
import pytest

from hereabouts.movement.kernel import read_only, same_length


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


@pytest.mark.parametrize("name", ["lattice", "presence", "sorting", "stays"])
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
