"""What the rules give out, others decide on: none of it can be changed on the way."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil

import pytest

from hereabouts import rules

MODULES = [module.name for module in pkgutil.iter_modules(rules.__path__)]


@pytest.mark.parametrize("module", MODULES)
def test_what_a_rule_gives_out_cannot_be_changed(module: str) -> None:
    for kind in vars(importlib.import_module(f"hereabouts.rules.{module}")).values():
        if isinstance(kind, type) and dataclasses.is_dataclass(kind):
            assert kind.__dataclass_params__.frozen, kind  # type: ignore[attr-defined]
