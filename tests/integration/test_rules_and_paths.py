"""Every rule on every path: whoever lacks one thing is refused, by command and by API, is told what, and is logged.

Of the ids of docs/rules.md these are here: SUP-ASSESS, RTB-BAN, SL-BLOCK, RECIP, RETAIN; the other refusals are named
for their rule. The store is one under a regulated policy that has all that is asked for (``house.py``); each row of
`TABLE` takes away one thing.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from hereabouts import acts
from hereabouts.errors import RefusedError
from hereabouts.rules.gate import SHUT_BY
from tests.integration.house import LAST, House, account, furnished

if TYPE_CHECKING:
    from tests.conftest import Command, Done

END = dt.date(2099, 12, 31)
NEXT = "2024-03-11/2024-03-18"
AREA = """
[[protected_areas]]
name = "all of it"
bbox = [-10.0, 45.0, 10.0, 60.0]
finest_resolution = 0
finest_period = "window"
"""
AGAINST = "[beds]\ndpv = 'dpv:EnforceSecurity'\ndescription = 'Plan beds.'\n"


@dataclass(frozen=True)
class Way:
    """A path to an act: the words of its command, and its call."""

    act: str
    words: Callable[[House], list[object]]
    call: Callable[[House], object]
    names_store: bool = False
    """Whether its words name the store, where `--store` is another one or none."""


WAYS = {
    "release": Way(
        "release", lambda h: ["release", h.wanted, "--out", h.out], lambda h: acts.release(h.wanted, h.store, h.out)
    ),
    "intake": Way(
        "intake", lambda h: ["intake", h.feed, "--supplier", "acme"], lambda h: acts.intake([h.feed], h.store, "acme")
    ),
    "supplier": Way(
        "supplier",
        lambda h: ["supplier add", "new", "--consent-evidence", h.document, "--expires", LAST],
        lambda h: acts.add_supplier("new", h.store, h.document, END),
    ),
    "bidstream": Way(
        "supplier",
        lambda h: ["supplier add", "n", "--consent-evidence", h.document, "--expires", LAST, "--source", "bidstream"],
        lambda h: acts.add_supplier("n", h.store, h.document, END, source="bidstream"),
    ),
    "officer": Way(
        "officer",
        lambda h: ["officer appoint", "omar", "--key", h.public("omar"), *by(h)],
        lambda h: acts.appoint_officer("omar", h.store, h.public("omar"), by(h)[1]),
    ),
    "person": Way(
        "person",
        lambda h: ["person add", "pia", "--key", h.public("pia"), *by(h)],
        lambda h: acts.add_person("pia", h.store, h.public("pia"), by(h)[1]),
    ),
    "person remove": Way(
        "person", lambda h: ["person remove", "ines"], lambda h: acts.remove_person("ines", h.store)
    ),
    "assess": Way(
        "assess",
        lambda h: ["assess", "research", h.document, "--expires", LAST, *by(h)],
        lambda h: acts.assess("research", h.document, h.store, END, by(h)[1]),
    ),
    "assess for enforcement": Way(
        "assess",
        lambda h: ["assess", "law-enforcement", h.document, "--expires", LAST, *by(h)],
        lambda h: acts.assess("law-enforcement", h.document, h.store, END, by(h)[1]),
    ),
    "recipient": Way(
        "recipient",
        lambda h: ["recipient add", "region", "--terms", h.document, "--expires", LAST, *by(h)],
        lambda h: acts.add_recipient("region", h.store, h.document, END, by(h)[1]),
    ),
    "sign": Way(
        "sign",
        lambda h: ["sign", h.wanted, "--key", h.private("pia")],
        lambda h: acts.sign(h.wanted, h.store, h.private("pia")),
    ),
    "resume": Way(
        "resume", lambda h: ["stop", "--lift", *by(h)], lambda h: acts.resume(h.store, by(h)[1])
    ),
    "review": Way(
        "review", lambda h: ["review", "--up-to", 0, *by(h)], lambda h: acts.review(h.store, 0, officer_key=by(h)[1])
    ),
    "audit": Way("audit", lambda h: ["audit", h.store, "--out", h.out], lambda h: acts.audit(h.store, h.out), True),
    "claims": Way(
        "claims",
        lambda h: ["claims", h.folder / "claims.toml", h.store, "--out", h.out],
        lambda h: acts.claims(h.folder / "claims.toml", h.store, h.out),
        names_store=True,
    ),
    "attack": Way(
        "attack",
        lambda h: ["attack", h.folder / "released", "--out", h.out],
        lambda h: acts.attack(h.folder / "released", h.store, h.out),
    ),
}  # fmt: skip


def by(house: House) -> tuple[str, Path]:
    """Somebody's key who is not the officer."""
    return "--officer-key", house.private("noor")


