"""Checking a release with nothing but its folder: digests, parameters, and what the tables claim of themselves.

A folder may come from anybody. Whatever is in it, the answer is a list of checks, or one of two errors that say why
there is none.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hereabouts import __version__
from hereabouts.errors import BadInputError, MachineError, UsageError, VerificationError
from hereabouts.log.note import Verifier
from hereabouts.privacy.accounting import GRID, delta_of, epsilon_of, scale_of, variance_for
from hereabouts.privacy.bounding import NORM_BINS, SCALE
from hereabouts.release.claims import COLUMNS, wrong_claims
from hereabouts.release.logged import PROOF, check_logged
from hereabouts.release.manifest import FORMAT, NAME, STALE, digest_of
from hereabouts.release.parts import wrong_parts, wrong_window
from hereabouts.release.proofs import PAID_BY_DEVICE, is_proved, wrong_distributions, wrong_visitors
from hereabouts.release.registry import NAME as REGISTRY
from hereabouts.release.registry import registry
from hereabouts.release.restated import read_rho, restated_payments

_ALWAYS = ("README.md", REGISTRY, "report.html")


@dataclass(frozen=True)
class Check:
    """One thing that was checked, and what was found."""

    name: str
    passed: bool
    found: str


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a release's folder.

    Raises
    ------
    BadInputError
        When there is none, or it is not one that this version knows.
    MachineError
        When it may not be read.
    """
    path = folder / NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse)
    except (FileNotFoundError, NotADirectoryError):
        raise BadInputError(folder, f"holds no {NAME}: expected the folder of a release") from None
    except (ValueError, RecursionError, IsADirectoryError):
        raise BadInputError(path, "is not JSON: the file was altered or cut short") from None
    except OSError as error:
        raise MachineError(f"cannot read {path}: {error.strerror}") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        got = content.get("format") if isinstance(content, dict) else type(content).__name__
        raise BadInputError(path, f"got manifest format {got}, this version reads {FORMAT}: use a newer hereabouts")
    return content


def check_release_folder(folder: Path, log: Verifier | None = None) -> list[Check]:
    """Every check that needs the folder alone, in order.

    Parameters
    ----------
    folder
        The release's folder.
    log
        The key of the log that it must be in. Without it the one that the release itself names is taken, which shows
        that nothing was altered since it was logged, and not by whom.

    Raises
    ------
    BadInputError
        When there is no manifest to check against.
    VerificationError
        When the manifest lacks what a check needs.
    MachineError
        When a file may not be read.
    """
    manifest = read_manifest(folder)
    try:
        checks = [
            _files(folder, manifest),
            _total(manifest),
            _restated(manifest),
            *_tighter(manifest),
            *_noise(manifest),
            _sound("window", wrong_window(manifest["window"]), "as long as its name says"),
            _sound("parts", wrong_parts(manifest), "every part paid for, once"),
            _statistics(manifest),
            _budget(manifest),
            _key(manifest),
            _stale(manifest),
            _logged(folder, manifest, log),
        ]
        if not checks[0].passed:
            return checks
        checks.append(_registry(folder, manifest))
        for table in manifest["rows"]:
            content = pq.read_table(folder / f"{table}.parquet")
            checks += [
                Check(f"{table}: {name}", not bad, bad or "as claimed")
                for name, bad in wrong_claims(table, content, manifest)
            ]
    except PermissionError as error:
        raise MachineError(f"cannot read {error.filename}: {error.strerror}") from None
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, OSError, UsageError) as error:
        raise _garbled(folder, error) from None
    except (pa.ArrowException, RecursionError) as error:
        raise _garbled(folder, error) from None
    return checks


def _garbled(folder: Path, error: Exception) -> VerificationError:
    return VerificationError(
        f"{folder / NAME} lacks or garbles what has to be checked ({type(error).__name__}: {error}): it is not a "
        "release as this version writes it"
    )


def _refuse(constant: str) -> None:
    raise ValueError(f"got {constant}, which is not JSON")


def _files(folder: Path, manifest: dict[str, Any]) -> Check:
    listed = manifest["files"]
    there = {path.name for path in folder.iterdir()} - {NAME, PROOF}
    expected = {*_ALWAYS, *(f"{table}.parquet" for table in manifest["rows"])}
    wrong = [f"{name} is missing" for name in (listed.keys() | expected) - there]
    wrong += [f"{name} is not in the manifest" for name in there - listed.keys()]
    wrong += [f"{name} was altered" for name in listed.keys() & there if digest_of(folder / name) != listed[name]]
    return Check("files", not wrong, "; ".join(sorted(wrong)) or f"{len(listed)} files as listed")


