"""The entry of a release for OpenDP's registry of deployments, ``registry.yaml``, from its manifest alone.

All three tiers of the registry's schema, filled in with what was run. What no manifest says (who the publisher is,
where the policy does not name one) is said to be missing: the entry is a draft until its owner has looked at it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import ROUND_CEILING, Context
from fractions import Fraction
from typing import Any

import yaml

from hereabouts.release import registry_words as words
from hereabouts.release.restated import read_rho

NAME = "registry.yaml"

Manifest = Mapping[str, Any]

# Strings are shown as Markdown, which knows these marks, and as LaTeX between "\\(" and "\\)".
_MARKS = re.compile(r"[\\&<>\[\]`*$#]")
_CLAIMED = Context(prec=4, rounding=ROUND_CEILING)
_SLUG = 60


def registry(manifest: Manifest) -> str:
    """The entry as YAML, the same for the same manifest; the digests of its files are not looked at.

    Parameters
    ----------
    manifest
        What :func:`hereabouts.release.manifest.manifest` gives.
    """
    entry = {
        "url_slug": _slug(manifest),
        "status": "Draft",
        "tier": 3,
        "deployment": {
            "basic": _basic(manifest),
            "dp_variant": {
                "variant_name": "Zero-concentrated DP",
                "data_domain": words.DATA_DOMAIN.format(
                    **_window(manifest), region=_region(manifest), places=_places(manifest)
                ),
                "unprotected_quantities": words.UNPROTECTED + _listed(_public(manifest)),
            },
            "privacy_loss": _privacy_loss(manifest),
            "deployment_model": _model(manifest),
            "accounting": {
                "post_processing": _post_processing(manifest),
                "composition": words.COMPOSITION.format(pieces=len(_payments(manifest))) + _listed(_shares(manifest)),
            },
            "implementation": {
                "preprocessing_and_hyperparameter_tuning": words.PREPROCESSING.format(places=_places(manifest)),
                "mechanisms": words.MECHANISMS.format(
                    mechanism=_said(manifest["privacy"]["mechanism"]), version=_said(manifest["code_version"])
                )
                + _listed(_drawn(manifest))
                + words.SECURITY.format(policy=_policy(manifest)),
                "justification": _justification(manifest),
            },
            "administrative": {
                "sources": words.SOURCES.format(
                    url=_publisher(manifest, "url") or words.NO_URL,
                    version=_said(manifest["code_version"]),
                    log=_said(manifest["log"]["key"]),
                ),
                "notes": _listed(_said(note) for note in [words.DRAFT, *manifest["notes"]]),
                "registry_authors": [f"hereabouts {_said(manifest['code_version'])} (made from the run's manifest)"],
            },
        },
    }
    return str(yaml.dump(_clean(entry), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1_000_000))


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Plain values alone, and text of several lines as a block: the registry takes no folded text."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _clean(value: Any) -> Any:
    """Text without blanks at the end of its lines, which no block of YAML can hold."""
    if isinstance(value, dict):
        return {key: _clean(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_clean(part) for part in value]
    return "\n".join(line.rstrip() for line in value.strip().split("\n")) if isinstance(value, str) else value


# --- what is said of a manifest --------------------------------------------------------------------------------------


def _slug(manifest: Manifest) -> str:
    """Words of the name, the window's first day, and which measurement it was."""
    parts = (manifest["name"], str(manifest["window"]["name"]).split("/")[0], manifest["measurement"]["key"][:8])
    name, day, key = ("-".join(re.findall(r"[a-z0-9]+", str(part).lower())) for part in parts)
    return "-".join(part for part in (name[:_SLUG].strip("-") or "hereabouts", day, key) if part)