def nothing(house: House) -> None:
    """Take nothing away."""


def stopped(house: House) -> None:
    acts.stop(house.store, "The supplier is under investigation.")


def sql(*statements: str) -> Callable[[House], None]:
    def change(house: House) -> None:
        for statement in statements:
            house.sql(statement)

    return change


def plan(sign: bool = True, recipients: tuple[str, ...] = ("city",), **changes: object) -> Callable[[House], None]:
    return lambda house: house.ask(sign, recipients, **changes)


def policy(old: str, new: str) -> Callable[[House], None]:
    return lambda house: house.policy(old, new)


def own_purpose(house: House) -> None:
    (house.store / "purposes.toml").write_text(AGAINST, encoding="utf-8")


def around_a_place(house: House) -> None:
    """A listed place, and a plan of the cells around it."""
    places = house.folder / "places.csv"
    places.write_text("category,latitude,longitude,radius\nmedical,52.3,-1.1,30\n", encoding="utf-8")
    acts.add_places(places, house.store)
    house.ask(sign=False)
    text = house.wanted.read_text(encoding="utf-8")
    house.wanted.write_text(text.replace("[-1.6, 52.0, -0.6, 52.6]", "[-1.14, 52.27, -1.06, 52.33]"), encoding="utf-8")
    house.ok("sign", house.wanted, "--key", house.private("omar"))


def to_look(house: House) -> None:
    """There are a release and claims, to look at exact data."""
    acts.release(house.wanted, house.store, house.folder / "released")
    said = "title = 'T'\n[[claims]]\nclaim = 'not-bulk'\nwords = 'Few.'\nby = 'a seller'\nsaid = 2024-04-01\n"
    (house.folder / "claims.toml").write_text(said, encoding="utf-8")


def looked_at(house: House) -> None:
    """Exact figures were made of other data than there are now."""
    to_look(house)
    house.sql("UPDATE windows SET looked = 'older'")


def no_officer(house: House) -> None:
    house.sql("DELETE FROM officers")


def no_officer_to_look(house: House) -> None:
    to_look(house)
    no_officer(house)


LOOKS = ("audit", "claims", "attack")
STOPPED, LATE = "hereabouts stop --lift", "hereabouts review --up-to N"
APPOINT, OFFICERS_KEY = "hereabouts officer appoint NAME", "--officer-key PRIVATE.pem"
SIGN, PERSON = "hereabouts sign PLAN.toml", "hereabouts person add NAME"
TERMS = "hereabouts recipient add city --terms FILE"
GONE = "INSERT INTO retention_runs VALUES (1, 0, '00', 0, 4102444800, '{}')"

#: Rule, path, what is taken away, what the refusal says would satisfy the rule; and by which account, where it matters.
TABLE: list[tuple[str, str, Callable[[House], None], str] | tuple[str, str, Callable[[House], None], str, str]] = [
    # the gate
    *[("stop", act, stopped, STOPPED) for act in ("intake", "release")],
    *[
        ("officer", act, no_officer_to_look if act in LOOKS else no_officer, APPOINT)
        for act in WAYS
        if "officer" in SHUT_BY[WAYS[act].act]
    ],
    ("review", "release", nothing, LATE),
    # grounds
    ("assessment", "release", sql("DELETE FROM assessments"), "hereabouts assess transport-planning FILE"),
    ("assessment", "release", sql("UPDATE assessments SET expires = '2020-01-01'"), "expired on 2020-01-01"),
    ("two-persons", "release", plan(sign=False, epsilon=0.9), SIGN),
    ("two-persons", "release", sql("UPDATE approvals SET signature = zeroblob(64)"), SIGN),
    ("two-persons", "release", sql("UPDATE people SET until = 1 WHERE account = 'omar'"), SIGN),
    ("two-persons", "release", nothing, SIGN, "omar"),
    ("two-persons", "release", nothing, PERSON, "stranger"),
    ("two-persons", "sign", nothing, PERSON),
    ("RECIP", "release", plan(recipients=()), 'recipients = ["NAME"]'),
    ("RECIP", "release", sql("DELETE FROM recipients"), TERMS),
    ("RECIP", "release", sql("UPDATE recipients SET expires = '2020-01-01'"), TERMS),
    # what a plan says
    ("purpose", "release", plan(purpose="curiosity"), "declare yours in a purposes file"),
    ("purpose", "release", plan(purpose="law-enforcement"), "nothing would satisfy"),
    ("purpose", "release", plan(name="find the suspects"), "nothing would satisfy"),
    ("purpose", "release", own_purpose, "no purposes file can change it"),
    ("purpose", "assess", own_purpose, "no purposes file can change it"),
    ("purpose", "assess for enforcement", nothing, "nothing would satisfy"),
    ("resolution", "release", policy("finest_resolution = 7", "finest_resolution = 4"), 'justification = "..."'),
    ("embargo", "release", policy("embargo_days = 7", "embargo_days = 3650"), "try again from 2034-"),
    ("protected-area", "release", policy("\n# [[protected_areas]]", f"{AREA}\n# [[protected_areas]]"), "region"),
    ("SL-BLOCK", "release", around_a_place, "draw a larger region"),
    # what there is
    ("sealed", "release", plan(window=NEXT), "hereabouts seal"),
    ("retention", "release", sql(GONE), "choose a later window"),
    ("budget", "release", plan(epsilon=3.0), "left"),
    *[("one-look", act, looked_at, "use the report that was made then") for act in LOOKS],
    # suppliers
    ("supplier", "intake", sql("PRAGMA foreign_keys = OFF", "DELETE FROM suppliers"), "hereabouts supplier add acme"),
    ("supplier", "intake", sql("UPDATE suppliers SET expires = '2020-01-01'"), "hereabouts supplier add acme"),
    ("SUP-ASSESS", "intake", sql("UPDATE suppliers SET assessed = '2020-01-01'"), "hereabouts supplier add acme"),
    ("RTB-BAN", "bidstream", nothing, "take feeds from apps whose users were asked"),
    # who decides
    *[("officer-key", act, nothing, OFFICERS_KEY) for act in ("person", "officer", "assess", "recipient", "review")],
    ("officer-key", "resume", stopped, OFFICERS_KEY),
    ("one-person", "person", sql("UPDATE people SET account = 'pia' WHERE account = 'omar'"), "person remove pia"),
    ("one-person", "officer", sql("UPDATE people SET account = 'pia' WHERE account = 'omar'"), "openssl genpkey"),
    ("officer", "person remove", nothing, "appoint a successor first"),
]
ROWS = [pytest.param(*row[:4], row[4] if len(row) == 5 else "noor", id=f"{row[0]}-{row[1]}") for row in TABLE]


