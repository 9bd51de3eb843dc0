"""The files of the page, and one call as a file of its own that opens offline."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from voice.console.gate import HEADERS

_KINDS = {"html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
NAMES = ("index.html", "console.css", "console.js", "calls.js", "inspector.js", "timeline.js", "editor.js", "dom.js")


@cache
def read_page(name: str) -> str:
    """The text of a file of the page."""
    return (files("voice.console") / "static" / name).read_text(encoding="utf-8")


async def serve_page(request: Request) -> Response:
    """``/`` and ``/console/static/…``."""
    name = request.path_params.get("name", "index.html")
    if name not in NAMES:
        return Response(status_code=404, headers=HEADERS)
    return Response(read_page(name), headers={**HEADERS, "Content-Type": _KINDS[name.rpartition(".")[2]]})


def export(call: Mapping[str, object]) -> str:
    """A page that holds a call's timeline, its style and its program; it asks nobody for anything."""
    data = json.dumps(call, ensure_ascii=True).replace("<", "\\u003c")
    program = _joined("dom.js", "timeline.js")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'; "
        "style-src 'unsafe-inline'; img-src data:\">"
        f'<title>{escape(str(call["sid"]))}</title><link rel="icon" href="data:,">'
        f"<style>{read_page('console.css')}</style></head>"
        f'<body><main id="view"></main><script type="application/json" id="call">{data}</script>'
        f'<script type="module">{program}\nconst call = JSON.parse(document.getElementById("call").textContent);\n'
        'document.getElementById("view").append(new Timeline(call).element);</script></body></html>\n'
    )


def _joined(*names: str) -> str:
    """Modules in one: their imports and exports are of no use there."""
    lines = [line for name in names for line in read_page(name).splitlines() if not line.startswith("import ")]
    return "\n".join(line.removeprefix("export ") for line in lines)
