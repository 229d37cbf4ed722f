"""The page of a made-up year: self-contained, escaped, and its recipes for checking the log work as they stand."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import hashlib
import html
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hereabouts.report.transparency.page import transparency_page
from hereabouts.report.transparency.report import Log, make_report

if TYPE_CHECKING:
    from tests.report.transparency.conftest import Year


@pytest.fixture(scope="module")
def page(year: Year) -> str:
    return transparency_page(year.report)


def recipes(page: str) -> list[str]:
    return [html.unescape(found) for found in re.findall(r"<pre><code>(.*?)</code></pre>", page, re.DOTALL)]


def test_it_is_one_file_without_script(page: str) -> None:
    assert "<script" not in page
    assert not re.search(r"(src|href)=\"(?!#|data:,)", page), "nothing is loaded, and nothing is linked to"
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'" in html.unescape(page)
    assert 'style="' not in page, "which the policy would not let through"


def test_it_says_what_was_asked_and_refused(page: str) -> None:
    text = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))
    for said in (
        "200 requests for figures: 158 measured and released, 30 published again",
        "12 refused",
        "A stop order halted intake and releases for 7 days, from 17 June 2025 to 24 June 2025; it blocked 4 attempts.",
        "13 reviews of this log were filed, 1 of them late; 1 incident noted.",
        "No impact assessment was in force for the purpose.",
        "Given back, as nothing of them was measured: charges",
    ):
        assert said in text, said


def test_what_the_log_says_is_escaped(year: Year) -> None:
    hostile = dataclasses.replace(year.report.requests[0], purpose="<img src=x onerror=alert(1)>")
    report = dataclasses.replace(year.report, requests=[hostile])
    assert "<img" not in transparency_page(report)


def test_the_python_recipe_accepts_the_log_and_finds_what_was_altered(page: str, year: Year, tmp_path: Path) -> None:
    script = tmp_path / "check.py"
    script.write_text(recipes(page)[0], encoding="utf-8")
    log = shutil.copytree(year.log, tmp_path / "log")
    command = [sys.executable, "-I", str(script), str(log)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stdout.splitlines()[-1].startswith(f"all {year.made.entries} entries are what the checkpoint")
    assert len(done.stdout.splitlines()) == year.made.entries + 1
    bundle = log / "tile/entries/001"
    bundle.write_bytes(bundle.read_bytes().replace(b'"refused"', b'"released', 1))
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


def test_the_openssl_recipe_checks_who_signed(
    page: str, year: Year, tmp_path: Path, needs: Callable[[bool, str], None]
) -> None:
    openssl = shutil.which("openssl")
    needs(openssl is not None and shutil.which("sh") is not None, "openssl")
    shutil.copytree(year.log, tmp_path / "LOG")
    command = ["sh", "-c", recipes(page)[1]]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout) == (0, "Signature Verified Successfully\n"), done.stderr
    note = tmp_path / "LOG/checkpoint"
    note.write_text(note.read_text(encoding="utf-8").replace(f"\n{year.made.entries}\n", "\n7\n"), encoding="utf-8")
    assert subprocess.run(command, capture_output=True, cwd=tmp_path, check=False).returncode == 1


def test_a_log_of_nobody_and_of_nothing_has_a_page() -> None:
    report = make_report(Log("log", 0, "00" * 32, None, ["log"]), [], dt.date(2026, 1, 1), dt.date(2026, 1, 2))
    page = transparency_page(report)
    assert "nobody said whose key had to have signed it" in page
    assert "Nothing was asked for." in page
    assert "No stop order was in force." in page


@pytest.mark.parametrize("width", [1280, 390])
def test_it_opens_in_a_browser_without_complaint_and_fits(
    width: int, page: str, tmp_path: Path, needs: Callable[[bool, str], None]
) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    needs(chromium is not None, "Chromium")
    (tmp_path / "transparency.html").write_text(page, encoding="utf-8")
    complaints, requests = list[str](), list[str]()
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        shown = browser.new_page(viewport={"width": width, "height": 900})
        shown.on("console", lambda message: complaints.append(message.text))
        shown.on("request", lambda request: requests.append(request.url))
        shown.goto((tmp_path / "transparency.html").as_uri())
        shown.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
        fits = shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
        bars = shown.evaluate("document.querySelector('.answers rect').getBoundingClientRect().width")
        browser.close()
    assert complaints == [], "what the policy stops is told here"
    assert len(requests) == 1
    assert fits
    assert bars > 0
