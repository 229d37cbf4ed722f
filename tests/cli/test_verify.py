"""``hereabouts verify``: each check on stdout, the verdict as exit code and on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Command, Copy, Site


def test_what_it_says(sealed_site: Site, copy: Copy, command: Command) -> None:
    site = copy(sealed_site)
    out = site.folder / "release"
    site.ok("release", site.plan(), "--out", out)
    done = command("verify", out)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("ok     files: 5 files as listed\n")
    assert "the signer is not pinned: give --log-key" in done.out
    assert "FAILED" not in done.out

    (out / "README.md").unlink()
    broken = command("verify", out)
    assert broken.code == 5
    assert broken.out.startswith("FAILED files: README.md is missing\n")
    assert broken.err == f"hereabouts: {out} is not sound: files\n"
    document = command("verify", out, "--json")
    assert document.code == 5
    assert (document.json["sound"], document.json["ledger_compared"]) == (False, False)
    assert document.json["checks"][0] == {"name": "files", "passed": False, "found": "README.md is missing"}
