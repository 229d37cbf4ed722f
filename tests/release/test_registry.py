"""The entry for OpenDP's registry: valid, whole to tier 3, and of this release alone, whatever the plan is called.

The schema beside this file is that of github.com/opendp/deployments-registry-data (schemas/deployments-schema.yaml as
of commit 3e9c812a924cf01d228f26f6c462c59c391c3f2a), under the MIT licence that lies beside it.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.privacy.bins import BINS
from hereabouts.release.manifest import digest_of
from hereabouts.release.registry import NAME, registry
from hereabouts.release.verify import Check, check_release_folder, read_manifest

SCHEMA = Path(__file__).parent / "deployments-schema.yaml"
SHARED = Path(__file__).parents[3] / "shared" / "references"
#: Every text that a plan, a policy or a place can bring in; some would be YAML, Markdown, LaTeX or a template.
ODD = st.text(max_size=200) | st.sampled_from(
    ["a: b", "- a\n- b", "# a", "'", '"', "*x", "&x", "&#38;", "!!python/object:os.system", "null", "yes", "2024-03-04",
     "1e3", "~", "a\n  b: c\n", "\ta", "a\r\nb", "…", "🚲 Zürich", "\u2028x", "\x85x", "\ufeffx", "\x00", "{name}",
     "%(x)s", "\\\\x", "\\(x\\)", "[a](b)", "<script>", "|", ">", " a ", "a" * 200]
)  # fmt: skip


@pytest.fixture(scope="module")
def schema() -> Any:
    return yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def content(written: Path) -> dict[str, Any]:
    return read_manifest(written)


@pytest.fixture(params=["presence and flows", "visitors and distributions"])
def release(request: pytest.FixtureRequest, folder: Path, device_folder: Path) -> dict[str, Any]:
    return read_manifest(folder if request.param == "presence and flows" else device_folder)


def entry(manifest: dict[str, Any]) -> dict[str, Any]:
    found = yaml.safe_load(registry(manifest))
    assert isinstance(found, dict)
    return found


def check_schema(found: Any, schema: Any) -> None:
    """As the registry's own check does."""
    jsonschema.Draft7Validator(schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER).validate(found)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, f"{path}/{key}")
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from leaves(part, f"{path}/{place}")
    else:
        yield path, value


def tiered(node: Any, path: str = "") -> Iterator[str]:
    """Every field of the schema that holds something and is of a tier, or beside some that are."""
    for name, part in node.get("properties", {}).items():
        if "properties" in part:
            yield from tiered(part, f"{path}/{name}")
        else:
            yield f"{path}/{name}"


# --- the schema ------------------------------------------------------------------------------------------------------


def test_our_copy_of_the_schema_is_the_one_that_was_given() -> None:
    if not SHARED.is_dir():
        pytest.skip("the reference is not here")
    for name in (SCHEMA.name, "deployments-schema.LICENSE"):
        assert SCHEMA.with_name(name).read_bytes() == (SHARED / name).read_bytes()


def test_it_is_valid_and_every_field_of_all_three_tiers_is_filled_in(release: dict[str, Any], schema: Any) -> None:
    found = entry(release)
    check_schema(found, schema)
    filled = dict(leaves(found))
    for field in tiered(schema):
        mine = [value for path, value in filled.items() if path == field or path.startswith(f"{field}/")]
        assert mine, field
        assert all(value if isinstance(value, str) else value is not None for value in mine), field
    assert found["tier"] == 3


def test_the_registrys_own_checks_of_form_pass(release: dict[str, Any]) -> None:
    """No folded text, no doubled backslash that is not LaTeX, and no line that ends in blanks."""
    text = registry(release)
    styles = {token.style for token in yaml.scan(text) if isinstance(token, yaml.ScalarToken)}
    assert styles <= {None, "|", "'", '"'}
    assert not any(re.search(r"\\\\[^()]", str(value)) for _, value in leaves(yaml.safe_load(text)))
    assert not re.search(r"[ \t]$", text, re.MULTILINE)