def _basic(manifest: Manifest) -> dict[str, Any]:
    log = _said(manifest["log"]["key"])
    return {
        "name": _said(manifest["name"]) or words.UNNAMED,
        "data_curators": [_publisher(manifest, "name") or words.NO_CURATOR.format(log=log)],
        "intended_use": words.USE.format(purpose=_said(manifest["purpose"]), dpv=_said(manifest["purpose_dpv"])),
        "data_product_type": "Summary statistics",
        "data_product_region": _region(manifest),
        "description": words.DESCRIPTION.format(**_window(manifest)) + _listed(_products(manifest)),
        "publication_date": datetime.fromisoformat(manifest["measured"]).date().isoformat(),
        "data_product_sector": "Technology",
    }


def _privacy_loss(manifest: Manifest) -> dict[str, Any]:
    privacy, window = manifest["privacy"], _window(manifest)
    spent = {
        name: f"{_epsilon(cost['epsilon'])} (delta {float(cost['delta']):g}, rho {_said(cost['rho'])})"
        for name, cost in ((name, privacy[name]) for name in ("window_spent", "window_budget", "lifetime"))
    }
    restated = privacy["restated"]
    return {
        "privacy_unit": f"Device-window: all of one device's data in one window ({window['days']} days)",
        "privacy_unit_details": words.UNIT.format(unit=_said(privacy["unit"]), **window),
        "privacy_parameters": {
            "epsilon": float(privacy["epsilon"]),
            "delta": float(privacy["delta"]),
            "rho": float(Fraction(privacy["rho"])),
        },
        "privacy_parameters_details": words.PARAMETERS.format(
            rho=_said(privacy["rho"]),
            conversion=_said(privacy["conversion"]),
            restated=_epsilon(restated["epsilon"]),
            bound=_said(restated["bound"]),
            windows=int(privacy["lifetime"]["windows"]),
            **spent,
        ),
    }


def _model(manifest: Manifest) -> dict[str, Any]:
    privacy = manifest["privacy"]
    return {
        "model_name": "Central",
        "model_name_details": words.CENTRAL,
        "actors": words.ACTORS.format(curator=_publisher(manifest, "name") or words.NO_NAME, policy=_policy(manifest)),
        "release_type": "One release",
        "release_type_details": words.ONE_RELEASE.format(
            spent=_epsilon(privacy["window_spent"]["epsilon"]), budget=_epsilon(privacy["window_budget"]["epsilon"])
        ),
        "data_source_type": "Static",
        "data_source_type_details": words.STATIC + (words.STALE if manifest["stale"] else ""),
        "access_type": "Non-interactive",
        "access_type_details": words.NON_INTERACTIVE,
    }


def _post_processing(manifest: Manifest) -> str:
    publish = manifest["publish"]
    found = [words.ESTIMATES[table] for table in manifest["rows"]]
    found.append(words.PUBLISHED.format(minimum=publish["minimum"], halfwidth=publish["max_relative_halfwidth"]))
    if manifest["protected_areas"]["areas"]:
        found.append(words.COARSENED)
    return words.POST_PROCESSING + _listed(found)


def _justification(manifest: Manifest) -> str:
    finer = manifest["justification"]
    return words.JUSTIFICATION.format(
        resolution=manifest["finest_resolution"],
        finer=f"The plan gave a reason for its finest resolution: {_said(finer)}" if finer else words.NO_REASON,
        epsilon=f"{float(manifest['privacy']['epsilon']):g}",
    )


def _public(manifest: Manifest) -> Iterable[str]:
    yield words.PLAN_IS_PUBLIC
    areas = manifest["protected_areas"]["areas"]
    if areas:
        named = (f"{_said(a['name'])} (H3 {a['finest_resolution']}, {_said(a['finest_period'])})" for a in areas)
        yield f"Protected areas of the store's policy, of which nothing finer is published: {'; '.join(named)}."
    if manifest["sensitive_places"] is not None:
        yield words.PLACES_ARE_PUBLIC
    yield words.STALE_IS_PUBLIC
    yield words.LOG_IS_PUBLIC


def _products(manifest: Manifest) -> Iterable[str]:
    for table, levels in manifest["rows"].items():
        for level, count in levels.items():
            yield f"{table}, {_said(level).replace('/', ', ')}: {count['rows']} rows of {count['domain']}"