@pytest.fixture(scope="module")
def furnished_house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return furnished(tmp_path_factory.mktemp("house") / "site")


@pytest.fixture
def house(furnished_house: House, tmp_path: Path) -> House:
    return House(furnished_house.copy(tmp_path / "site").folder)


@pytest.mark.parametrize(("rule", "path", "spoil", "remedy", "who"), ROWS)
def test_each_refusal_names_its_rule_says_what_would_satisfy_it_and_is_logged(
    house: House,
    rule: str,
    path: str,
    spoil: Callable[[House], None],
    remedy: str,
    who: str,
    monkeypatch: pytest.MonkeyPatch,
    command: Command,
) -> None:
    with account("noor"):
        spoil(house)
    if rule == "review":
        later = time.time() + 31 * 86_400
        monkeypatch.setattr(time, "time", lambda: later)
    way, before = WAYS[path], len(house.entries())
    spent = house.sql("SELECT rho FROM charges")
    with account(who):
        run: Callable[..., Done] = command if way.names_store else house.run
        run(*way.words(house)).refuses(3, f"refused by rule '{rule}'", remedy)
        with pytest.raises(RefusedError) as caught:
            way.call(house)
    assert caught.value.rule == rule
    assert remedy in caught.value.reason
    # The policy that was changed for this is in the log too; what was purged comes to the state, and not to the log.
    logged = [entry for entry in house.entries()[before:] if entry.outcome == "refused"]
    assert [(e.act, e.rule, e.actor) for e in logged] == [(way.act, rule, who)] * 2
    assert house.sql("SELECT rho FROM charges") == spent, "a refusal costs nothing"
    assert not house.out.exists()
    if path == "release":
        with account(who):
            shown = house.run("preview", house.wanted, "--json")
        # Where a whole region is protected there is nothing to foresee.
        assert shown.code == 3 if rule == "protected-area" else shown.json["refused"]["rule"] == rule


def test_with_everything_that_is_asked_for_it_goes_out_and_says_on_what_it_rests(
    house: House, command: Command
) -> None:
    with account("noor"):
        house.ok("release", house.wanted, "--out", house.out)
        assert command("verify", house.out, "--store", house.store).code == 0
    manifest = json.loads((house.out / "release.json").read_text(encoding="utf-8"))
    assert pq.read_table(house.out / "presence.parquet").num_rows >= 0
    grounds = manifest["grounds"]
    (signed,) = [entry for entry in house.entries() if entry.act == "sign"]
    assert (grounds["requester"], grounds["officer"]) == ("noor", "ines")
    assert grounds["plan"] == grounds["approval"]["plan"] == signed.facts["plan"]
    assert (grounds["approval"]["approver"], grounds["approval"]["signature"]) == ("omar", signed.facts["signature"])
    assert (grounds["assessment"]["approver"], grounds["assessment"]["expires"]) == ("ines", LAST)
    assert [(r["name"], r["version"]) for r in grounds["recipients"]] == [("city", 1)]
    entry = house.entries()[-1]
    assert (entry.act, entry.outcome, entry.actor) == ("release", "done", "noor")
    told = {name: entry.facts[name] for name in ("policy", "officer", "approver", "assessment", "recipients")}
    assert told == {
        "policy": "regulated",
        "officer": "ines",
        "approver": "omar",
        "assessment": 1,
        "recipients": ["city (terms 1)"],
    }


