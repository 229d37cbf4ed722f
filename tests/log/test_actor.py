"""Who acts: what was given, the environment, who is logged in; and what is no account's name."""

from __future__ import annotations

import getpass
import threading

import pytest

from hereabouts.errors import UsageError
from hereabouts.log.actor import VARIABLE, acting_as, actor, named


def test_who_is_logged_in_acts_unless_another_account_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(getpass, "getuser", lambda: "ana")
    assert actor() == "ana"
    monkeypatch.setenv(VARIABLE, "bo@example.org")
    assert actor() == "bo@example.org"
    with acting_as("cy"):
        assert actor() == "cy"
        with acting_as("di"):
            assert actor() == "di"
        assert actor() == "cy"
    assert actor() == "bo@example.org"


def test_one_requests_account_is_not_anothers() -> None:
    """A service acts for several people at once."""
    seen = []
    with acting_as("ana"):
        other = threading.Thread(target=lambda: seen.append(_as("bo")))
        other.start()
        other.join()
        assert (actor(), seen) == ("ana", ["bo"])


def _as(name: str) -> str:
    with acting_as(name):
        return actor()


def test_an_account_without_a_name_has_to_say_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(getpass, "getuser", nobody)
    with pytest.raises(UsageError, match=VARIABLE):
        actor()


@pytest.mark.parametrize("name", ["", " ana", "ana bo", "-ana", "ana\n", "a" * 65, "ana,bo", "ána"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="account"):
        named(name)
    with pytest.raises(UsageError, match="account"), acting_as(name):
        pass
