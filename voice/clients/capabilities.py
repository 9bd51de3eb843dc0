"""The scopes of capability tokens, which pages with twilio-client 1.x show in place of access tokens. Pure.

``scope`` names what is allowed, each as ``scope:<service>:<privilege>?<parameters>``, with spaces between.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

MOST_SCOPES = 20
NOBODY = "Anonymous"
"""What a client is called whose token names none."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a token allows."""

    name: str = NOBODY
    callable: bool = False
    application_sid: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    """Told to the application."""


def read_scope(scope: str) -> Capabilities:
    """The capabilities that a scope has of those we know."""
    found: dict[str, dict[str, str]] = {}
    for each in scope.split(" ")[:MOST_SCOPES]:
        uri, _, query = each.partition("?")
        found.setdefault(uri.removeprefix("scope:"), dict(parse_qsl(query)))
    incoming, outgoing = found.get("client:incoming", {}), found.get("client:outgoing", {})
    name = incoming.get("clientName", "")
    return Capabilities(
        name or outgoing.get("clientName") or NOBODY,
        bool(name),
        outgoing.get("appSid", ""),
        tuple(parse_qsl(outgoing.get("appParams", ""), keep_blank_values=True)),
    )
