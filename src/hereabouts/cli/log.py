"""``hereabouts log``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hereabouts.cli.output import PATH, example, json_option, print_json, store_option
from hereabouts.errors import VerificationError

if TYPE_CHECKING:
    from hereabouts.acts.log_entries import Shown

_VERIFY = "hereabouts log verify --store store"
_DAY = click.DateTime(["%Y-%m-%d"])

_store = click.option("--store", type=PATH, metavar="STORE", help="The store whose log it is.")
_log = click.option("--log", type=PATH, metavar="DIR", help="The folder of a log, in place of a store.")
_key = click.option(
    "--log-key",
    metavar="VKEY",
    help="Verifier key of the log ('hereabouts log key' says it); of a store, by default its own.",
)
_witnesses = click.option(
    "--witness",
    "witnesses",
    multiple=True,
    metavar="VKEY",
    help="Verifier key of a witness; may be given several times.",
)


@click.group("log", epilog=example(_VERIFY))
def command() -> None:
    """Check, read and report the transparency log."""


@command.command("verify", epilog=example(_VERIFY))
@_store
@_log
@_key
@_witnesses
@json_option
def verify(
    store: Path | None, log: Path | None, log_key: str | None, witnesses: tuple[str, ...], as_json: bool
) -> None:
    """Make the log anew from its entries, and compare it with every tile and the signed checkpoint.

    With --store its state, confidential documents and ledger are compared too. With --witness the last checkpoint has
    to be signed by each of them.
    """
    from hereabouts.acts.log_verify import verify_log

    checks = verify_log(store, log, log_key, witnesses)
    failed = [check for check in checks if not check.passed]
    pinned = store is not None or log_key is not None
    if as_json:
        print_json(
            {"sound": not failed, "ledger_compared": store is not None, "signer_pinned": pinned, "checks": checks}
        )
    else:
        for check in checks:
            click.echo(f"{'ok    ' if check.passed else 'FAILED'} {check.name}: {check.found}")
        if not pinned:
            click.echo("the signer is not pinned: anybody could have made this log; give --log-key to say whose it is")
        if store is None:
            click.echo("state and ledger were not compared: their owner can do so, with --store")
    if failed:
        raise VerificationError(f"the log is not sound: {', '.join(check.name for check in failed)}")


@command.command("show", epilog=example("hereabouts log show --store store --from 2 --act release"))
@_store
@_log
@click.option("--from", "first", type=click.IntRange(0), default=0, metavar="N", help="Number of the first entry.")
@click.option("--act", "wanted", metavar="ACT", help="Entries of this act alone, such as release.")
@json_option
def show(store: Path | None, log: Path | None, first: int, wanted: str | None, as_json: bool) -> None:
    """Print the entries of a log, in order. They are not verified: 'hereabouts log verify' does that."""
    from hereabouts.acts.log_entries import show_log

    found = show_log(store, log, first, wanted)
    if as_json:
        print_json(found)
        return
    for entry in found:
        click.echo(_line(entry))


@command.command("key", epilog=example("hereabouts log key --store store"))
@store_option
@json_option
def key(store: Path, as_json: bool) -> None:
    """Print the verifier key of a store's log. Publish it where others can pin it."""
    from hereabouts.acts.log_entries import log_key

    found = log_key(store)
    if as_json:
        print_json({"key": found})
    else:
        click.echo(found)


@command.command("prove", epilog=example("hereabouts log prove 1 --store store"))
@click.argument("number", type=click.IntRange(0), metavar="N")
@_store
@_log
@_key
@json_option
def prove(number: int, store: Path | None, log: Path | None, log_key: str | None, as_json: bool) -> None:
    """Print a proof that entry N is in the log (C2SP tlog-proof), which can be kept and checked offline."""
    from hereabouts.acts.log_entries import prove_logged

    found = prove_logged(number, store, log, log_key)
    if as_json:
        print_json({"proof": found})
    else:
        click.echo(found, nl=False)


@command.command("cosign", epilog=example("hereabouts log cosign checkpoint.signed --witness VKEY --store store"))
@click.argument("note", type=PATH)
@store_option
@click.option("--witness", "witnesses", multiple=True, required=True, metavar="VKEY", help="Verifier key of a witness.")
@json_option
def cosign(note: Path, store: Path, witnesses: tuple[str, ...], as_json: bool) -> None:
    """Add the lines with which witnesses have signed the log's last checkpoint."""
    from hereabouts.acts.log_entries import cosign_log

    found = cosign_log(note, store, witnesses)
    if as_json:
        print_json({"witnesses": found})
    else:
        click.echo(f"signed by {', '.join(found)}")


@command.command("report", epilog=example("hereabouts log report --store store --out transparency --since 2026-01-01"))
@_store
@_log
@_key
@click.option("--out", required=True, type=PATH, metavar="DIR", help="Folder for the report.")
@click.option("--since", type=_DAY, help="First day of the report, UTC (by default the log's first).")
@click.option("--until", type=_DAY, help="Last day of the report, UTC (by default the log's last).")
@json_option
def report(
    store: Path | None,
    log: Path | None,
    log_key: str | None,
    out: Path,
    since: datetime | None,
    until: datetime | None,
    as_json: bool,
) -> None:
    """Write the transparency report: transparency.html and transparency.json, from the log's folder alone."""
    from hereabouts.acts.log_report import report_log

    made = report_log(out, store, log, log_key, since and since.date(), until and until.date())
    if as_json:
        print_json(made)
    else:
        click.echo(f"{made.page} and {made.document}: {made.entries} entries, {made.since} to {made.until}")


def _line(entry: Shown) -> str:
    facts = " ".join(f"{name}={_plain(value)}" for name, value in entry.facts.items() if value is not None)
    outcome = f"refused by {entry.rule}" if entry.outcome == "refused" else entry.outcome
    return f"{entry.number} {entry.at} {entry.actor} ({entry.role}) {entry.act} {outcome} {facts}".rstrip()


def _plain(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
