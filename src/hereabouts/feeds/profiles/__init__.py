"""Profiles as TOML files: those that are shipped here, and those that a person writes.

``canonical.toml`` has every key that there is. What columns come from where is told in each file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from hereabouts.errors import MachineError, UsageError
from hereabouts.feeds.profile import Profile
from hereabouts.feeds.profiles.schema import profile_of

__all__ = ["load_profile", "shipped", "shipped_toml"]

_ENDING = ".toml"


def load_profile(name_or_path: str) -> Profile:
    """Give a profile by the name of a shipped one, or by the path of a TOML file.

    Parameters
    ----------
    name_or_path
        A shipped profile's name, or a path that ends in ``.toml``.

    Raises
    ------
    UsageError
        If there is none, it is not TOML, or a key is unknown, missing or has a wrong value: the message names file and
        key.
    MachineError
        If the file may not be read.
    """
    if name_or_path in shipped():
        return shipped()[name_or_path]
    path = Path(name_or_path)
    if path.suffix.lower() != _ENDING:
        raise UsageError(
            f"got profile '{name_or_path}'; expected one of {', '.join(shipped())}, or the path of a file that ends in "
            f"{_ENDING}; `hereabouts profile propose SAMPLE` writes one for a feed"
        )
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise UsageError(f"{path}: there is no such file; expected a profile") from error
    except OSError as error:
        raise MachineError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8 text; expected TOML") from error
    profile = _parsed(text, str(path))
    # A receipt that says "canonical" must mean the canonical one.
    if shipped().get(profile.name, profile) != profile:
        raise UsageError(
            f"{path}: key 'name': '{profile.name}' is a shipped profile, and this is another one: rename it"
        )
    return profile


@cache
def shipped() -> Mapping[str, Profile]:
    """Give the shipped profiles by name, the canonical one first."""
    found = [_parsed(text, name + _ENDING) for name, text in shipped_toml().items()]
    return MappingProxyType({profile.name: profile for profile in found})


@cache
def shipped_toml() -> Mapping[str, str]:
    """Give the text of the shipped profiles by name, the canonical one first."""
    found = [file for file in files(__name__).iterdir() if file.name.endswith(_ENDING)]
    texts = {file.name.removesuffix(_ENDING): file.read_text(encoding="utf-8") for file in found}
    return MappingProxyType(dict(sorted(texts.items(), key=lambda named: (named[0] != "canonical", named[0]))))


def _parsed(text: str, source: str) -> Profile:
    try:
        return profile_of(tomllib.loads(text), source)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{source}: is not TOML ({error})") from error