def _registry(folder: Path, manifest: dict[str, Any]) -> Check:
    """The registry's entry says what the manifest says; how it says that is each version's own."""
    if manifest["code_version"] != __version__:
        return Check("registry entry", True, f"not compared: written by hereabouts {manifest['code_version']}")
    same = (folder / REGISTRY).read_bytes() == registry(manifest).encode()
    return Check("registry entry", same, "as the manifest says" if same else f"{REGISTRY} is not made of this manifest")


def _sound(name: str, wrong: Iterable[str], found: str) -> Check:
    told = "; ".join(wrong)
    return Check(name, not told, told or found)


def _total(manifest: dict[str, Any]) -> Check:
    paid = sum((read_rho(p["rho"]) for p in manifest["measurement"]["payments"]), Fraction(0))
    whole = read_rho(manifest["privacy"]["rho"])
    return Check("rho adds up", paid == whole, f"parts {paid}, whole {whole}")


def _restated(manifest: dict[str, Any]) -> Check:
    """Epsilon and delta say what rho does: no less, which would be false, and no more, which was not what was paid."""
    privacy = manifest["privacy"]
    rho, epsilon, claimed = read_rho(privacy["rho"]), float(privacy["epsilon"]), float(privacy["delta"])
    delta = delta_of(rho, epsilon)
    exact = delta <= claimed < delta_of(rho + 2 * GRID, epsilon)
    wrong = [] if exact else [f"rho gives delta {delta:.3g} at epsilon {epsilon:g}, claimed {claimed:.3g}"]
    for name in ("window_spent", "window_budget", "lifetime"):
        cost = privacy[name]
        rho, claimed = read_rho(cost["rho"]), float(cost["epsilon"])
        epsilon = epsilon_of(rho, float(cost["delta"])) if rho else 0.0
        if not math.isclose(epsilon, claimed, rel_tol=1e-12):
            wrong.append(f"{name}: rho is epsilon {epsilon:.9g}, claimed {claimed:.9g}")
    return Check("epsilon and delta", not wrong, "; ".join(wrong) or f"rho gives delta {delta:.3g} at this epsilon")


def _tighter(manifest: dict[str, Any]) -> Iterator[Check]:
    """The tighter restatement says what its proof gives for these payments, by the same bound."""
    if "restated" not in manifest["privacy"]:  # releases of earlier versions claim none
        return
    claim = manifest["privacy"]["restated"]
    payments = manifest["measurement"]["payments"]
    proved = restated_payments(
        ((p["part"], read_rho(p["rho"]), int(p["squared_sensitivity"])) for p in payments),
        float(manifest["privacy"]["delta"]),
    )
    same = math.isclose(claim["epsilon"], proved.epsilon, rel_tol=1e-9) and claim["delta"] == proved.delta
    yield Check(
        "epsilon restated",
        same and claim["bound"] == proved.bound,
        f"claimed {claim['epsilon']:.9g}, the payments give {proved.epsilon:.9g} ({proved.bound})",
    )


def _noise(manifest: dict[str, Any]) -> Iterator[Check]:
    payments = manifest["measurement"]["payments"]
    levels = sum(1 for payment in payments if payment["part"] == "pairs")
    for payment in payments:
        stated = payment["squared_sensitivity"]
        asked = scale_of(variance_for(stated, read_rho(payment["rho"])))
        scale = float(payment["noise_scale"])
        level = "" if payment["resolution"] is None else f" {payment['resolution']}"
        name = f"noise of {payment['statistic']}{level} {payment['part']}"
        proved = (
            is_proved(payment, payments, manifest["window"])
            if payment["statistic"] in PAID_BY_DEVICE
            else _is_proved(str(payment["part"]).partition("/")[0], stated, manifest["window"]["hours"], levels)
        )
        enough = scale >= asked and math.isclose(scale, asked, rel_tol=1e-9)
        found = f"scale {scale:.6g}, its rho asks for {asked:.6g}"
        yield Check(
            name, proved and enough, found if proved else f"no proof note gives it sensitivity {stated} squared"
        )


