"""The page in a real browser: it asks for nothing, draws its maps, and answers to mouse, keys and fingers."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from hereabouts.report import write_report

playwright = pytest.importorskip("playwright.sync_api")

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c63f8cfc0f01f0005000 1ff5fd2a23d0000000049454e44ae426082".replace(" ", "")
)

INK = """(id) => {
  const canvas = document.querySelector(`#${id}-map canvas`);
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const counts = new Map();
  for (let i = 0; i < data.length; i += 4) {
    const colour = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, 200);
}"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("HEREABOUTS_REQUIRE") == "all":
            pytest.fail("Chromium is not installed, and HEREABOUTS_REQUIRE=all asks for it")
        pytest.skip("needs Chromium (Debian: chromium)")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def report(release: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out: Path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(release.manifest, release.tables, out)
    return out


@pytest.fixture(scope="module")
def full_report(full_release: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out: Path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(full_release.manifest, full_release.tables, out)
    return out


Opens = Callable[..., Any]


@pytest.fixture
def opens(chromium: Any) -> Iterator[Opens]:
    """Open a file in a new page; at the end, fail on any request but for the file, and on any error."""
    contexts, requests, complaints = [], [], []

    def open_page(path: Path, viewport: dict[str, int] = WIDE, **options: Any) -> Any:
        context = chromium.new_context(viewport=viewport, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: requests.append((request.url, path.as_uri())))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(path.as_uri())
        if options.get("java_script_enabled", True):
            page.wait_for_selector("html[data-ready]", timeout=20_000)
            page.wait_for_function("() => new Promise((done) => requestAnimationFrame(() => done(true)))")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [url for url, own in requests if url != own and not url.startswith("data:")] == []
    assert complaints == []


def ink(page: Any, name: str = "presence") -> list[tuple[int, int]]:
    """The colours of a map and how many pixels have them, the most frequent first."""
    page.wait_for_function("() => new Promise((done) => requestAnimationFrame(() => done(true)))")
    return [(colour, count) for colour, count in page.evaluate(INK, name)]


def slide(page: Any, slot: int) -> None:
    page.locator("#presence-time-slider").fill(str(slot))


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["1280", "390"])
def test_the_page_opens_offline_and_fits_its_window(
    opens: Opens, report: Path, tmp_path: Path, viewport: dict[str, int]
) -> None:
    page = opens(report, viewport)
    assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
    picture = tmp_path / "page.png"
    page.screenshot(path=picture, full_page=True)
    assert picture.stat().st_size > 100_000
    for name in ("presence", "flows"):
        assert len(ink(page, name)) > 50, f"the {name} map is blank"


def test_the_map_is_coloured_by_the_palette_at_the_busiest_hour(opens: Opens, report: Path) -> None:
    page = opens(report)
    colours = dict(ink(page))
    assert colours[0x221556] > 500  # the darkest class of the ramp
    assert "13:00" in page.locator("#presence-time .now").inner_text()
    assert page.locator("#presence-legend li").count() >= 5


def test_the_slider_its_buttons_and_play_change_the_map(opens: Opens, report: Path) -> None:
    page = opens(report)
    slide(page, 13)
    noon = ink(page)
    slide(page, 27)
    assert page.locator("#presence-time .now").inner_text() == "Sun 3 Feb 2008, 03:00–04:00"
    assert ink(page) != noon
    page.get_by_role("button", name="On one step").first.click()
    assert page.locator("#presence-time .now").inner_text() == "Sun 3 Feb 2008, 04:00–05:00"
    page.get_by_role("button", name="Play").first.click()
    page.wait_for_function("() => document.querySelector('#presence-time-slider').value > 29")
    page.get_by_role("button", name="Pause").click()


def test_levels_can_be_chosen(opens: Opens, report: Path) -> None:
    page = opens(report)
    fine = ink(page)
    page.select_option("#presence-area", "5")
    assert ink(page) != fine
    page.select_option("#presence-period", "P1D")
    playwright.expect(page.locator("#presence-time .now")).to_have_text("Sun 3 Feb 2008")
    page.select_option("#presence-period", "P7D")
    playwright.expect(page.locator("#presence-time")).to_be_hidden()
    playwright.expect(page.locator("#presence-detail h3")).to_have_text("Sat 2 Feb 2008 to Fri 8 Feb 2008")
    assert "hour by hour" in page.locator("#presence-series-title").inner_text()


def test_how_sure_is_a_map_of_its_own_and_a_hatching(opens: Opens, report: Path) -> None:
    page = opens(report)
    many = ink(page)
    page.select_option("#presence-hatch", "0.1")
    hatched = ink(page)
    assert hatched != many
    page.get_by_role("radio", name="how sure").check()
    sure = dict(ink(page))
    assert 0xE68677 in sure
    assert 0x221556 not in sure
    assert "±25 to 50 %" in page.locator("#presence-legend").inner_text().replace("\u00a0", " ")


def test_keys_reach_the_busiest_area_and_its_figures_are_the_tables(opens: Opens, report: Path, release: Any) -> None:
    page = opens(report)
    slide(page, 13)
    page.locator("#presence-map canvas").focus()
    page.keyboard.press("ArrowRight")
    detail = page.locator("#presence-detail")
    playwright.expect(detail.locator("code")).to_be_visible()
    rows = release.tables["presence"].to_pylist()
    here = [r for r in rows if r["resolution"] == 7 and r["period"] == "PT1H" and r["start"].hour == 13]
    best = max((r for r in here if r["start"].day == 2), key=lambda r: float(r["devices"]))
    assert detail.locator("code").inner_text() == best["cell"]
    assert detail.locator(".big").inner_text() == f"{best['devices']:.0f} devices"
    assert "Larger areas around it" in detail.inner_text()
    assert "Beijing" in page.locator("#presence-series-title").inner_text()
    page.keyboard.press("ArrowDown")
    playwright.expect(detail.locator("code")).not_to_have_text(best["cell"])
    page.keyboard.press("Escape")
    playwright.expect(detail).to_contain_text("Tap an area")


def test_what_is_not_published_is_not_said_to_be_zero(opens: Opens, report: Path) -> None:
    page = opens(report)
    page.get_by_role("button", name="Whole region").first.click()
    page.locator("#presence-map canvas").hover(position={"x": 250, "y": 120})
    tip = page.locator("#presence-map .tip")
    playwright.expect(tip).to_contain_text("not published")
    playwright.expect(tip).to_contain_text("not zero")


def test_a_finger_chooses_an_area(opens: Opens, report: Path) -> None:
    page = opens(report, NARROW, has_touch=True)
    page.locator("#presence-map canvas").tap()
    playwright.expect(page.locator("#presence-detail code")).to_be_visible()


def test_the_chart_sets_the_hour(opens: Opens, report: Path) -> None:
    page = opens(report)
    width = page.locator("#presence-series").bounding_box()["width"]
    page.locator("#presence-series").click(position={"x": width - 11, "y": 60})
    assert page.locator("#presence-time .now").inner_text() == "Fri 8 Feb 2008, 23:00–00:00"


def test_flows_are_thinned_and_filtered_by_origin(opens: Opens, report: Path) -> None:
    page = opens(report)
    hundred = ink(page, "flows")
    page.select_option("#flows-most", "25")
    assert ink(page, "flows") != hundred
    page.locator("#flows-map canvas").focus()
    page.keyboard.press("ArrowRight")
    detail = page.locator("#flows-detail")
    playwright.expect(detail).to_contain_text("Leaving ")
    leaving = detail.inner_text()
    page.get_by_label("arriving").check()
    playwright.expect(detail).to_contain_text("Arriving at ")
    assert detail.inner_text() != leaving
    page.get_by_label("trips inside one area").uncheck()
    assert "inside one area" not in page.locator("#flows-legend").inner_text()


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["1280", "390"])
def test_all_nine_statistics_fit_their_window(opens: Opens, full_report: Path, viewport: dict[str, int]) -> None:
    page = opens(full_report, viewport)
    assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
    assert page.locator(".histogram").count() == 6
    for histogram in page.locator(".histogram table").all():
        box, frame = histogram.bounding_box(), page.locator("#distributions").bounding_box()
        assert box["x"] + box["width"] <= frame["x"] + frame["width"]
        first = histogram.locator("tbody tr").first.bounding_box()
        assert first["height"] < 80, "a label is broken into crumbs"


