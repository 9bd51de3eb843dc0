"""The files of the page, and one call as a file of its own that opens offline."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from voice.console.gate import HEADERS

_KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
STYLES = ("console.css", "pages.css", "inspector.css")
"""Of an exported call."""
PROGRAM = ("dom.js", "format.js", "xml.js", "story.js", "wave.js", "timeline.js", "details.js", "entries.js", "report.js")
"""Likewise: no module of them takes anything from one that is not here, or stands after it."""


@cache
def page_names() -> frozenset[str]:
    """What is served."""
    return frozenset(file.name for file in (files("voice.console") / "static").iterdir())


@cache
def read_page(name: str) -> str:
    """The text of a file of the page."""
    return (files("voice.console") / "static" / name).read_text(encoding="utf-8")


async def serve_page(request: Request) -> Response:
    """``/`` and ``/console/static/…``; asked for each time, sent only when changed."""
    name = request.path_params.get("name", "index.html")
    if name not in page_names():
        return Response(status_code=404, headers=HEADERS)
    text = read_page(name)
    headers = {**HEADERS, "Cache-Control": "no-cache", "ETag": _tag(text), "Content-Type": _KINDS[name.rpartition(".")[2]]}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(text, headers=headers)


def export(call: Mapping[str, object]) -> str:
    """A page that holds a call's timeline, its style and its program; it asks nobody for anything."""
    data = json.dumps(call, ensure_ascii=True).replace("<", "\\u003c")
    style = "\n".join(map(read_page, STYLES))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'; "
        "style-src 'unsafe-inline'; img-src data:\">"
        f'<title>{escape(str(call["sid"]))}</title><link rel="icon" href="data:,">'
        f'<style>{style}</style></head><body class="alone"><main id="view"></main>'
        f'<script type="application/json" id="call">{data}</script>'
        f'<script type="module">{_joined(*PROGRAM)}\nconst call = JSON.parse(document.getElementById("call").textContent);\n'
        'document.getElementById("view").append(new Report(call).element);</script></body></html>\n'
    )


@cache
def _tag(text: str) -> str:
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:20]}"'


def _joined(*names: str) -> str:
    """Modules in one: their imports and exports are of no use there."""
    lines = [line for name in names for line in read_page(name).splitlines() if not line.startswith("import ")]
    return "\n".join(line.removeprefix("export ") for line in lines)
