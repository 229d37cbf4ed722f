"""Report cards of feeds, stores and releases: every claim gets a verdict; no identifier or place comes out (CLAIMS)."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import h3.api.basic_int as h3
import pytest

from hereabouts.acts.claims import claims
from hereabouts.errors import BadInputError, UsageError
from hereabouts.log.entries import Entry
from hereabouts.risk.claims.stated import PARAMETERS

if TYPE_CHECKING:
    from tests.conftest import Command, Site

DEVICES = 60
WINDOW = "2024-03-04/2024-03-11"
_GIVEN = {
    "small-share-of-population": "population = 6_000\nat_most = 0.1\n",
    "retention-kept": "days = 90\n",
}


def marked(device: int) -> tuple[str, float, float]:
    """Id and place of a device that must not be found anywhere."""
    return f"planted-{device:04d}-nobody", 52.123456 + device * 0.013131, -1.654321 + device * 0.017171


def marks() -> Iterator[bytes]:
    """All that would tell of a planted device: its id, its place in degrees and as cells of any resolution."""
    yield b"planted-"
    for device in range(DEVICES):
        _, latitude, longitude = marked(device)
        yield from (f"{degrees:.6f}"[:-2].encode() for degrees in (latitude, longitude))
        for resolution in range(5, 11):
            cell = h3.latlng_to_cell(latitude, longitude, resolution)
            yield from (h3.int_to_str(cell).encode(), str(cell).encode())


def all_claims(folder: Path) -> Path:
    """A file of every claim there is; and a list of thirty ids, twenty-five of which are in the data."""
    text = 'title = "All that can be claimed"\n'
    for name in PARAMETERS:
        text += f'[[claims]]\nclaim = "{name}"\nwords = "It is {name}."\nby = "a seller"\nsaid = 2024-04-01\n'
        text += _GIVEN.get(name, "")
    (folder / "all.toml").write_text(text, encoding="utf-8")
    ids = [marked(device)[0] for device in range(25)] + [f"planted-absent-{number}" for number in range(5)]
    (folder / "ids.txt").write_text("\n".join(ids) + "\n", encoding="utf-8")
    return folder / "all.toml"


@pytest.fixture
def planted(empty_site: Site, tmp_path: Path) -> Site:
    """A store with planted devices in a sealed window, and their feed."""
    site = empty_site.copy(tmp_path / "planted")
    rows = [
        f"{name},2024-03-{day:02d}T{hour:02d}:0{d % 10}:00Z,{latitude:.6f},{longitude:.6f},true"
        for d, (name, latitude, longitude) in enumerate(map(marked, range(DEVICES)))
        for day in range(4, 10)
        for hour in (3, 12, 22)
    ]
    site.ok("intake", site.csv(rows), "--supplier", "acme")
    site.ok("seal")
    return site


@pytest.mark.parametrize("source", ["feed", "sealed"])
def test_no_identifier_and_no_place_comes_out(
    planted: Site, source: str, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs, stated = tmp_path / "logs", all_claims(tmp_path)
    logs.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(logs))
    path = planted.folder / "feed.csv" if source == "feed" else planted.store
    assert any(mark in (planted.folder / "feed.csv").read_bytes() for mark in marks())
    before = planted.state()
    for args in ([], ["--json"]):
        out = tmp_path / f"card{len(args)}"
        done = command("claims", stated, path, "--out", out, *args)
        assert (done.code, done.err) == (0, ""), done
        texts = [file.read_bytes() for file in out.iterdir()] + [done.out.encode()]
        assert [mark for mark in set(marks()) for text in texts if mark in text] == []
    assert list(logs.iterdir()) == [], "and nothing is left behind"
    planted.sql("UPDATE windows SET looked = ''")
    assert planted.state() == before, "nor changed, but for what was looked at"


def test_a_bug_of_ours_tells_nothing_either(
    planted: Site, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(logs))

    def fail(*_: object) -> None:
        raise ZeroDivisionError("of ours")

    monkeypatch.setattr(importlib.import_module("hereabouts.acts.claims"), "judged", fail)
    done = command("claims", all_claims(tmp_path), planted.folder / "feed.csv", "--out", tmp_path / "card")
    done.refuses(1, "bug of ours")
    texts = [file.read_bytes() for file in logs.iterdir()] + [done.err.encode()]
    assert [mark for mark in set(marks()) for text in texts if mark in text] == []
    assert not (tmp_path / "card").exists()


def test_a_feed_is_held_against_every_claim(planted: Site, tmp_path: Path) -> None:
    """Of sixty devices, nineteen would be a third: what was claimed of all of them holds for none."""
    card = claims(all_claims(tmp_path), planted.folder / "feed.csv", tmp_path / "card")
    assert card.name == "one file, read by profile 'canonical'"
    assert {c.claim: c.found.verdict for c in card.cards} == {
        "no-direct-identifiers": "cannot be told",
        "no-cell-tower-data": "cannot be told",
        "not-bulk": "holds",
        "consented": "cannot be told",
        "anonymised": "fails",
        "coarse-positions": "fails",
        "small-share-of-population": "holds",
        "opt-outs-honoured": "cannot be told",
        "retention-kept": "cannot be told",
        "aggregate-only": "fails",
    }


def test_of_thousands_of_devices_it_can_be_told(planted: Site, tmp_path: Path) -> None:
    """And nineteen of them, who are too old and never consented, are next to none: none and some are one card."""
    header = "device_id,timestamp,latitude,longitude,consent,source_type"
    rows = [f"d{n},2024-03-04T12:00:00Z,52.{n:06d},-1.{n:06d},true,sdk" for n in range(2_000)]
    few = [f"d{n},2023-06-01T12:00:00Z,52.{n:06d},-1.{n:06d},false,sdk" for n in range(19)]
    cards = [
        claims(all_claims(tmp_path), planted.csv(lines, name, header), tmp_path / name[:3])
        for lines, name in ((rows, "one.csv"), ([*rows, *few], "two.csv"))
    ]
    asked = ("consented", "retention-kept", "not-bulk", "small-share-of-population", "no-cell-tower-data")
    told = [{c.claim: c.found for c in card.cards if c.claim in asked} for card in cards]
    assert told[0] == told[1]
    assert told[0]["consented"].verdict == told[0]["retention-kept"].verdict == "holds"


def test_a_sealed_window_is_held_against_every_claim(sealed_site: Site, tmp_path: Path) -> None:
    site = sealed_site.copy(tmp_path / "site")
    card = claims(all_claims(tmp_path), site.store, tmp_path / "card", window=WINDOW)
    assert card.kind == "sealed window"
    assert {c.claim: c.found.verdict for c in card.cards} == {
        "no-direct-identifiers": "holds",
        "no-cell-tower-data": "cannot be told",
        "not-bulk": "holds",
        "consented": "cannot be told",
        "anonymised": "fails",
        "coarse-positions": "fails",
        "small-share-of-population": "holds",
        "opt-outs-honoured": "cannot be told",
        "retention-kept": "cannot be told",
        "aggregate-only": "fails",
    }


def test_a_store_that_handled_one_list_of_a_few_does_not_say_how(sealed_site: Site, tmp_path: Path) -> None:
    stated = all_claims(tmp_path)
    verdicts = []
    for number in range(2):
        site = sealed_site.copy(tmp_path / f"site{number}")
        for _ in range(number):
            site.ok("withdraw", tmp_path / "ids.txt")
        card = claims(stated, site.store, tmp_path / f"card{number}", window=WINDOW)
        found = next(c.found for c in card.cards if c.claim == "opt-outs-honoured")
        verdicts.append((found.verdict, found.because, [figure.value for figure in found.shares]))
    assert verdicts[0] == verdicts[1]
    assert verdicts[0][0] == "cannot be told"


def test_a_window_is_held_against_claims_in_one_version_of_its_data_alone(
    sealed_site: Site, tmp_path: Path, command: Command
) -> None:
    site, stated = sealed_site.copy(tmp_path / "site"), all_claims(tmp_path)
    one, two, three = (tmp_path / name for name in ("one", "two", "three"))
    for out in (one, two):
        claims(stated, site.store, out, window=WINDOW)
    assert (one / "claims.json").read_bytes() == (two / "claims.json").read_bytes()
    (tmp_path / "one.txt").write_text("planted-nobody\n")
    site.ok("withdraw", tmp_path / "one.txt")
    done = command("claims", stated, site.store, "--out", three, "--window", WINDOW)
    done.refuses(3, "refused by rule 'one-look'", "use the report that was made then")
    assert not three.exists()
    logged = [Entry.from_bytes(row) for (row,) in site.sql("SELECT entry FROM log_entries ORDER BY place")]
    assert [(e.act, e.rule) for e in logged if e.outcome == "refused"] == [("claims", "one-look")]


def test_an_open_window_is_held_against_nothing(taken_site: Site, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="seal it first"):
        claims(all_claims(tmp_path), taken_site.copy(tmp_path / "site").store, tmp_path / "card")


def test_a_store_that_handled_thousands_honours_opt_outs(sealed_site: Site, tmp_path: Path) -> None:
    site = sealed_site.copy(tmp_path / "site")
    (tmp_path / "many.txt").write_text("".join(f"planted-gone-{number}\n" for number in range(2_000)))
    site.ok("withdraw", tmp_path / "many.txt")
    card = claims(all_claims(tmp_path), site.store, tmp_path / "card", window=WINDOW)
    assert next(c.found.verdict for c in card.cards if c.claim == "opt-outs-honoured") == "holds"


def test_a_release_is_aggregate_only(town: Site, tmp_path: Path) -> None:
    site = town.copy(tmp_path / "site")
    release = tmp_path / "release"
    site.ok("release", site.plan(), "--out", release)
    card = claims(all_claims(tmp_path), release, tmp_path / "card")
    verdicts = {c.claim: c.found.verdict for c in card.cards}
    assert {claim for claim, verdict in verdicts.items() if verdict == "holds"} == {
        "aggregate-only",
        "coarse-positions",
        "no-direct-identifiers",
    }
    assert "fails" not in verdicts.values()

    (release / "presence.parquet").write_bytes(b"")
    card = claims(all_claims(tmp_path), release, tmp_path / "other")
    assert {c.found.verdict for c in card.cards} == {"cannot be told"}


def test_what_cannot_be_tested_is_refused(planted: Site, tmp_path: Path) -> None:
    stated = all_claims(tmp_path)
    few = planted.csv([f"d{number},2024-03-04T10:00:00Z,52.0,-1.0,true" for number in range(19)], "few.csv")
    with pytest.raises(BadInputError, match="fewer than 20 devices"):
        claims(stated, few, tmp_path / "card")
    named = stated.read_text().replace('"opt-outs-honoured"', '"opt-outs-honoured"\nopt_outs = "ids.txt"', 1)
    (tmp_path / "ids.toml").write_text(named)
    with pytest.raises(UsageError, match="opt_outs"):
        claims(tmp_path / "ids.toml", planted.folder / "feed.csv", tmp_path / "card")
    with pytest.raises(UsageError, match="not an empty folder"):
        claims(stated, planted.folder / "feed.csv", tmp_path)
    assert not (tmp_path / "card").exists()
