"""What tests of consent share: strings written plainly, and the official encoders' strings."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def plain() -> Any:
    """The module ``plain.py``: consent strings written, and read, in the plainest way."""
    spec = importlib.util.spec_from_file_location("plain", HERE / "plain.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["plain"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
