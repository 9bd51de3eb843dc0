"""The parrot of the samples, run as a customer would, and a telephone that talks with it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from tests.interop.sample import number_of, running_sample
from tests.interop.switch import running_switch
from tests.sip.far import hears, running_phone

NUMBER = "+15550101"


async def test_a_caller_is_repeated_until_a_key(tmp_path: Path) -> None:
    log = tmp_path / "parrot.log"
    async with (
        running_sample("parrot", log) as port,
        running_switch(tmp_path, {}, number_of(port, NUMBER)) as switch,
        running_phone(switch.address) as phone,
    ):
        alice = phone.dial(NUMBER)
        alice.say(500)
        await hears(alice, 500)
        alice.say(0)
        alice.press("1")
        async with asyncio.timeout(10):
            while ": mark" not in log.read_text():
                await asyncio.sleep(0.1)
        alice.press("#")
        await alice.ended()
        await switch.wait_until_idle()


async def test_who_is_not_the_switch_is_refused(tmp_path: Path) -> None:
    async with running_sample("parrot", tmp_path / "parrot.log") as port, httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"http://127.0.0.1:{port}/voice")).status_code == 403
