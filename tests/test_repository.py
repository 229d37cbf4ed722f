"""What a stranger expects: no trace of a machine, locks in step, a Makefile that explains itself."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
LOCKS = {"requirements.lock": True, "requirements-runtime.lock": False}  # name: with the checks' tools

# Put together here, so that this file does not hold what it looks for.
HOSTS = [
    ".".join(parts)
    for parts in [
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
    ]
]
FOLDERS = ["/".join(("", name, "")) for name in ("work", "opt")]
# A folder counts from the root only: "home/work/errands" and "../work/x" are no machine's paths.
TRACES = re.compile("|".join([*map(re.escape, HOSTS), *(rf"(?<![\w.*)}}\]]){folder}" for folder in FOLDERS)]))

#: Targets of the contract; `docs` joins them with the issue that builds the documentation site.
PROMISED_TARGETS = {"demo", "test", "lint", "bench", "prove"}


def tracked_files() -> list[Path]:
    """Files that git has, or would add."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git clone")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def project() -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


def wanted(*, with_checks: bool) -> list[Requirement]:
    table = project()
    extra = table["optional-dependencies"]["dev"] if with_checks else []
    return [Requirement(line) for line in [*table["dependencies"], *extra]]


def locked(lock: str) -> dict[str, Version]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    pins = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", text, flags=re.MULTILINE)
    return {canonicalize_name(name): Version(version) for name, version in pins}


def asked_for(lock: str) -> set[str]:
    """The packages that a lock says the project itself asked for."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.findall(r"^(\S+)==\S+ (?:; .*)?\\((?:\n[ ]+.*)+)", text, flags=re.MULTILINE)
    return {canonicalize_name(name) for name, rest in entries if "hereabouts (pyproject.toml)" in rest}


def test_no_file_names_a_registry_or_a_machines_folder() -> None:
    found = []
    for path in tracked_files():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in TRACES.finditer(text)]
    assert found == []


@pytest.mark.parametrize("trace", [*HOSTS, *(folder + "x" for folder in FOLDERS)])
def test_the_check_itself_finds_a_trace(trace: str) -> None:
    assert TRACES.search(f"--find-links {trace}")
    assert TRACES.search(f"file://{trace}")


@pytest.mark.parametrize("innocent", ["home/work/errands", "../work/x", "workflows/", "src/opt/x"])
def test_the_check_itself_lets_words_pass(innocent: str) -> None:
    assert not TRACES.search(innocent)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    pin = r"^\S+==\S+(?:[ ];[ ].*)?(?:[ ]\\\n[ ]+--hash=sha256:[0-9a-f]{64})+$"
    entries = re.findall(pin, text, flags=re.MULTILINE)
    assert len(entries) == len(locked(lock)) > 0
    options = [line for line in text.splitlines() if line.startswith("-")]
    assert options == [], "a lock holds pins alone"


@pytest.mark.parametrize(("lock", "with_checks"), LOCKS.items())
def test_locks_are_in_step_with_pyproject(lock: str, with_checks: bool) -> None:
    pins = locked(lock)
    requirements = wanted(with_checks=with_checks)
    names = {canonicalize_name(requirement.name) for requirement in requirements}
    assert asked_for(lock) == names, f"{lock} was made for other dependencies: run `make lock`"
    for requirement in requirements:
        pin = pins[canonicalize_name(requirement.name)]
        assert pin in requirement.specifier, f"{lock} pins {requirement.name} {pin}: run `make lock`"


def test_the_demo_runs_on_what_the_tests_test() -> None:
    everything, runtime = locked("requirements.lock"), locked("requirements-runtime.lock")
    assert {name: everything.get(name) for name in runtime} == runtime


def test_make_help_names_what_the_contract_promises() -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not installed")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    for arguments in (["help"], []):
        said = subprocess.run(
            [make, "--no-print-directory", *arguments],
            cwd=ROOT,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        explained = set(re.findall(r"^  make ([a-z]+) +\S", said, flags=re.MULTILINE))
        assert explained >= PROMISED_TARGETS


def test_every_phony_target_is_explained() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = {name for line in re.findall(r"^\.PHONY:(.*)$", text, flags=re.MULTILINE) for name in line.split()}
    explained = set(re.findall(r"^([a-z-]+):.*## \S", text, flags=re.MULTILINE))
    assert phony == explained


def test_the_version_has_one_source() -> None:
    assert "version" in project()["dynamic"]
    source = (ROOT / "src" / "hereabouts" / "__init__.py").read_text(encoding="utf-8")
    assert len(re.findall(r'^__version__ = "\d+\.\d+\.\d+"$', source, flags=re.MULTILINE)) == 1


def test_ci_script_can_be_run() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n")