def test_visitors_are_on_the_map_as_devices_are(opens: Opens, full_report: Path) -> None:
    page = opens(full_report)
    devices = ink(page)
    page.select_option("#presence-what", "visitors")
    playwright.expect(page.locator("#presence-legend h3")).to_contain_text("Visitors of an area")
    assert ink(page) != devices
    page.select_option("#presence-period", "P1D")
    playwright.expect(page.locator("#presence-time .now")).to_have_text("Sun 3 Feb 2008")
    playwright.expect(page.locator("#presence-series-note")).to_contain_text("this is no number of devices")
    playwright.expect(page.locator("#presence-rhythm")).to_be_hidden()
    page.locator("#presence-map canvas").focus()
    page.keyboard.press("ArrowRight")
    playwright.expect(page.locator("#presence-detail .big")).to_contain_text("visitors")


def test_a_typical_week_has_a_chart_and_a_slider(opens: Opens, full_report: Path) -> None:
    page = opens(full_report)
    playwright.expect(page.locator("#presence-rhythm-title")).to_contain_text("all published areas together")
    assert page.locator("#presence-rhythm-note").inner_text().split() == ["Weekdays", "Weekends"]
    assert "Weekdays: most at" in page.locator("#presence-rhythm-said").inner_text()
    page.select_option("#presence-period", "typical-week")
    playwright.expect(page.locator("#presence-series")).to_be_hidden()
    slide(page, 27)
    now = page.locator("#presence-time .now")
    assert now.inner_text() == "Weekends, 03:00–04:00"
    width = page.locator("#presence-rhythm").bounding_box()["width"]
    page.locator("#presence-rhythm").click(position={"x": width - 11, "y": 60})
    assert now.inner_text() == "Weekends, 23:00–00:00"
    slide(page, 37)
    page.locator("#presence-map canvas").focus()
    page.keyboard.press("ArrowRight")
    playwright.expect(page.locator("#presence-rhythm-title")).to_contain_text("Beijing")


