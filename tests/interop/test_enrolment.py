"""Our registration with a carrier (RFC 3261 section 10.2): refreshed before it is over, and tried again when it has failed."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

from sip.message import Message
from tests.interop.clock import clocked
from tests.interop.switch import RunningSwitch, running_switch
from tests.interop.test_trunks import metric_is, trunk
from tests.sip.carrier import respond
from tests.sip.natives import needs_natives
from tests.sip.wire import Wire

pytestmark = needs_natives

GRANTED = 60
"""Seconds."""
AGAIN = 70
"""When a registration that has failed has been tried again."""
REGISTERED = 'strowger_trunk_registered{trunk="carrier"}'


async def asked(registrar: Wire, switch: RunningSwitch) -> Message:
    """The next REGISTER."""
    registrar.address = ("127.0.0.1", switch.sip_port)
    message = await asyncio.to_thread(registrar.receive)
    assert message.method == "REGISTER"
    return message


async def test_a_registration_is_refreshed_and_tried_again_after_a_failure(tmp_path: Path) -> None:
    with closing(Wire.open(("127.0.0.1", 9))) as registrar, clocked(tmp_path) as clock:
        async with running_switch(tmp_path, {}, trunk(f"sip:{registrar.host}", "register = true")) as switch:
            first = await asked(registrar, switch)
            granted = f"Contact: {first.header('contact')};expires={GRANTED}"
            registrar.send(respond(first, "200 OK", granted))
            await metric_is(switch, REGISTERED, 1)
            clock.put_forward(GRANTED)
            refresh = await asked(registrar, switch)
            assert refresh.header("call-id") == first.header("call-id")
            assert refresh.header("contact") == first.header("contact")
            registrar.send(respond(refresh, "503 Service Unavailable"))
            await metric_is(switch, REGISTERED, 0)
            clock.put_forward(AGAIN)
            registrar.send(respond(await asked(registrar, switch), "200 OK", granted))
            await metric_is(switch, REGISTERED, 1)
