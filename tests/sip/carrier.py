"""A trunk that demands digest credentials, and some that answer with absurd things; plain text over UDP."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable
from typing import cast

from sip.message import Message, parse_message

USER, PASSWORD, REALM, NONCE = "trunk-user", "secret", "carrier", "4f7a1c"
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"


def respond(request: Message, status: str, *fields: str, body: str = "", kind: str = "application/sdp") -> bytes:
    """A response that copies what it has to (RFC 3261 section 8.2.6)."""
    lines = [f"SIP/2.0 {status}"]
    for name, value in request.headers:
        if name.lower() in ("via", "from", "call-id", "cseq"):
            lines.append(f"{name}: {value}")
        elif name.lower() == "to":
            lines.append(f"To: {value}" if "tag=" in value else f"To: {value};tag=carrier")
    if body:
        lines.append(f"Content-Type: {kind}")
    return "\r\n".join([*lines, *fields, f"Content-Length: {len(body)}", "", body]).encode()


def digest(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def proves_itself(request: Message) -> bool:
    """Whether the credentials are right (RFC 2617 section 3.2.2.1)."""
    parts = dict(re.findall(r'(\w+)="?([^",]*)"?', request.header("authorization")))
    if parts.get("username") != USER:
        return False
    proof = digest(f"{USER}:{REALM}:{PASSWORD}"), digest(f"INVITE:{parts['uri']}")
    middle = f"{NONCE}:{parts['nc']}:{parts['cnonce']}:{parts['qop']}"
    return bool(parts["response"] == digest(f"{proof[0]}:{middle}:{proof[1]}"))


def challenge(request: Message) -> bytes:
    if proves_itself(request):
        return respond(request, "200 OK", "Contact: <sip:carrier@127.0.0.1>", "X-Trunk: yes", body=SDP)
    field = f'WWW-Authenticate: Digest realm="{REALM}", nonce="{NONCE}", algorithm=MD5, qop="auth"'
    return respond(request, "401 Unauthorized", field)


def absurd_challenge(request: Message) -> bytes:
    field = f'WWW-Authenticate: Digest realm="{"r" * 3000}", nonce="{"n" * 3000}", algorithm=MD5, qop="auth"'
    return respond(request, "401 Unauthorized", field)


def absurd_answer(request: Message) -> bytes:
    body = SDP + "m=audio 9 RTP/AVP 0\r\n" * 40
    return respond(request, "200 OK", "Contact: <sip:carrier@127.0.0.1>", body=body)


def absurd_ptime(request: Message) -> bytes:
    body = SDP + "a=ptime:65535\r\na=maxptime:65535\r\n"
    return respond(request, "200 OK", "Contact: <sip:carrier@127.0.0.1>", body=body)


def refuses_codecs(request: Message) -> bytes:
    return respond(request, "488 Not Acceptable Here")


def speaks_otherwise(request: Message) -> bytes:
    body = SDP.replace("RTP/AVP 0", "RTP/AVP 18").replace("0 PCMU", "18 G729")
    return respond(request, "200 OK", "Contact: <sip:carrier@127.0.0.1>", body=body)


REPLIES: dict[str, Callable[[Message], bytes]] = {
    "absurd-challenge": absurd_challenge,
    "absurd-answer": absurd_answer,
    "absurd-ptime": absurd_ptime,
    "refuses-codecs": refuses_codecs,
    "speaks-otherwise": speaks_otherwise,
}


class Carrier(asyncio.DatagramProtocol):
    """Answers each INVITE by its user part; anybody unknown is challenged."""

    def __init__(self) -> None:
        self._transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def uri(self, user: str) -> str:
        host, port = self._transport.get_extra_info("sockname")
        return f"sip:{user}@{host}:{port}"

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        request = parse_message(data.decode())
        if request.method == "INVITE":
            user = request.request_uri.partition(":")[2].partition("@")[0]
            self._transport.sendto(REPLIES.get(user, challenge)(request), address)
        elif request.method in ("BYE", "CANCEL"):
            self._transport.sendto(respond(request, "200 OK"), address)

    def close(self) -> None:
        self._transport.close()
