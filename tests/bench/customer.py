"""A webhook fast enough not to be what is measured: python -m tests.bench.customer PORT CALLEE_PORT STREAM_PORT"""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import math
import struct
import sys
import wave
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import uvicorn
import uvloop

from tests.bench.application import Application, Gaps

SECONDS = 8
ROOM = 10
"""Callers of one conference, where there are many."""

Send = Callable[[Mapping[str, Any]], Awaitable[None]]


def tune() -> bytes:
    """The file that is played."""
    samples = [round(8000 * math.sin(i * 0.3) * math.sin(i * 0.001)) for i in range(8000 * SECONDS)]
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return file.getvalue()


_XML = (b"content-type", b"text/xml")
_DOCUMENTS = {
    "/menu": b"<Response><Gather timeout='3600'/></Response>",
    "/play": b"<Response><Play loop='0'>/tune.wav</Play></Response>",
    "/hang-up": b"<Response><Hangup/></Response>",
    "/record": b"<Response><Start><Recording/></Start><Record timeout='0' playBeep='false'/></Response>",
    "/conference": b"<Response><Dial><Conference beep='false' waitUrl=''>all</Conference></Dial></Response>",
    "/stream": b"<Response><Start><Stream url='ws://127.0.0.1:%d/listen'/></Start><Gather timeout='3600'/></Response>",
    "/echo-stream": b"<Response><Connect><Stream url='ws://127.0.0.1:%d/echo'/></Connect></Response>",
    "/client": b"<Response><Dial><Client>listener</Client></Dial></Response>",
    "/pair": b"<Response><Dial><Sip>sip:callee@127.0.0.1:%d</Sip></Dial></Response>",
}
_TUNE = tune()
_ROOM = "<Response><Dial><Conference beep='false' waitUrl=''>%d</Conference></Dial></Response>"
_GUESTS = itertools.count()
_GAPS = Gaps()


def document(path: str) -> bytes:
    """What a call is to do."""
    if path == "/rooms-of-10":
        return (_ROOM % (next(_GUESTS) // ROOM)).encode()
    return _DOCUMENTS.get(path, b"<Response/>")


async def app(scope: Mapping[str, Any], receive: Callable[[], Awaitable[Mapping[str, Any]]], send: Send) -> None:
    """Plain ASGI."""
    while (await receive()).get("more_body"):
        pass
    path = scope["path"]
    if path == "/tune.wav":
        headers, body = [(b"content-type", b"audio/wav"), (b"cache-control", b"max-age=3600"), (b"etag", b'"tune"')], _TUNE
    elif path == "/gaps":
        headers, body = [(b"content-type", b"application/json")], json.dumps(_GAPS.take()).encode()
    else:
        headers, body = [_XML], document(path)
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def main(port: int, callee_port: int, stream_port: int) -> None:
    """Serve until the end."""
    _DOCUMENTS["/pair"] %= callee_port
    for path in ("/stream", "/echo-stream"):
        _DOCUMENTS[path] %= stream_port
    config = uvicorn.Config(app, port=port, log_level="critical", access_log=False, lifespan="off", backlog=2048, ws="none")
    loop = asyncio.get_running_loop()
    async with await loop.create_server(lambda: Application(_GAPS), "127.0.0.1", stream_port):
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.run(main(*map(int, sys.argv[1:4])))
