"""``/Tokens``: how browsers get through firewalls (spec section 4.13)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from voice.api.operation import Ask, post
from voice.api.parameters import Parameter, integer
from voice.api.shapes import Shape, anything, digits, moment, sid
from voice.api.shapes import text as string
from voice.settings import IceServer

USUAL_SECONDS = 86_400

TOKEN = Shape(
    "Token",
    {
        "account_sid": sid("AC"),
        "username": string(),
        "password": string(),
        "ttl": digits(),
        "ice_servers": anything("array"),
        "date_created": moment(),
        "date_updated": moment(),
    },
)


class Tokens:
    """The resource."""

    def __init__(self, servers: Iterable[IceServer], wall: Callable[[], datetime]) -> None:
        self._servers = tuple(servers)
        self._wall = wall

    @post("/Tokens", TOKEN, takes=(Parameter("Ttl", integer(1, USUAL_SECONDS)),), status=201)
    async def create(self, ask: Ask) -> Mapping[str, Any]:
        """Tell the STUN and TURN servers of the settings, with credentials that expire after ``Ttl`` seconds where they can."""
        now, ttl = self._wall(), ask.form.get("ttl", USUAL_SECONDS)
        name = f"{int(now.timestamp()) + ttl}:{secrets.token_hex(16)}"
        entries = [_entry(server, name) for server in self._servers]
        first = next((entry for entry in entries if "username" in entry), {"username": name, "credential": secrets.token_hex(16)})
        return {
            "account_sid": ask.account.sid,
            "username": first["username"],
            "password": first["credential"],
            "ttl": ttl,
            "ice_servers": entries,
            "date_created": now,
            "date_updated": now,
        }


def _entry(server: IceServer, name: str) -> dict[str, str]:
    """A server as RTCPeerConnection takes it."""
    if server.shared_secret:
        return {"urls": server.urls, "username": name, "credential": _password(server.shared_secret, name)}
    if server.username:
        return {"urls": server.urls, "username": server.username, "credential": server.credential}
    return {"urls": server.urls}


def _password(secret: str, name: str) -> str:
    """What a TURN server with a shared secret expects of a name that begins with the end of its validity in Unix time
    (draft-uberti-behave-turn-rest-00, section 2.2)."""
    return base64.b64encode(hmac.new(secret.encode(), name.encode(), hashlib.sha1).digest()).decode()
