"""A store under a regulated policy with everybody and everything that it asks for; tests take away one thing each."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hereabouts.log.entries import Entry
from tests.conftest import Site, hereabouts
from tests.rules.conftest import write_keys

LAST = "2099-12-31"
PEOPLE = ("ines", "noor", "omar", "pia")
"""The officer, who runs plans, who approves them, and somebody who is not registered yet."""


@dataclass(frozen=True)
class House(Site):
    """The store, and what is handed to it."""

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def document(self) -> Path:
        return self.evidence

    @property
    def feed(self) -> Path:
        return self.folder / "feed.csv"

    @property
    def wanted(self) -> Path:
        """The plan that was signed."""
        return self.folder / "plan.toml"

    def private(self, name: str) -> Path:
        return self.folder / f"{name}-private.pem"

    def public(self, name: str) -> Path:
        return self.folder / f"{name}-public.pem"

    def vouched(self) -> tuple[object, ...]:
        """The officer's key, for what is the officer's to decide."""
        return "--officer-key", self.private("ines")

    def ask(self, sign: bool = True, recipients: tuple[str, ...] = ("city",), **changes: Any) -> None:
        """Write another plan, and have it signed."""
        path = self.plan(**changes)
        named = f"recipients = {json.dumps(list(recipients))}\n"
        path.write_text(named + path.read_text(encoding="utf-8"), encoding="utf-8")
        if sign:
            self.ok("sign", path, "--key", self.private("omar"))

    def policy(self, old: str, new: str) -> None:
        """Change the policy, as an operator would."""
        path = self.store / "policy.toml"
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), encoding="utf-8")

    def entries(self) -> list[Entry]:
        """The log."""
        return [Entry.from_bytes(row) for (row,) in self.sql("SELECT entry FROM log_entries ORDER BY place")]


@contextmanager
def account(name: str) -> Iterator[None]:
    """Act by an account, as the environment says it."""
    before = os.environ.get("HEREABOUTS_ACTOR")
    os.environ["HEREABOUTS_ACTOR"] = name
    try:
        yield
    finally:
        os.environ.pop("HEREABOUTS_ACTOR")
        if before is not None:
            os.environ["HEREABOUTS_ACTOR"] = before


def furnished(folder: Path) -> House:
    """Make it: a sealed window, and a plan of it that may be released."""
    house = House(folder)
    folder.mkdir(exist_ok=True)
    for name in PEOPLE:
        write_keys(folder, name)
    house.document.write_text("Signed by everybody.\n", encoding="utf-8")
    hours = range(24)
    rows = [f"{d},2024-03-05T{h:02}:00:00Z,52.{30 + d % 9},-1.{d % 5},true" for d in range(20) for h in hours]
    house.csv(rows)
    with account("noor"):
        assert hereabouts("init", house.store, "--policy", "regulated").code == 0
        house.ok("officer appoint", "ines", "--key", house.public("ines"))
        for name in ("noor", "omar"):
            house.ok("person add", name, "--key", house.public(name), *house.vouched())
        house.admit("acme")
        house.ok("intake", house.feed, "--supplier", "acme")
        house.ok("seal")
        house.ok("assess", "transport-planning", house.document, "--expires", LAST, *house.vouched())
        house.ok("recipient add", "city", "--terms", house.document, "--expires", LAST, *house.vouched())
        house.ask()
    return house
