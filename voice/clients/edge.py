"""What a page's SDK is told of where it is connected to, so that it finds us again when its connection is lost in a call.

The SDK comes back to ``wss://voice-js.<edge>.twilio.com/signal`` unless its page has set a host. A page that has reached us
by the public option ``edge`` alone has written our host into that name, with a query that swallows the rest.
"""

from __future__ import annotations

PREFIX, SUFFIX = "voice-js.", ".twilio.com"
QUERY = f"{SUFFIX}/signal"
USUAL = "local"


def edge_of(host: str, path: str, query: str) -> str:
    """The edge that leads to a WebSocket again, from the Host header and the URL of its handshake. Pure."""
    if query == QUERY:
        return f"{host.removeprefix(PREFIX)}{path}?" if host.startswith(PREFIX) else f"@{host}{path}?"
    if host.startswith(PREFIX) and host.endswith(SUFFIX):
        return host.removeprefix(PREFIX).removesuffix(SUFFIX)
    return USUAL
