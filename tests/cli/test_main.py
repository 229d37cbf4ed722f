"""The command line as a whole: exit codes, one sentence for people, results on stdout alone."""

from __future__ import annotations

import importlib
import io
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest

from hereabouts import __version__
from hereabouts.cli import main as module
from hereabouts.cli.main import cli
from hereabouts.errors import BadInputError, MachineError, RefusedError, UsageError, VerificationError

if TYPE_CHECKING:
    from tests.conftest import Command, Done, Site

COMMANDS = [
    "synth",
    "init",
    "supplier",
    "supplier add",
    "supplier list",
    "profile",
    "profile propose",
    "profile check",
    "profile list",
    "profile show",
    "places",
    "places build",
    "places add",
    "places list",
    "places test",
    "intake",
    "seal",
    "preview",
    "release",
    "audit",
    "attack",
    "claims",
    "verify",
    "budget",
    "withdraw",
    "retain",
    "demo",
]
PROGRAM = [sys.executable, "-c", "from hereabouts.cli.main import main; main()"]


def failing(error: BaseException, monkeypatch: pytest.MonkeyPatch, command: Command) -> Done:
    """Run a command whose act raises."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(importlib.import_module("hereabouts.acts.budget"), "budget", fail)
    return command("budget", "--store", "store")


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (UsageError("no such zone"), 2, "no such zone"),
        (RefusedError("embargo", "too early"), 3, "refused by rule 'embargo': too early"),
        (BadInputError("a.csv", "is empty"), 4, "a.csv: is empty"),
        (BadInputError("a.csv", "cannot be read", rows=3), 4, "a.csv: 3 rows: cannot be read"),
        (VerificationError("not sound"), 5, "not sound"),
        (MachineError("disk full"), 6, "disk full"),
        (OSError(28, "No space left on device", "x"), 6, "the machine refuses: [Errno 28] No space left"),
        (PermissionError(13, "Permission denied", "x"), 6, "Permission denied"),
        (MemoryError(), 6, "too little memory"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_each_kind_of_error_has_its_exit_code(
    error: Exception, code: int, words: str, monkeypatch: pytest.MonkeyPatch, command: Command
) -> None:
    failing(error, monkeypatch, command).refuses(code, words)


def test_a_bug_is_ours_and_its_traceback_goes_to_a_file(
    monkeypatch: pytest.MonkeyPatch, command: Command, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    done = failing(ZeroDivisionError("of ours"), monkeypatch, command)
    done.refuses(1, "this is a bug of ours", str(tmp_path), "report it")
    assert "Traceback" not in done.err
    (log,) = tmp_path.iterdir()
    assert log.stat().st_mode & 0o077 == 0
    assert "ZeroDivisionError: of ours" in log.read_text()


def test_ctrl_c_is_no_bug(monkeypatch: pytest.MonkeyPatch, command: Command) -> None:
    done = failing(KeyboardInterrupt(), monkeypatch, command)
    assert done.code == 130
    assert done.err.strip() == "hereabouts: stopped"


@pytest.mark.parametrize(
    "args",
    [
        ["bake"],
        ["budget"],
        ["budget", "--store"],
        ["budget", "--stroe", "x"],
        ["intake", "--store", "x"],
        ["seal", "x"],
    ],
    ids=" ".join,
)
def test_wrong_usage_says_how_to_get_help(args: list[str], command: Command) -> None:
    done = command(*args)
    assert (done.code, done.out) == (2, "")
    assert "Error: " in done.err
    assert "--help" in done.err
    assert "Traceback" not in done.err


def test_without_a_command_it_says_what_there_is(command: Command) -> None:
    done = command()
    assert done.code == 2
    assert "budget" in done.out + done.err


def test_version(command: Command) -> None:
    done = command("--version")
    assert (done.code, done.err) == (0, "")
    assert __version__ in done.out


def test_commands_stand_in_the_order_of_the_work(command: Command) -> None:
    said = command("--help").out
    listed = [line.split()[0] for line in said.partition("Commands:")[2].splitlines() if line.startswith("  ")]
    assert [name for name in listed if name in COMMANDS] == [name for name in COMMANDS if " " not in name]
    assert "3 refused by a rule" in said


def test_a_command_that_publishes_nothing_loads_nothing_for_it() -> None:
    heavy = ("scipy", "numba", "rich", "sqlalchemy.dialects.postgresql", "hereabouts.release", "hereabouts.report")
    script = f"""
import sys
import hereabouts.acts.budget, hereabouts.cli.budget
print([name for name in {heavy!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_has_an_example_and_comes_at_once(name: str) -> None:
    """In under a second, so nothing heavy is imported for it; the best of some tries, as machines are busy."""
    took = []
    for _ in range(4):
        begun = time.perf_counter()
        done = subprocess.run([*PROGRAM, *name.split(), "--help"], capture_output=True, text=True, check=True)
        took.append(time.perf_counter() - begun)
        if took[-1] < 1:
            break
    assert min(took) < 1
    assert done.stderr == ""
    assert f"Example: hereabouts {name}" in " ".join(done.stdout.split())


def walk(command: click.Command, path: str = "") -> list[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        return [(path.strip(), command)]
    context = click.Context(command)
    found = []
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner is not None
        found += walk(inner, f"{path} {name}")
    return found


@pytest.mark.parametrize(("name", "command"), walk(cli), ids=lambda value: value if isinstance(value, str) else "")
def test_every_command_speaks_json_and_explains_its_options(name: str, command: click.Command) -> None:
    assert command.help
    options = {option: parameter for parameter in command.params for option in parameter.opts}
    assert "--json" in options
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not isinstance(parameter.type, click.Choice):
            assert parameter.help, f"{name} {parameter.name}"


@pytest.mark.parametrize(("name", "command"), walk(cli), ids=lambda value: value if isinstance(value, str) else "")
def test_every_example_can_be_run_as_it_stands(name: str, command: click.Command) -> None:
    """Its options exist and its values parse."""
    assert command.epilog is not None
    words = command.epilog.removeprefix("Example: hereabouts ").split()
    assert " ".join(words).startswith(name)
    args = words[len(name.split()) :]
    command.make_context(name, list(args))


def test_a_reader_that_goes_away_is_no_fault(sealed_site: Site) -> None:
    """As in ``hereabouts budget --store store | head -1``."""
    for args in (["budget", "--store", str(sealed_site.store)], ["--help"]):
        with subprocess.Popen([*PROGRAM, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            said = process.stderr.read()
        assert (process.returncode, said) == (0, b"")


def test_a_full_place_for_results_is_the_machines(sealed_site: Site) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*PROGRAM, "budget", "--store", sealed_site.store],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 6
    assert done.stderr.startswith("hereabouts: the machine refuses: [Errno 28]")
    assert "Traceback" not in done.stderr


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_shown_on_a_terminal_and_nowhere_else(
    taken_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = taken_site.copy(tmp_path / "site")
    out, err = io.StringIO(), _Terminal()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setenv("TERM", "xterm")
    module.main(["seal", "--store", str(site.store)])
    assert "seal 2024-03-04/2024-03-11" in err.getvalue()
    assert "seal" not in out.getvalue()
    assert out.getvalue().count("\n") == 2


def test_main_takes_the_processs_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(cli, "main", lambda args, **options: seen.append((args, options)))
    module.main()
    assert seen == [(None, {"standalone_mode": False})]
