"""Whose word is taken for who asks."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.ports import free_port
from voice.settings import Http
from voice.web.listeners import Listeners


async def tell(request: Request) -> Response:
    return PlainTextResponse(request.client.host if request.client is not None else "")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "203.0.113.9"),
        ({"trusted_proxies": (ip_network("127.0.0.1/32"), ip_network("10.0.0.0/8"))}, "203.0.113.9"),
        ({"trusted_proxies": (ip_network("10.0.0.0/8"),)}, "127.0.0.1"),
        ({"trusted_proxies": ()}, "127.0.0.1"),
    ],
)
async def test_only_proxies_that_are_trusted_say_for_whom_they_ask(settings: dict[str, Any], told: str) -> None:
    http = Http(port=free_port(), **settings)
    listeners = Listeners(Starlette(routes=[Route("/", tell)]), http, None)
    await listeners.start()
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"http://127.0.0.1:{http.port}/", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9"})
    finally:
        await listeners.stop()
    assert answer.text == told
