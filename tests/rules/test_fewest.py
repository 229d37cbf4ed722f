"""The limit below which a count is about somebody rather than a crowd."""

from __future__ import annotations

from hereabouts.rules.fewest import FEWEST


def test_a_count_is_about_twenty_devices_at_the_least() -> None:
    """As docs/architecture.md and receipts say it: another number is another promise."""
    assert FEWEST == 20
