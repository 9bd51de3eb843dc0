"""What is agreed with a telephone that speaks Opus."""

from __future__ import annotations

import asyncio
from contextlib import closing

import pytest

from sip.pjsua.library import OPUS_BITS
from tests.sip.codecs import OPUS
from tests.sip.conftest import RATE, RealNetwork
from tests.sip.natives import needs_natives
from tests.sip.wire import Wire

pytestmark = pytest.mark.asyncio(loop_scope="session")


@needs_natives
async def test_no_more_is_asked_for_than_the_bus_takes(real_network: RealNetwork) -> None:
    with closing(Wire.open(real_network.address)) as wire:
        wire.send(wire.request("INVITE", OPUS.offer("127.0.0.1", 4000, 20), user="opus"))
        incoming, _ = await real_network.near.answered("opus")
        answer = await asyncio.to_thread(wire.final, incoming.call_id)
        tag = answer.header("to").rpartition("tag=")[2]
        wire.send(wire.request("ACK", user="opus", call_id=incoming.call_id, to_tag=tag))
        assert "opus/48000/2" in answer.body
        assert f"maxplaybackrate={RATE};sprop-maxcapturerate={RATE};maxaveragebitrate={OPUS_BITS * RATE}" in answer.body
        wire.send(wire.request("BYE", user="opus", call_id=incoming.call_id, to_tag=tag, cseq=2))
        await real_network.near.all_events(incoming.leg)
