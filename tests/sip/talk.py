"""Calls that are set up byte by byte, so that everything about them can be said wrongly later."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from sip.events import Ended, LegId
from sip.message import Message
from tests.sip.near import Near
from tests.sip.rtp import Speaker
from tests.sip.wire import Wire

OURS = 400


class Talk(NamedTuple):
    """An answered call: the row it is heard in, our media port, and what requests inside it have to say."""

    row: int
    port: int
    user: str
    call_id: str
    tag: str
    leg: LegId
    answer: str
    """Our description."""


def offer(host: str, port: int) -> str:
    """PCMU at an address."""
    family = "IP6" if ":" in host else "IP4"
    head = f"v=0\r\no=- 1 1 IN {family} {host}\r\ns=-\r\nc=IN {family} {host}\r\nt=0 0\r\n"
    return head + f"m=audio {port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"


def media_port(answer: Message) -> int:
    """Where an answer wants audio."""
    found = re.search(r"m=audio (\d+)", answer.body)
    assert found is not None, answer.body
    return int(found[1])


async def call(near: Near, wire: Wire, user: str, body: str) -> Talk:
    """Call the endpoint, which answers and says ``OURS``."""
    wire.send(wire.request("INVITE", body, user=user))
    incoming, row = await near.answered(user)
    answer = await asyncio.to_thread(wire.final, incoming.call_id)
    tag = answer.header("to").rpartition("tag=")[2]
    wire.send(wire.request("ACK", user=user, call_id=incoming.call_id, to_tag=tag))
    near.say(row, OURS)
    return Talk(row, media_port(answer), user, incoming.call_id, tag, incoming.leg, answer.body)


@asynccontextmanager
async def talking(near: Near, wire: Wire, user: str, body: str) -> AsyncIterator[Talk]:
    """A call that lasts as long as the block, and no shorter."""
    talk = await call(near, wire, user, body)
    yield talk
    near.say(talk.row, 0)
    wire.send(wire.request("BYE", user=user, call_id=talk.call_id, to_tag=talk.tag, cseq=1_000_000))
    ended = (await near.all_events(talk.leg))[-1]
    assert isinstance(ended, Ended)
    assert ended.by_peer


@asynccontextmanager
async def conversing(
    near: Near, wire: Wire, user: str, hz: int, *, ssrc: int = 1, host: str = "127.0.0.1"
) -> AsyncIterator[tuple[Talk, Speaker]]:
    """The same with somebody who says a tone, which is heard before the block begins."""
    with Speaker((host, 9), hz, ssrc=ssrc) as friend:
        async with talking(near, wire, user, offer(host, friend.port)) as talk:
            friend.to = (host, talk.port)
            await near.hears(talk.row, hz)
            yield talk, friend
