"""``UserDefinedMessages`` and their subscriptions: between an application and a client SDK (spec section 4.11).

They travel on the signalling of a browser or a mobile client. A telephone has nothing that would take them, so a call of one
is told apart: its request is checked like any other, and then refused.
"""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response

from voice.account import Account
from voice.api.authentication import NOT_FOUND, authenticate
from voice.api.errors import ApiError
from voice.api.fields import method, read_fields, url
from voice.call import Call
from voice.registry import Registry

MISSING = 20001
LONGEST_CONTENT = 10_000
"""Characters."""


class UserDefinedMessages:
    """The two resources of the live calls."""

    def __init__(self, account: Account, registry: Registry) -> None:
        self._account = account
        self._registry = registry

    async def create(self, request: Request) -> Response:
        """Send a message to the client of a call."""
        call, fields = self._find(request), await read_fields(request)
        content = fields.get("Content", "")
        if not content or len(content) > LONGEST_CONTENT or not _is_json(content):
            raise ApiError(400, MISSING, f"Content must be JSON of at most {LONGEST_CONTENT} characters")
        raise _no_client(call)

    async def subscribe(self, request: Request) -> Response:
        """Have the messages of a call's client sent to a URL."""
        call, fields = self._find(request), await read_fields(request)
        if not url(fields, "Callback"):
            raise ApiError(400, MISSING, "Callback is required")
        method(fields, "Method")
        raise _no_client(call)

    async def unsubscribe(self, request: Request) -> Response:
        """End a subscription, of which there are none."""
        self._find(request)
        raise _not_found(request)

    def _find(self, request: Request) -> Call:
        authenticate(request, self._account)
        line = self._registry.by_sid(request.path_params["call"])
        if request.path_params["account"] != self._account.sid or line is None:
            raise _not_found(request)
        return line.call


def _not_found(request: Request) -> ApiError:
    return ApiError(404, NOT_FOUND, f"The requested resource {request.url.path} was not found")


def _no_client(call: Call) -> ApiError:
    """For a call without such a client the resource does not exist (which code Twilio gives is unconfirmed)."""
    return ApiError(404, NOT_FOUND, f"{call.sid} is a SIP call: only calls of a client SDK take user-defined messages")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
