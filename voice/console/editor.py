"""What is wrong with a document while it is written."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from voice.console.gate import read_json
from voice.lint import lint_text

MOST_FINDINGS = 200


async def check(request: Request) -> Response:
    """The findings of ``strowger check`` on the ``text`` that JSON brings; nothing is changed by it."""
    try:
        text = str((await read_json(request))["text"])
    except (ValueError, KeyError):
        return JSONResponse({"message": "A text of at most 100 kB is expected."}, 400)
    found = await asyncio.to_thread(lint_text, text.encode(errors="replace"))
    return JSONResponse({"findings": [asdict(finding) for finding in found[:MOST_FINDINGS]]})
