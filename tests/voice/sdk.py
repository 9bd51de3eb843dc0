"""The official SDK, speaking with the app of a World without a network, or with a server on this machine."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import urlsplit

import httpx
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import HttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from tests.voice.exchange import ACCOUNT, World


class Wire(HttpClient):  # type: ignore[misc]
    """Takes the SDK's requests to an app, whatever host they are for."""

    def __init__(self, world: World) -> None:
        super().__init__(logging.getLogger("sdk"), is_async=True)
        self._transport = httpx.ASGITransport(world.app())

    async def request(
        self,
        method: str,
        uri: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - as the SDK has it
        allow_redirects: bool = False,
    ) -> Response:
        """See HttpClient."""
        query = {name: value for name, value in (params or {}).items() if value is not None}
        async with httpx.AsyncClient(transport=self._transport) as client:
            answer = await client.request(method, uri, params=query or None, data=data, headers=headers, auth=auth)
        return Response(answer.status_code, answer.text, answer.headers)


class Elsewhere(TwilioHttpClient):  # type: ignore[misc]
    """The SDK's client, which takes its requests to another host."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    def request(self, method: str, url: str, *arguments: Any, **more: Any) -> Any:
        """See HttpClient."""
        there = urlsplit(url)._replace(scheme="http", netloc=f"127.0.0.1:{self._port}").geturl()
        return super().request(method, there, *arguments, **more)

    def close(self) -> None:
        """Close the connections."""
        self.session.close()


def sdk(world: World, user: str = ACCOUNT.sid, password: str = ACCOUNT.auth_token, account_sid: str | None = None) -> Client:
    """The SDK with the credentials of an account or a key."""
    return Client(user, password, account_sid, http_client=Wire(world))


async def refused(work: Any) -> tuple[int, int]:
    """The status and the code with which a request of the SDK is refused."""
    try:
        await work
    except TwilioRestException as error:
        return error.status, error.code
    except TwilioException as error:  # of lists
        answer = error.args[1]
        return answer.status_code, json.loads(answer.text)["code"]
    raise AssertionError("it was not refused")
