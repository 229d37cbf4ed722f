"""Attack: on a release of a made-up town, through the act; what it says, what it refuses, what it never holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hereabouts.acts import attack as act
from hereabouts.acts.audit import audit
from hereabouts.acts.release import release
from hereabouts.errors import BadInputError, UsageError
from hereabouts.log.entries import Entry

if TYPE_CHECKING:
    from tests.conftest import Command, Copy, Site

PLAN: dict[str, Any] = {
    "statistics": ["presence", "visitors", "flows", "trip-lengths"],
    "resolutions": [6, 7],
    "minimum": 20,
}


@pytest.fixture(scope="module")
def attacked(town: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The town with a release of it, and an attack on that by the command; what it said is kept beside it."""
    site = town.copy(tmp_path_factory.mktemp("attacked") / "site")
    release(site.plan(**PLAN), site.store, site.folder / "release")
    before = site.state()
    given = ("--out", site.folder / "attack", "--publications", 8, "--json")  # quicker, and less sure
    done = site.run("attack", site.folder / "release", *given)
    assert done.code == 0, done
    (site.folder / "printed.json").write_text(done.out + done.err, encoding="utf-8")
    assert site.sql("SELECT looked = data_version FROM windows") == [(1,)]
    site.sql("UPDATE windows SET looked = ''")
    assert site.state() == before  # nothing is spent, nothing is kept
    return site


