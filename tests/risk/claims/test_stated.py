"""The file of claims: what is wrong with one is said by its number and key, and its values stay where they are."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from hereabouts.errors import UsageError
from hereabouts.risk.claims.stated import PARAMETERS, example, load_claims
from hereabouts.risk.claims.vocabulary import VOCABULARY

HEAD = 'title = "Data of a seller"\n'
CLAIM = '[[claims]]\nclaim = "{}"\nwords = "So it is."\nby = "a seller"\nsaid = 2024-04-01\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "CLAIMS.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_has_what_was_reported_in_2020(tmp_path: Path) -> None:
    stated = load_claims(write(tmp_path, example()))
    assert [statement.claim for statement in stated.statements] == [
        "no-cell-tower-data",
        "not-bulk",
        "no-direct-identifiers",
        "small-share-of-population",
        "anonymised",
    ]
    assert {statement.said.year for statement in stated.statements} == {2020}
    assert all("paraphrase" in statement.by for statement in stated.statements), "no order or report is quoted"


def test_the_vocabulary_is_what_can_be_stated() -> None:
    assert list(VOCABULARY) == list(PARAMETERS)


def test_every_claim_has_its_definition_and_who_sets_the_threshold() -> None:
    for claim in VOCABULARY.values():
        assert all((claim.title, claim.means, claim.threshold, claim.source))


def test_parameters_are_read(tmp_path: Path) -> None:
    text = HEAD + CLAIM.format("retention-kept") + "days = 90\nas_of = 2024-06-30\n"
    (statement,) = load_claims(write(tmp_path, text)).statements
    assert (statement.days, statement.as_of, statement.said) == (90, dt.date(2024, 6, 30), dt.date(2024, 4, 1))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title =", "is not TOML"),
        (HEAD, "key 'claims' is missing"),
        (HEAD + "claims = []", "at least 1 item"),
        (CLAIM.format("not-bulk"), "key 'title' is missing"),
        (HEAD + CLAIM.format("harmless"), "claim 1: got 'harmless', expected one of no-direct-identifiers"),
        (HEAD + CLAIM.format("not-bulk") + "days = 9\n", "claim 1: key 'days' says nothing of not-bulk"),
        (HEAD + CLAIM.format("not-bulk") + "colour = 9\n", "claim 1: key 'colour' is not a known key"),
        (HEAD + CLAIM.format("retention-kept"), "claim 1: key 'days' is missing"),
        (HEAD + CLAIM.format("small-share-of-population"), "claim 1: key 'population' is missing"),
        (HEAD + CLAIM.format("retention-kept") + 'days = "x"\n', "claim 1: key 'days' input should be a valid integer"),
        (HEAD + CLAIM.format("small-share-of-population") + "population = 0\n", "greater than or equal to 1"),
        (HEAD + CLAIM.format("not-bulk").replace("2024-04-01", '"April"'), "claim 1: key 'said'"),
    ],
)
def test_what_is_wrong_is_said(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_claims(write(tmp_path, text))
    assert words in str(caught.value)
    assert str(tmp_path / "CLAIMS.toml") in str(caught.value)


def test_without_a_file_it_says_where_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="claims --example"):
        load_claims(tmp_path / "none.toml")


def test_no_claim_takes_a_list_of_ids() -> None:
    """Nineteen that are in the data and one more would ask whether that one is: no verdict may be a function of ids."""
    for name, parameters in PARAMETERS.items():
        assert parameters <= {"population", "at_most", "days", "as_of"}, name
