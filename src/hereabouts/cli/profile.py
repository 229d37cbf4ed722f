"""``hereabouts profile``."""

from __future__ import annotations

from pathlib import Path

import click

from hereabouts.cli.output import PATH, example, json_option, print_json

_PROPOSE = "hereabouts profile propose sample.csv"
_CHECK = "hereabouts profile check sample.csv --profile acme.toml"
_LIST = "hereabouts profile list"
_SHOW = "hereabouts profile show veraset"


@click.group("profile", epilog=example(_PROPOSE))
def command() -> None:
    """Say what a feed's columns mean."""


@command.command("propose", epilog=example(_PROPOSE))
@click.argument("sample", type=PATH)
@json_option
def propose(sample: Path, as_json: bool) -> None:
    """Look at a feed's first rows and print a profile, for you to confirm.

    It names columns, types and shares, and no value of any row. Intake itself never guesses.
    """
    from hereabouts.acts.profiles import propose_profile

    proposal = propose_profile(sample)
    if as_json:
        print_json(proposal)
        return
    click.echo(proposal.toml, nl=False)
    left = f"{len(proposal.open)} to decide, {len(proposal.unsure)} unsure"
    click.echo(f"{left}: read every line, give it a name, save it as a .toml file, then run profile check", err=True)


@command.command("check", epilog=example(_CHECK))
@click.argument("sample", type=PATH)
@click.option("--profile", required=True, help="Name of a shipped profile, or path of a TOML file.")
@json_option
def check(sample: Path, profile: str, as_json: bool) -> None:
    """See whether a profile fits a feed, from its columns and first rows."""
    from hereabouts.acts.profiles import check_profile

    checked = check_profile(sample, profile)
    if as_json:
        print_json(checked)
        return
    dropped = ", ".join(f"{share:.1%} {reason}" for reason, share in sorted(checked.dropped.items())) or "none"
    click.echo(f"profile {checked.profile} fits: {checked.accepted:.1%} of the first rows taken; dropped: {dropped}")
    if not checked.has_consent:
        click.echo("no consent column: the supplier needs a consent record that covers all its devices")
    for warning in checked.warnings:
        click.echo(f"warning: {warning}")


@command.command("list", epilog=example(_LIST))
@json_option
def list_(as_json: bool) -> None:
    """List the shipped profiles."""
    from hereabouts.acts.profiles import list_profiles

    profiles = list_profiles()
    if as_json:
        print_json([{"name": profile.name, "description": profile.description} for profile in profiles])
        return
    width = max(len(profile.name) for profile in profiles)
    for profile in profiles:
        click.echo(f"{profile.name:{width}}  {profile.description}")


@command.command("show", epilog=example(_SHOW))
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """Print a shipped profile, to be copied and changed."""
    from hereabouts.acts.profiles import show_profile

    toml = show_profile(name)
    if as_json:
        print_json({"name": name, "toml": toml})
    else:
        click.echo(toml, nl=False)
