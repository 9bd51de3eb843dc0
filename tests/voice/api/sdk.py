"""The official SDK, which talks to a world's HTTP side on a real port."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from tests.serving import serving
from tests.voice.exchange import ACCOUNT, World
from voice.accounts.accounts import Account

CLOUD = "https://api.twilio.com"

T = TypeVar("T")


class _Redirected(TwilioHttpClient):  # type: ignore[misc]
    """Sends to ``server`` what is meant for the cloud."""

    def __init__(self, server: str) -> None:
        super().__init__(pool_connections=False)
        self._server = server

    def request(self, method: str, url: str, *arguments: Any, **more: Any) -> Response:
        """See HttpClient."""
        assert url.startswith(CLOUD)
        return super().request(method, self._server + url.removeprefix(CLOUD), *arguments, **more)


@contextlib.asynccontextmanager
async def served(world: World) -> AsyncIterator[Callable[..., Client]]:
    """Serve a world; what is given makes clients, of the main account unless told otherwise."""
    async with serving(world.app()) as port:

        def client(account: Account = ACCOUNT) -> Client:
            return Client(account.sid, account.auth_token, http_client=_Redirected(f"http://127.0.0.1:{port}"))

        yield client


async def ask(work: Callable[[], T]) -> T:
    """Let the SDK, which waits for its answers, do something in a thread of its own."""
    return await asyncio.to_thread(work)