def _is_proved(part: str, stated: int, hours: int, levels: int) -> bool:
    """Whether a squared sensitivity is what the proof notes give for that part; the two bounds are powers of two."""
    match part:
        case "hours":
            return bool(stated == hours)
        case "norms":
            return bool(stated == levels + 1)
        case "totals":
            return stated in {levels * 4**power * SCALE**2 for power in range(NORM_BINS)}
        case "slot-norms":
            return bool(stated == 1)
        case "pairs" | "slots":
            return stated in {2**power * SCALE**2 for power in range(NORM_BINS)}
    return False


def _statistics(manifest: dict[str, Any]) -> Check:
    """What is said of each level is what was paid for it."""
    payments = [p for p in manifest["measurement"]["payments"] if p["statistic"] not in PAID_BY_DEVICE]
    paid = {(p["statistic"], p["resolution"], p["part"]): p for p in payments}
    wrong = [*wrong_visitors(manifest), *wrong_distributions(manifest)]
    for table, part in (("presence", "hours"), ("flows", "pairs")):
        levels = manifest["statistics"].get(table, {"levels": []})["levels"]
        told = {f"{x['resolution']}/{period}" for x in levels for period in x["periods"]}
        slots = manifest["statistics"].get(table, {}).get("slots", [])
        told |= {f"{x['resolution']}/{x['period']}" for x in slots}
        if told != set(manifest["rows"].get(table, ())):
            wrong.append(
                f"{table}: got rows of {', '.join(manifest['rows'].get(table, ()))}, expected {', '.join(sorted(told))}"
            )
        for level in [*levels, *slots]:
            period = level.get("period")
            payment = paid.pop((table, level["resolution"], part if period is None else f"slots/{period}"))
            paid.pop((table, level["resolution"], f"slot-norms/{period}"), None)
            claims = {"rho": level["rho"], "noise": level["noise_sd_hour" if table == "presence" else "noise_sd"]}
            truth = {"rho": payment["rho"], "noise": payment["noise_scale"]}
            if table == "flows":
                claims |= {"pairs": level["pairs_measured"], "bound": level["bound"] * SCALE}
                truth["noise"] /= SCALE
                truth |= {"pairs": payment["values"] / level.get("slots", 1)}
                truth |= {"bound": payment["squared_sensitivity"] ** 0.5}
            wrong += [
                f"{table} {level['resolution']}: {name} {claims[name]}, paid for {truth[name]}"
                for name in claims
                if not _same(claims[name], truth[name])
            ]
    wrong += [f"{table} {level} was paid for and is not among them" for table, level, _ in paid if level is not None]
    if manifest["statistics"].keys() != manifest["rows"].keys() or not manifest["rows"].keys() <= COLUMNS.keys():
        wrong.append(f"got statistics {list(manifest['statistics'])} and rows of {list(manifest['rows'])}")
    return Check("statistics as paid for", not wrong, "; ".join(wrong) or "each level as its payment")


def _same(claim: Any, truth: Any) -> bool:
    return bool(claim == truth if isinstance(truth, str) else math.isclose(claim, truth, rel_tol=1e-9))


def _budget(manifest: dict[str, Any]) -> Check:
    privacy = manifest["privacy"]
    own, spent = read_rho(privacy["rho"]), read_rho(privacy["window_spent"]["rho"])
    budget, lifetime = read_rho(privacy["window_budget"]["rho"]), read_rho(privacy["lifetime"]["rho"])
    within = own <= spent <= min(budget, lifetime)
    return Check("within the budget", within, f"this {own}, window {spent}, budget {budget}, lifetime {lifetime}")


def _key(manifest: dict[str, Any]) -> Check:
    """What a ledger would be asked for."""
    key, window = manifest["measurement"]["key"], manifest["window"]["name"]
    told = all(isinstance(text, str) for text in (key, window)) and bool(re.fullmatch(r"[0-9a-f]{64}", key))
    return Check("measurement key", told, f"{key} in window {window}")


def _stale(manifest: dict[str, Any]) -> Check:
    """A release of an earlier measurement says so to machines and to people alike."""
    stale, told = manifest.get("stale", False), STALE in manifest["notes"]
    return Check("staleness", stale is told, f"got stale {stale}, and {'a' if told else 'no'} note that says so")


def _logged(folder: Path, manifest: dict[str, Any], log: Verifier | None) -> Check:
    """It is in the log; by which key is told where nobody said which one it has to be."""
    verifier = log or Verifier.parse(manifest["log"]["key"])
    try:
        found = check_logged(folder, digest_of(folder / NAME), verifier)
    except VerificationError as error:
        return Check("log", False, str(error))
    return Check("log", True, found if log else f"{found}; the signer is not pinned: give --log-key")
