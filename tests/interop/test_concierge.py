"""The concierge of the samples, run as a customer would: telephones talk with it by ConversationRelay."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np

from tests.interop import baresip
from tests.interop.sample import number_of, running_sample
from tests.interop.switch import events, running_switch
from tests.media.recordings import said
from tests.sip.far import running_phone

NUMBER = "+15550102"


async def test_a_caller_asks_interrupts_and_leaves_by_a_key(tmp_path: Path) -> None:
    log = tmp_path / "concierge.log"
    async with running_sample("concierge", log) as port, running_switch(tmp_path, {}, number_of(port, NUMBER)) as switch:
        saying = np.concatenate((np.zeros(13000), 16_000 * said("parking", "en-us"), np.zeros(80000))).astype(np.int16)
        async with baresip.answering(tmp_path / "baresip", saying, 30) as uri:
            placed = await switch.place(uri, f"http://127.0.0.1:{port}/voice", Method="GET")
            assert placed.status_code == 201, placed.text
            async with asyncio.timeout(25):
                while "asked: parking" not in log.read_text():
                    await asyncio.sleep(0.1)
                while not any(event.get("event") == "spoken" for event in events(switch.journal(placed.json()["sid"]), "relay")):
                    await asyncio.sleep(0.1)
        assert "heard until: Good day." in log.read_text()
        async with running_phone(switch.address) as phone:
            alice = phone.dial(NUMBER)
            await alice.answered()
            async with asyncio.timeout(10):
                while log.read_text().count("is a call from") < 2:
                    await asyncio.sleep(0.1)
            alice.press("0")
            await alice.ended()
            await switch.wait_until_idle()
