"""``hereabouts sign``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.rules.conftest import private, write_keys

if TYPE_CHECKING:
    from tests.conftest import Copy, Site


def test_what_it_says(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    mine, theirs = write_keys(site.folder, "noor")
    plan, made = site.plan(), site.folder / "made"
    site.run("sign", plan, "--key", mine).refuses(3, "'two-persons'", "hereabouts person add")
    site.ok("person add", "noor", "--key", theirs)
    said = site.run("sign", plan, "--statement").out
    assert said.startswith('{"act":"sign","facts":{"plan":"')
    assert site.ok("sign", plan, "--statement") == {"statement": said}
    made.write_bytes(private("noor").sign(said.encode()))
    assert site.ok("sign", plan, "--signature", made)["approver"] == "noor"
    assert site.run("sign", plan, "--key", mine).out.startswith("noor has signed the plan ")
    site.run("sign", plan).refuses(2, "expected one of a private key")
