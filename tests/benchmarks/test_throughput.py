"""What a benchmark says of its figures, and when it refuses to begin."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
GIB = 2**30


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(ROOT)
    return lambda name: importlib.import_module(f"benchmarks.{name}")


@pytest.mark.parametrize(
    ("name", "ratio", "peak", "said"),
    [
        ("intake + seal", 1.99, 2 * GIB, "kept"),
        ("intake + seal", 2.01, 2 * GIB, "MISSED"),
        ("intake + seal", 1.0, 3 * GIB + 1, "MISSED"),
        ("release", 0.5, GIB, "kept"),
        ("release", 0.51, GIB, "MISSED"),
    ],
)
def test_aims_at_a_hundred_million_pings(name: str, ratio: float, peak: int, said: str, load: Any) -> None:
    assert load("throughput").judged(name, 99_868_026, ratio, peak).endswith(said)


def test_no_aim_is_judged_on_few_pings_or_for_other_steps(load: Any) -> None:
    assert load("throughput").judged("release", 10_000_000, 9.0, GIB).endswith("at 100 M")
    assert load("throughput").judged("plain", 100_000_000, 1.0, GIB) == ""


def test_days_are_compared_by_seconds_a_row(load: Any) -> None:
    daily = load("daily")
    parts = {"intake + seal": 40.0, "release": 8.0}
    small = daily.Days(100, parts, dict.fromkeys(parts, GIB), {"sensitive": 0.2}, 2500)
    large = daily.Days(1000, {"intake + seal": 490.0, "release": 9.0}, dict.fromkeys(parts, GIB), {}, 25_000)
    text = daily.table([small, large])
    assert (
        "| 1,000 | intake + seal | 490.0 | 490000.000 | 1.23 | 1.00 | ≤ 1.2 × seconds a row, ≤ 4 GiB: MISSED |" in text
    )
    assert "Of 100 pings the gates dropped 20.0%: sensitive 20.00%." in text


@pytest.mark.parametrize("off", ["sensitive", "withdrawn", "opted_out", "consent_refused"])
def test_a_run_with_a_gate_off_is_no_measurement(off: str, load: Any) -> None:
    commands = load("commands")
    dropped = dict.fromkeys(["accuracy", "consent_refused", "opted_out", "sensitive", "withdrawn"], 1)
    assert sum(commands.gated([{"rows": 50, "dropped": dropped, "again": False}]).values()) == pytest.approx(0.1)
    del dropped[off]
    with pytest.raises(load("measured").CommandFailedError, match="a gate was off"):
        commands.gated([{"rows": 50, "dropped": dropped, "again": False}])


def test_too_small_a_disk_is_refused(load: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        load("words").require_space(10**12, load("daily").BYTES_A_PING, tmp_path)
    assert end.value.code == 6
    assert "pings need 45000.0: name another folder with --work" in capsys.readouterr().err


def test_a_billion_pings_need_forty_five_gigabytes(load: Any) -> None:
    daily = load("daily")
    assert daily.FROM_ROWS * daily.BYTES_A_PING == 45 * 10**9
