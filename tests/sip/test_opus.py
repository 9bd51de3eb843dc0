"""What is agreed with a telephone that speaks Opus."""

from __future__ import annotations

import pytest

from sip.pjsua.library import OPUS_BITS
from tests.sip.codecs import OPUS
from tests.sip.conftest import RATE, RealNetwork
from tests.sip.natives import needs_natives
from tests.sip.talk import talking
from tests.sip.wire import Wire

pytestmark = pytest.mark.asyncio(loop_scope="session")


@needs_natives
async def test_no_more_is_asked_for_than_the_bus_takes(real_network: RealNetwork, wire: Wire) -> None:
    async with talking(real_network.near, wire, "opus", OPUS.offer("127.0.0.1", 4000, 20)) as talk:
        assert "opus/48000/2" in talk.answer
        assert f"maxplaybackrate={RATE};sprop-maxcapturerate={RATE};maxaveragebitrate={OPUS_BITS * RATE}" in talk.answer