def _shares(manifest: Manifest) -> Iterable[str]:
    whole = read_rho(manifest["privacy"]["rho"])
    by_statistic: dict[str, Fraction] = {}
    for payment in _payments(manifest):
        by_statistic[payment["statistic"]] = by_statistic.get(payment["statistic"], Fraction(0)) + _rho(payment)
    for statistic, rho in by_statistic.items():
        share = f" ({float(rho / whole):.1%})" if whole else ""
        yield f"{_said(statistic)}: rho {_said(rho)}{share}. {words.BOUNDED[_kind(statistic)]}"


def _drawn(manifest: Manifest) -> Iterable[str]:
    for payment in _payments(manifest):
        level = "" if payment["resolution"] is None else f", H3 {payment['resolution']}"
        yield (
            f"{_said(payment['statistic'])}{level}, {_said(payment['part'])}: rho {float(_rho(payment)):.4g}, squared "
            f"L2 sensitivity {payment['squared_sensitivity']}, noise scale {float(payment['noise_scale']):.6g}, "
            f"{payment['values']} numbers"
        )


def _kind(statistic: str) -> str:
    return statistic if statistic in words.BOUNDED else words.DISTRIBUTION


def _payments(manifest: Manifest) -> list[Mapping[str, Any]]:
    return list(manifest["measurement"]["payments"])


def _rho(payment: Mapping[str, Any]) -> Fraction:
    return read_rho(payment["rho"])


def _publisher(manifest: Manifest, key: str) -> str:
    """What the policy says of who lets it out; nothing where it says nothing."""
    return _said((manifest["publisher"] or {}).get(key) or "")


def _policy(manifest: Manifest) -> str:
    """What the policy asks for, and what this release rests on."""
    asked = words.POLICIES.get(manifest["policy"], f"The store's policy is {_said(manifest['policy'])}.")
    grounds = manifest["grounds"]
    assessed, approved = grounds["assessment"], grounds["approval"]
    return asked + words.GROUNDS.format(
        officer=_said(grounds["officer"] or words.NOBODY),
        assessment=f"SHA-256 {_said(assessed['digest'])}, approved by {_said(assessed['approver'])}"
        if assessed
        else words.NONE,
        approver=_said(approved["approver"] if approved else words.NOBODY),
        recipients=", ".join(_said(each["name"]) for each in grounds["recipients"]) or words.NO_RECIPIENTS,
    )


def _places(manifest: Manifest) -> str:
    listed = manifest["sensitive_places"]
    if listed is None:
        return words.NO_PLACES
    return words.PLACES.format(version=listed["version"], digest=_said(listed["digest"]))


def _window(manifest: Manifest) -> dict[str, Any]:
    window = manifest["window"]
    first, after = (datetime.fromisoformat(day) for day in str(window["name"]).split("/"))
    told = {key: _said(window[key]) for key in ("start", "end", "timezone", "hours")}
    return told | {"days": (after - first).days}


def _region(manifest: Manifest) -> str:
    """Where, in a few words: a long list of cells is in the manifest."""
    ((form, where),) = manifest["region"].items()
    if form == "bbox":
        west, south, east, north = map(_said, where)
        found = f"longitude {west} to {east}, latitude {south} to {north} (WGS84 degrees)"
    elif form == "geojson":
        found = f"the area of {_said(where)}"
    else:
        found = f"{len(where)} H3 cells, beginning with {', '.join(_said(cell) for cell in where[:5])}"
    return f"{manifest['region_cells']} H3 cells of resolution 7: {found}."


# --- how it is written -----------------------------------------------------------------------------------------------


def _said(value: object) -> str:
    """What somebody wrote, on one line, without what Markdown would take for a mark."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(value)).split())
    return _MARKS.sub(lambda mark: f"&#{ord(mark[0])};", line)


def _epsilon(value: Any) -> str:
    """Four digits, rounded so that nothing better is claimed."""
    return f"{_CLAIMED.create_decimal(float(value)):f}"


def _listed(items: Iterable[str]) -> str:
    return "".join(f"- {item}\n" for item in items)