# --- what it says ----------------------------------------------------------------------------------------------------


def test_parameters_are_those_of_the_run(release: dict[str, Any]) -> None:
    found, privacy = entry(release)["deployment"], release["privacy"]
    stated = found["privacy_loss"]["privacy_parameters"]
    assert (stated["epsilon"], stated["delta"]) == (privacy["epsilon"], privacy["delta"])
    assert stated["rho"] == float(Fraction(privacy["rho"]))
    details = found["privacy_loss"]["privacy_parameters_details"]
    for cost in ("window_spent", "window_budget", "lifetime"):
        assert f"rho {privacy[cost]['rho']}" in details
    assert found["basic"]["publication_date"] == release["measured"][:10]
    for payment in release["measurement"]["payments"]:
        told = f"squared L2 sensitivity {payment['squared_sensitivity']}, noise scale {payment['noise_scale']:.6g}"
        assert told in found["implementation"]["mechanisms"]


def test_every_statistic_and_level_is_named(release: dict[str, Any]) -> None:
    found = entry(release)["deployment"]
    for table, levels in release["rows"].items():
        for level, count in levels.items():
            told = f"- {table}, {level.replace('/', ', ')}: {count['rows']} rows of {count['domain']}"
            assert told in found["basic"]["description"]
    for payment in release["measurement"]["payments"]:
        assert f"- {payment['statistic']}: rho " in found["accounting"]["composition"]


def test_all_nine_statistics_are_told_of(content: dict[str, Any], device_folder: Path, schema: Any) -> None:
    """Of releases of every one of them alone."""
    by_device = read_manifest(device_folder)
    payments = content["measurement"]["payments"] + by_device["measurement"]["payments"]
    rows = content["rows"] | by_device["rows"]
    names = ["presence", "flows", "visitors", *BINS]
    assert {payment["statistic"] for payment in payments} == set(names)
    for name in names:
        table = "distributions" if name in BINS else name
        alone = content | {
            "rows": {table: {name: rows[table][name]} if name in BINS else rows[table]},
            "measurement": content["measurement"] | {"payments": [p for p in payments if p["statistic"] == name]},
        }
        found = entry(alone)
        check_schema(found, schema)
        assert f"- {name}: rho " in found["deployment"]["accounting"]["composition"]
        assert len(re.findall(r"^- ", found["deployment"]["accounting"]["post_processing"], re.MULTILINE)) == 2


def test_epsilons_in_words_are_never_too_small(content: dict[str, Any]) -> None:
    privacy = content["privacy"] | {"restated": content["privacy"]["restated"] | {"epsilon": 0.92740001}}
    assert "epsilon is 0.9275 at the same delta" in registry(content | {"privacy": privacy})


def test_the_publisher_of_the_policy_is_the_curator(content: dict[str, Any]) -> None:
    nobody = entry(content | {"publisher": None})["deployment"]
    (curator,) = nobody["basic"]["data_curators"]
    assert "not named in this release" in curator
    assert content["log"]["key"] in curator
    named = entry(content | {"publisher": {"name": "City of Example", "url": "https://example.org/m"}})["deployment"]
    assert named["basic"]["data_curators"] == ["City of Example"]
    assert "https://example.org/m" in named["administrative"]["sources"]


def test_what_is_not_protected_is_said(content: dict[str, Any]) -> None:
    area = {"name": "crossing", "finest_resolution": 5, "finest_period": "P1D"}
    changed = content | {
        "stale": True,
        "sensitive_places": {"version": 3, "digest": "ab" * 32},
        "protected_areas": content["protected_areas"] | {"areas": [area]},
    }
    found = entry(changed)["deployment"]
    public = found["dp_variant"]["unprotected_quantities"]
    assert "there are no invariants" in public
    assert "crossing (H3 5, P1D)" in public
    assert "version 3" in found["dp_variant"]["data_domain"]
    assert "marked stale" in found["deployment_model"]["data_source_type_details"]
    bare = entry(content | {"sensitive_places": None, "stale": False})["deployment"]
    assert "had no list of sensitive places" in bare["dp_variant"]["data_domain"]
    assert "marked stale" not in bare["deployment_model"]["data_source_type_details"]