def content(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((site.folder / "attack" / "attack.json").read_text(encoding="utf-8"))
    return found


def test_exact_counts_give_people_away_and_the_release_does_not(attacked: Site) -> None:
    found = content(attacked)
    for attempt in found["attempts"]:
        area = {rates["way"]: rates["area"] for rates in attempt["rates"]}
        if "raw counts" in area:
            assert area["raw counts"]["ci95_low"] > area["this release"]["ci95_high"]
        ours = area["this release"]
        assert ours["ci95_low"] < 0.65
        if attempt["ceiling"] is not None:
            assert ours["ci95_low"] <= attempt["ceiling"] + 0.03
            if "together" not in attempt["name"]:  # for which two releases are paid
                assert attempt["ceiling"] < found["release"]["worst_area"] < 0.7
    assert [attempt["name"] for attempt in found["attempts"]] == [
        "known trace", "known trace, published rows", "zero auxiliary", "learned attack", "differencing, withdrawal",
        "differencing, overlapping regions", "two overlapping regions, together",
    ]  # fmt: skip


def test_traces_come_out_of_raw_counts_and_not_of_the_release(attacked: Site) -> None:
    raw, _, ours = content(attacked)["recovery"]
    assert raw["ci95_low"] > max(raw["control"]["ci95_high"], ours["ci95_high"])


def test_canaries_are_seen_as_claimed(attacked: Site) -> None:
    tests = content(attacked)["canaries"]
    assert [test["name"].partition(",")[0] for test in tests] == [
        "in one cell in every hour", "visitors", "flows", "the one that makes 20 of 19 in a cell",
    ]  # fmt: skip
    assert sum(test["flagged"] for test in tests) <= 2  # each is once in a hundred times, three 1 in 250,000


def test_every_figure_says_of_how_many_and_whence(attacked: Site) -> None:
    def figures(value: Any) -> list[dict[str, Any]]:
        if isinstance(value, dict):
            own = [value] if "ci95_low" in value else []
            return own + [each for part in value.values() for each in figures(part)]
        return [each for part in value for each in figures(part)] if isinstance(value, list) else []

    found = figures(content(attacked))
    assert len(found) > 30
    for figure in found:
        assert figure["procedure"]
        assert figure["source"]
        assert figure["devices"] is None or (figure["devices"] >= 20 and figure["devices"] % 20 == 0)


def test_nothing_holds_a_place_or_a_device(attacked: Site) -> None:
    """Neither what is written nor what is printed: no cell, no pseudonym, no position, and no list a device long."""
    tables = attacked.tables()
    cells = {format(cell, "x") for cell in tables["presence"]["cell"].unique().to_pylist()}
    names = {device.hex() for device in tables["presence"]["device"].unique().to_pylist()}
    written = [*sorted((attacked.folder / "attack").iterdir()), attacked.folder / "printed.json"]
    assert [path.name for path in written] == ["attack.html", "attack.json", "printed.json"]
    for text in (path.read_text(encoding="utf-8") for path in written):
        assert not any(word in text for word in cells | names)
        assert not any(str(int(cell, 16)) in text for cell in cells)


def test_what_is_printed_is_what_is_written(attacked: Site) -> None:
    assert json.loads((attacked.folder / "printed.json").read_text(encoding="utf-8")) == content(attacked)


def test_the_page_says_on_every_section_that_it_is_confidential(attacked: Site) -> None:
    page = (attacked.folder / "attack" / "attack.html").read_text(encoding="utf-8")
    assert page.count("Not differentially private") == page.count("<section") + 2
    assert "script" not in page.replace("default-src", "")
    assert "http" not in page.replace('http-equiv="', "").replace("xmlns", "")


def test_a_window_is_attacked_in_one_version_of_its_data_alone(attacked: Site, copy: Copy, command: Command) -> None:
    """Its exact counts of before and after somebody withdrew would say whether they had been there."""
    site = copy(attacked)
    audit(site.store, site.folder / "audit")
    (site.folder / "ids.txt").write_text("planted-nobody\n", encoding="utf-8")
    site.ok("withdraw", site.folder / "ids.txt")
    done = command("attack", site.folder / "release", "--store", site.store, "--out", site.folder / "other")
    done.refuses(3, "refused by rule 'one-look'", "use the report that was made then")
    assert not (site.folder / "other").exists()
    logged = [Entry.from_bytes(row) for (row,) in site.sql("SELECT entry FROM log_entries ORDER BY place")]
    assert [(e.act, e.rule) for e in logged if e.outcome == "refused"] == [("attack", "one-look")]


def test_another_store_is_refused(attacked: Site, sealed_site: Site, copy: Copy) -> None:
    other = copy(sealed_site)
    with pytest.raises(UsageError, match="has not measured what this release says"):
        act(attacked.folder / "release", other.store, other.folder / "attack")
    assert not (other.folder / "attack").exists()


def test_what_is_no_release_is_refused(sealed_site: Site, copy: Copy, tmp_path: Path) -> None:
    site = copy(sealed_site)
    with pytest.raises(BadInputError, match=r"no release\.json"):
        act(tmp_path, site.store, site.folder / "attack")
    (site.folder / "full").mkdir()
    (site.folder / "full" / "a").touch()
    with pytest.raises(UsageError, match="not an empty folder"):
        act(tmp_path, site.store, site.folder / "full")


def test_few_devices_are_told_nothing(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    rows = [f"device-{n},2024-03-04T1{n}:00:00Z,52.3,-1.1,true" for n in range(9)]
    site.ok("intake", site.csv(rows), "--supplier", "acme")
    site.ok("seal", "--all")
    release(site.plan(statistics=["presence"]), site.store, site.folder / "release")
    with pytest.raises(BadInputError, match="fewer than 20 devices"):
        act(site.folder / "release", site.store, site.folder / "attack")
    assert not (site.folder / "attack").exists()


def test_a_region_from_a_file_has_to_be_given(attacked: Site) -> None:
    area = attacked.folder / "area.geojson"
    ring = [[-1.6, 52.0], [-0.6, 52.0], [-0.6, 52.6], [-1.6, 52.6], [-1.6, 52.0]]
    area.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}), encoding="utf-8")
    plan = attacked.plan("other.toml", statistics=["flows"], epsilon=0.2)
    text = plan.read_text(encoding="utf-8")
    box = next(line for line in text.splitlines() if line.startswith("region"))
    plan.write_text(text.replace(box, 'region = { geojson = "area.geojson" }'), encoding="utf-8")
    release(plan, attacked.store, attacked.folder / "of-file")
    with pytest.raises(UsageError, match="give it with --area"):
        act(attacked.folder / "of-file", attacked.store, attacked.folder / "no")
    found = act(attacked.folder / "of-file", attacked.store, attacked.folder / "yes", area=area)
    assert [attempt.name for attempt in found.attempts] == [
        "known trace", "learned attack", "differencing, withdrawal", "differencing, overlapping regions",
        "two overlapping regions, together",
    ]  # fmt: skip
    assert any("no presence with dates" in why for why in found.untried)
    assert all(figure.withheld == "presence was not measured" for figure in found.recovery)
