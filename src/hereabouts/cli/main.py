"""The command line: one small module a command, which parses and prints. The work is in ``acts``."""

from __future__ import annotations

import importlib
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

import click

from hereabouts import __version__
from hereabouts.errors import HereaboutsError

_COMMANDS = (
    "synth",
    "init",
    "supplier",
    "profile",
    "places",
    "intake",
    "seal",
    "preview",
    "release",
    "audit",
    "attack",
    "claims",
    "verify",
    "budget",
    "log",
    "withdraw",
    "retain",
    "officer",
    "person",
    "assess",
    "recipient",
    "sign",
    "stop",
    "review",
    "demo",
)
_EPILOG = (
    "Example: hereabouts demo --out demo\n\n"
    "Exit codes: 0 done, 1 our fault, 2 wrong usage, 3 refused by a rule, 4 bad input, 5 verification failed, "
    "6 the machine."
)


class _Commands(click.Group):
    """Commands that are imported when they are called, so that help does not wait for Arrow and numba."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click calls it so
        """Names in the order of the work."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, from the module of that name."""
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"hereabouts.cli.{cmd_name}").command
        return command


@click.group(cls=_Commands, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="hereabouts")
def cli() -> None:
    """Say where the crowd is, never where a person was: private statistics from phone-location pings."""


def main(args: list[str] | None = None) -> Any:
    """Run a command and end the process with the exit code of the contract."""
    try:
        cli.main(args, standalone_mode=False)
    except SystemExit:
        # Click ends so when the reader of our output went away: there is nobody left to tell, and nothing is wrong.
        sys.exit(0)
    except click.exceptions.Abort:
        _say("stopped")
        sys.exit(130)
    except click.ClickException as error:
        if isinstance(error, click.UsageError) and error.ctx is None:
            error.ctx = click.Context(cli, info_name="hereabouts")  # else it would not say how to get help
        error.show()
        sys.exit(error.exit_code)
    except HereaboutsError as error:
        _say(str(error))
        sys.exit(error.exit_code)
    except OSError as error:
        _say(f"the machine refuses: {error}")
        sys.exit(6)
    except MemoryError:
        _say("the machine has too little memory for this")
        sys.exit(6)
    except Exception:  # noqa: BLE001 - a bug of ours: keep the traceback, spare the user
        with tempfile.NamedTemporaryFile("w", prefix="hereabouts-", suffix=".log", delete=False) as log:
            traceback.print_exc(file=log)
        _say(
            f"this is a bug of ours; the traceback is in {Path(log.name)}: please report it, once you have seen that "
            "no value of yours is in it"
        )
        sys.exit(1)


def _say(message: str) -> None:
    click.echo(f"hereabouts: {message}", err=True)
