"""The sounds that a page's SDK rings with, which it otherwise loads from its maker: an own switch needs nobody else's host.

Made here, of the tones of telephone networks. Pages of any origin may load them: they are no secret.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from media.dtmf import tones
from media.frame import Samples
from media.tone import beep, ringback
from media.wav import header

PATH = "/client/sounds"
RATE = 16_000
HEADERS = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}


SOUNDS: dict[str, Callable[[], Samples]] = {
    "incoming": partial(ringback, "uk", RATE),
    "outgoing": partial(ringback, "us", RATE),
    "disconnect": partial(beep, RATE),
    **{f"dtmf-{digit}": partial(tones, digit, RATE) for digit in "0123456789"},
    "dtmf-star": partial(tones, "*", RATE),
    "dtmf-hash": partial(tones, "#", RATE),
}
"""By the names of the files that the SDK asks for."""


@cache
def _file(name: str) -> bytes:
    samples = SOUNDS[name]()
    return header(RATE, 1, len(samples)) + samples.astype("<i2").tobytes()


async def _serve(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in SOUNDS:
        return Response(status_code=404)
    return Response(_file(name), media_type="audio/wav", headers=HEADERS)


def make_sounds() -> list[BaseRoute]:
    """The routes of the sounds."""
    return [Route(PATH + "/{name}.wav", _serve)]
