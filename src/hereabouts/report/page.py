"""The page: the template filled in, with script and style inside and a strict content security policy.

The maps are drawn with Canvas 2D by the scripts in ``assets/``, not with pydeck: its ``offline`` page still
links four files of a CDN, its bundle adds 4.2 MB to every report, and it draws nothing where WebGL is off
(remote desktops, locked-down machines). Ten thousand hexagons take Canvas 2D a few milliseconds, in any
browser, also on paper.

The policy allows the page's own script and style by their SHA-256 and images from ``data:``; nothing else can
be loaded or sent, unless the caller names a host of background tiles. Jinja escapes what comes from the
manifest, JSON is escaped for HTML on top.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import jinja2

from hereabouts.errors import UsageError
from hereabouts.report.payload import Payload

SCRIPTS = (
    "data.js",
    "text.js",
    "mapview.js",
    "basemap.js",
    "hexagons.js",
    "series.js",
    "rhythm.js",
    "presence.js",
    "flows.js",
    "main.js",
)
STYLES = ("report.css", "maps.css")
TEMPLATE = "report.html.j2"


def render(context: Mapping[str, Any], payload: Payload) -> str:
    """Render the page.

    Parameters
    ----------
    context
        What the template names, apart from the parts that are added here.
    payload
        The figures that the scripts draw.
    """
    script = "\n".join(_asset(name) for name in SCRIPTS)
    style = "\n".join(_asset(name) for name in STYLES)
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_asset),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(TEMPLATE).render(
        **context,
        policy=content_policy(script, style, payload.model["tiles"]),
        script=script,
        style=style,
        model=json_for_html(payload.model),
        blocks={name: block.text for name, block in payload.blocks.items()},
    )


def content_policy(script: str, style: str, tile_url: str | None) -> str:
    """Return the content security policy for these inline texts and, if given, one host of images."""
    images = "data:" if tile_url is None else f"data: {tile_origin(tile_url)}"
    return (
        f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(style)}; img-src {images}; "
        "base-uri 'none'; form-action 'none'"
    )


def tile_origin(tile_url: str) -> str:
    """Return scheme and host of a tile address.

    Raises
    ------
    UsageError
        The address is not http(s), or lacks one of ``{z}``, ``{x}``, ``{y}``.
    """
    parts = urlsplit(tile_url)
    plain = all(sign not in tile_url for sign in " ;,'\"<>\\@")
    whole = all(mark in parts.path + parts.query for mark in ("{z}", "{x}", "{y}"))
    if parts.scheme not in ("http", "https") or not parts.hostname or "{" in parts.netloc or not (whole and plain):
        raise UsageError(
            f"tile address {tile_url!r}: expected http(s)://host/…{{z}}/{{x}}/{{y}}…, "
            "with no spaces or quotes. Leave it out for a report that loads nothing."
        )
    return f"{parts.scheme}://{parts.netloc}"


def json_for_html(value: object) -> str:
    """Return JSON that cannot end the script element it stands in."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"


def _asset(name: str) -> str:
    return files("hereabouts.report").joinpath("assets", name).read_text(encoding="utf-8")