def test_after_a_stop_that_is_lifted_and_a_review_it_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with account("noor"):
        stopped(house)
        house.run("release", house.wanted, "--out", house.out).refuses(3, "'stop'")
        for command in ("seal", "retain"):  # what protects people
            house.ok(command)
        house.ok("stop", "--lift", *house.vouched())
        later = time.time() + 31 * 86_400
        monkeypatch.setattr(time, "time", lambda: later)
        house.run("release", house.wanted, "--out", house.out).refuses(3, "'review'")
        reviewed = house.ok("review", "--up-to", len(house.entries()) - 1, *house.vouched())
        assert reviewed["reviewer"] == "ines"
        house.ok("release", house.wanted, "--out", house.out)


def test_a_stop_order_that_comes_while_a_release_is_made_keeps_it_in(house: House) -> None:
    def stop_now(step: str) -> None:
        if step == "report":
            stopped(house)

    with account("noor"), pytest.raises(RefusedError) as caught:
        acts.release(house.wanted, house.store, house.out, progress=stop_now)
    assert caught.value.rule == "stop"
    assert not house.out.exists()
    assert [entry.outcome for entry in house.entries() if entry.act == "release"] == ["refused"]
    with account("noor"):
        house.ok("stop", "--lift", *house.vouched())
        assert house.ok("release", house.wanted, "--out", house.out)["again"], "what was measured was kept"


def test_a_stop_order_that_comes_during_an_intake_takes_all_of_it_back(house: House) -> None:
    other = house.csv(["b,2024-03-12T12:00:00Z,52.3,-1.1,true"], "other.csv")

    def stop_now(feed: str, rows: int, share: float) -> None:
        if not house.sql("SELECT * FROM stop_orders"):
            stopped(house)

    before = house.sql("SELECT feed_digest FROM intakes")
    with account("noor"), pytest.raises(RefusedError) as caught:
        acts.intake([other], house.store, "acme", progress=stop_now)
    assert caught.value.rule == "stop"
    assert house.sql("SELECT feed_digest FROM intakes") == before
    assert [e.outcome for e in house.entries() if e.act == "intake"] == ["begun", "done", "begun", "refused"]


def test_a_purpose_of_ones_own_stands_under_dpv(house: House) -> None:
    (house.store / "purposes.toml").write_text(
        "[bus-stops]\ndpv = 'dpv:ImproveTransportMobility'\ndescription = 'Place bus stops.'\n", encoding="utf-8"
    )
    with account("noor"):
        house.ok("assess", "bus-stops", house.document, "--expires", LAST, *house.vouched())
        house.ask(purpose="bus-stops")
        house.ok("release", house.wanted, "--out", house.out)
    entry = house.entries()[-1]
    assert (entry.facts["purpose"], entry.facts["dpv"]) == ("bus-stops", "dpv:ImproveTransportMobility")


def test_research_says_that_nobody_asked(command: Command, tmp_path: Path, furnished_house: House) -> None:
    house = House(tmp_path)
    house.csv(furnished_house.feed.read_text(encoding="utf-8").splitlines()[1:])
    house.document.write_text("Signed.", encoding="utf-8")
    assert command("init", house.store).code == 0
    with account("stranger"):
        house.admit("acme")
        house.ok("intake", house.feed, "--supplier", "acme")
        house.ok("seal")
        house.ok("release", house.plan(), "--out", house.out)
    manifest = json.loads((house.out / "release.json").read_text(encoding="utf-8"))
    grounds = dict(manifest["grounds"])
    assert (manifest["policy"], grounds.pop("requester"), len(grounds.pop("plan"))) == ("research", "stranger", 64)
    assert grounds == {"officer": None, "assessment": None, "approval": None, "recipients": []}
    facts = house.entries()[-1].facts
    assert [facts[name] for name in ("policy", "officer", "approver", "assessment")] == ["research", None, None, None]


def test_every_path_that_the_gate_can_shut_is_in_the_table() -> None:
    tried = {(row[0], WAYS[row[1]].act) for row in TABLE}
    assert {(bar, act) for act, bars in SHUT_BY.items() for bar in bars} <= tried