def test_the_map_begins_with_the_finest_areas_of_which_there_is_enough(
    opens: Opens, full_release: Any, tmp_path: Path
) -> None:
    """Not with the days of the smallest areas, where larger ones have hours."""
    presence = full_release.tables["presence"]
    hours = (pc.field("resolution") == 7) & (pc.field("period") == "PT1H")
    out = tmp_path / "report.html"
    write_report(full_release.manifest, {"presence": presence.filter(~hours)}, out)
    page = opens(out)
    assert page.locator("#presence-area").input_value() == "6"
    assert page.locator("#presence-period").input_value() == "PT1H"


@pytest.mark.parametrize(("period", "says"), [("P1D", "Sat 2 Feb 2008"), ("hour-of-day", "Every day, 00:00–01:00")])
def test_flows_can_be_chosen_by_day_and_hour(opens: Opens, full_report: Path, period: str, says: str) -> None:
    page = opens(full_report)
    playwright.expect(page.locator("#flows-time")).to_be_hidden()
    whole = ink(page, "flows")
    page.select_option("#flows-period", period)
    playwright.expect(page.locator("#flows-time .now")).to_have_text(says)
    assert ink(page, "flows") != whole
    page.locator("#flows-time .on").click()
    playwright.expect(page.locator("#flows-time .now")).not_to_have_text(says)


def test_without_script_words_and_tables_remain(opens: Opens, report: Path) -> None:
    page = opens(report, java_script_enabled=False)
    assert page.locator("noscript p").is_visible()
    assert page.locator("#presence-tool").is_hidden()
    assert page.get_by_role("table").first.is_visible()


def test_an_old_browser_is_told_so(chromium: Any, report: Path) -> None:
    context = chromium.new_context(viewport=WIDE)
    context.add_init_script("delete window.DecompressionStream")
    page = context.new_page()
    page.goto(report.as_uri())
    assert "older than 2023" in page.locator("#trouble").inner_text()
    assert page.locator("#presence-tool").is_hidden()
    context.close()


def test_a_hostile_name_runs_nothing(opens: Opens, small_release: Any, tmp_path: Path) -> None:
    hostile = '<img src=x onerror="window.owned=1"></script><script>window.owned=1</script>'
    out = tmp_path / "report.html"
    write_report({**small_release.manifest, "name": hostile}, small_release.tables, out)
    page = opens(out)
    assert page.evaluate("window.owned") is None
    assert page.locator("h1").inner_text() == hostile


def test_the_policy_stops_scripts_and_requests_that_are_not_the_pages_own(chromium: Any, report: Path) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(report.as_uri())
    failures: list[str] = []
    page.on("requestfailed", lambda request: failures.append(f"{request.url}: {request.failure}"))
    page.evaluate("""() => {
      const script = document.createElement("script");
      script.textContent = "window.owned = 1";
      const image = new Image();
      image.src = "http://tracker.invalid/x.png";
      document.body.append(script, image);
    }""")
    refused = page.evaluate("fetch('http://tracker.invalid/').then(() => 'sent', () => 'refused')")
    assert refused == "refused"
    assert page.evaluate("window.owned") is None
    assert failures == ["http://tracker.invalid/x.png: csp"]
    context.close()


def test_tiles_are_asked_of_the_named_host_alone(chromium: Any, small_release: Any, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    address = "http://tiles.invalid/{z}/{x}/{y}.png"
    write_report(small_release.manifest, small_release.tables, out, tile_url=address)
    context = chromium.new_context(viewport=WIDE)
    page = context.new_page()
    asked: list[str] = []

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        route.fulfill(body=PIXEL, content_type="image/png")

    page.route(re.compile("^http"), answer)
    page.goto(out.as_uri())
    page.wait_for_selector("html[data-ready]")
    page.wait_for_timeout(200)
    assert asked
    assert all(url.startswith("http://tiles.invalid/") for url in asked)
    context.close()
