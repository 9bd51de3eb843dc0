"""Where names lead is remembered, and shared out."""

from __future__ import annotations

from random import Random

from tests.nameserver import TTL, Zone, nameserver
from voice.trunks.resolver import Resolver
from voice.trunks.ways import MOST_NAMES, Ways

ZONE: Zone = {
    ("one.test", "A"): ("192.0.2.1",),
    ("two.test", "A"): ("192.0.2.2",),
    ("_sip._udp.home.test", "SRV"): ("10 1 5060 two.test.", "5 1 5070 one.test."),
}
FIRST, SECOND = "sip:192.0.2.1:5070;transport=udp;lr;hide", "sip:192.0.2.2:5060;transport=udp;lr;hide"


async def test_the_same_host_is_asked_for_once_until_its_records_expire() -> None:
    now = [0.0]
    async with nameserver(ZONE) as (server, address):
        ways = Ways(Resolver([address]), lambda: now[0], Random(1))
        assert await ways.routes("sip:alice@home.test") == (FIRST, SECOND)
        asked = len(server.asked)
        assert await ways.routes("sip:bob@home.test") == (FIRST, SECOND)
        assert len(server.asked) == asked
        now[0] = TTL + 1
        await ways.routes("sip:bob@home.test")
        assert len(server.asked) > asked


async def test_no_more_names_are_remembered_than_fit() -> None:
    async with nameserver(ZONE) as (_, address):
        ways = Ways(Resolver([address]), lambda: 0.0)
        for number in range(MOST_NAMES + 5):
            await ways.routes(f"sip:192.0.2.{number % 250}:{1 + number // 250}")
        assert len(ways._known) == MOST_NAMES