def test_what_the_release_rests_on_is_said(content: dict[str, Any]) -> None:
    grounds = content["grounds"] | {
        "officer": "olga",
        "assessment": {"digest": "ab" * 32, "approver": "olga"},
        "approval": {"approver": "piet"},
        "recipients": [{"name": "ministry"}],
    }
    actors = entry(content | {"policy": "regulated", "grounds": grounds})["deployment"]["deployment_model"]["actors"]
    for said in ("'regulated'", "officer: olga", "ab" * 32, "second person: piet", "recipients: ministry"):
        assert said in actors
    assert "officer: nobody" in entry(content)["deployment"]["deployment_model"]["actors"]


@pytest.mark.parametrize("where", [{"geojson": "a.geojson"}, {"h3": ["851fb467fffffff"] * 900}, {"bbox": [1, 2, 3, 4]}])
def test_any_region_is_told_in_a_line(content: dict[str, Any], where: dict[str, Any]) -> None:
    told = entry(content | {"region": where})["deployment"]["basic"]["data_product_region"]
    assert told.startswith(f"{content['region_cells']} H3 cells of resolution 7: ")
    assert len(told) < 200


# --- whatever it is called -------------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(name=ODD, reason=ODD, area=ODD, file=ODD, curator=ODD)
def test_no_name_becomes_yaml_or_a_mark(
    content: dict[str, Any], schema: Any, name: str, reason: str, area: str, file: str, curator: str
) -> None:
    """The same fields, with the names in them and nothing else of theirs."""
    odd = content | {
        "name": name,
        "justification": reason,
        "region": {"geojson": file},
        "protected_areas": {"areas": [{"name": area, "finest_resolution": 5, "finest_period": "P1D"}]},
        "publisher": {"name": curator, "url": curator},
    }
    text = registry(odd)
    found = yaml.safe_load(text)
    check_schema(found, schema)
    plain = entry(odd | {"name": "a", "justification": "b", "publisher": None})
    assert [path for path, _ in leaves(found)] == [path for path, _ in leaves(plain)]
    assert all(value != "" for _, value in leaves(found))
    assert not re.search(r"[ \t]$", text, re.MULTILINE)
    told = found["deployment"]["basic"]["name"]
    line = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    assert html.unescape(told) == line or not line
    assert not set("<>[]`*$\\") & set(told)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", found["url_slug"])


def test_the_same_manifest_gives_the_same_text(content: dict[str, Any]) -> None:
    assert registry(content) == registry(json.loads(json.dumps(content)))


# --- in the release --------------------------------------------------------------------------------------------------


def checked(folder: Path) -> Check:
    (found,) = (check for check in check_release_folder(folder) if check.name == "registry entry")
    return found


def test_verify_compares_it_with_the_manifest(folder: Path) -> None:
    assert checked(folder).passed
    path = folder / NAME
    path.write_text(path.read_text(encoding="utf-8").replace("epsilon: 1.0", "epsilon: 0.1"), encoding="utf-8")
    manifest = read_manifest(folder)
    files = manifest["files"] | {NAME: digest_of(path)}
    (folder / "release.json").write_text(json.dumps(manifest | {"files": files}), encoding="utf-8")
    assert not checked(folder).passed, "though its digest is that of the manifest"


def test_verify_leaves_words_of_other_versions_alone(folder: Path) -> None:
    manifest = read_manifest(folder) | {"code_version": "0.0.9"}
    (folder / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
    found = checked(folder)
    assert found.passed
    assert "not compared: written by hereabouts 0.0.9" in found.found
