"""``attack.html``: what it says, and that it loads nothing."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

from hereabouts.report.confidential.attack import attack_page, headlines
from tests.risk.attack.made import attack_made


class Page(HTMLParser):
    """Elements, and the text of sections."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.words += data


def test_it_says_what_was_found() -> None:
    page = Page(attack_page(attack_made()))
    words = " ".join(page.words.split())
    for said in (
        "this release",
        "raw counts",
        "more than claimed",
        "fewer than 20 devices",
        "a limit",
        "flows (norms)",
    ):
        assert said in words
    assert "Theory lets nobody exceed 56.0" in words.replace("\u00a0", " ")


def test_every_section_says_that_it_is_confidential() -> None:
    page = Page(attack_page(attack_made()))
    sections = page.tags.count("section")
    assert sections == 6
    assert page.words.count("Not differentially private") == sections + 2


def test_it_loads_nothing() -> None:
    page = Page(attack_page(attack_made()))
    assert "script" not in page.tags
    assert all(link.startswith(("#", "data:")) for link in page.links)


def test_a_fault_stands_first_and_none_is_said_too() -> None:
    made = attack_made()
    assert any("MORE IS GIVEN AWAY THAN WAS CLAIMED: exact counts" in sentence for sentence in headlines(made))
    sound = replace(made, canaries=made.canaries[:1])
    assert headlines(sound)[-1] == "Planted canaries were seen no better than was claimed."


def test_a_stale_release_is_said_to_be() -> None:
    made = attack_made()
    assert "data have changed" in attack_page(replace(made, release=replace(made.release, stale=True)))
