"""Telephones and carriers that speak IPv6."""

from __future__ import annotations

import asyncio
import re
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import trustme

from tests.interop import baresip
from tests.interop.switch import RunningSwitch, running_switch
from tests.interop.test_encryption import NUMBER, TONE, Carrier, recording, secured
from tests.nameserver import NameServer
from tests.namespace import apart
from tests.sip.carrier import respond
from tests.sip.natives import needs_natives
from tests.sip.rtp import Speaker, is_answered
from tests.sip.sound import dominant
from tests.sip.talk import media_port, offer
from tests.sip.test_advisories import resolvers
from tests.sip.wire import Wire
from tests.webhook import running_webhook

pytestmark = needs_natives

FAR = "+4930123456"
CARRIER, NEIGHBOUR, STRANGER = "fd00:5::9", "fd00:6::9", "2001:db8::9"
TRUNK = f"""
[[trunk]]
name = "carrier"
uri = "sip:[{CARRIER}]:@port@"
networks = ["fd00:5::/32"]
inbound_rewrite = [["0(555.*)", "+1\\\\1"]]
"""


@pytest.mark.parametrize("encryption", ["", ";mediaenc=srtp-mand"])
async def test_a_call_over_tls_is_heard_and_hears(tmp_path: Path, encryption: str) -> None:
    async def scenario() -> None:
        async with running_webhook() as webhook, secured(tmp_path, webhook, 'bind = ["127.0.0.1", "::1"]') as phone:
            webhook.answers["/voice"] = "<Record playBeep='false' maxLength='2' action='/next'/>"
            webhook.answers["/next"] = "<Say>One two three four five six seven.</Say><Pause length='9'/>"
            uri = f"sip:{NUMBER}@[::1]:{phone.port};transport=tls"
            heard = await baresip.call(uri, tmp_path / "baresip", 6, hertz=TONE, account=encryption, host=f"[{NEIGHBOUR}]")
            said = await recording(phone.switch, (await webhook.wait_for("/next")).form)
        assert dominant(said[4000:12000]) == TONE
        assert np.mean(np.abs(heard.astype(float)) > 1000) > 0.05

    await apart(scenario, f"{NEIGHBOUR}/128")  # baresip does not speak IPv6 where there is nothing but ::1


@pytest.mark.parametrize(("named", "status", "hosts"), [("::1", "busy", [["[::1]"]]), ("::2", "failed", [])])
async def test_a_carrier_over_tls_proves_its_address(tmp_path: Path, named: str, status: str, hosts: list[list[str]]) -> None:
    """No name server is asked for anything: pjsip would look up the name of this host where it has no route to the world."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "carriers.pem")

    async def scenario() -> None:
        transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: NameServer({}), local_addr=("0.0.0.0", 53)
        )
        async with Carrier(authority.issue_cert(named), "::1").running() as carrier, running_webhook() as webhook:
            trunk = f'[[trunk]]\nname = "carrier"\nuri = "sips:[::1]:{carrier.port}"'
            sip = f'bind = ["127.0.0.1", "::1"]\ntls_ca = "{tmp_path}/carriers.pem"'
            async with running_switch(tmp_path, {}, trunk, sip=sip) as switch:
                webhook.answers["/ended"] = ""
                await switch.place(FAR, webhook.url("/voice"), StatusCallback=webhook.url("/ended"))
                assert (await webhook.wait_for("/ended")).form["CallStatus"] == status
        transport.close()
        assert [re.findall(r"^INVITE sip:.*@(\[.*\]):", each) for each in carrier.invited] == hosts
        assert server.asked == []

    await apart(scenario, *resolvers())


async def test_a_carrier_is_known_by_its_prefix(tmp_path: Path) -> None:
    async def scenario() -> None:
        with closing(Wire.open((CARRIER, 9), CARRIER)) as carrier:
            tables = TRUNK.replace("@port@", str(carrier.port))
            async with (
                running_webhook() as webhook,
                running_switch(tmp_path, {NUMBER: webhook.url("/voice")}, tables, sip='bind = ["127.0.0.1", "::"]') as switch,
            ):
                webhook.answers["/voice"] = "<Play digits='1'/><Pause length='60'/>"
                for source in (STRANGER, NEIGHBOUR):
                    assert await calls(switch, source) == 404
                assert not webhook.visits
                assert await calls(switch, CARRIER) == 200
                assert (await webhook.wait_for("/voice")).form["To"] == NUMBER
                await switch.place(FAR, webhook.url("/voice"))
                invite = await asyncio.to_thread(carrier.receive)
                assert invite.request_uri == f"sip:{FAR}@{carrier.host}"
                assert "c=IN IP6 " in invite.body
                carrier.send(respond(invite, "486 Busy Here"))

    await apart(scenario, *(f"{address}/128" for address in (CARRIER, NEIGHBOUR, STRANGER)))


async def calls(switch: RunningSwitch, source: str) -> int:
    """How a call for the number as the carrier writes it is answered; one that is taken is heard, too."""
    number = NUMBER.replace("+1", "0")
    with (
        closing(Wire.open((source, switch.sip_port), source)) as wire,
        Speaker((source, 9), TONE, ssrc=1, local=source) as speaker,
    ):
        answer = await asyncio.to_thread(wire.ask, wire.request("INVITE", offer(source, speaker.port), user=number))
        call_id, tag = answer.header("call-id"), answer.header("to").rpartition("tag=")[2]
        wire.send(wire.request("ACK", user=number, call_id=call_id, to_tag=tag))
        if answer.code == 200:
            speaker.to = (source, media_port(answer))
            await is_answered(speaker)
            bye = wire.request("BYE", user=number, call_id=call_id, to_tag=tag, cseq=2)
            assert (await asyncio.to_thread(wire.ask, bye)).code == 200
        return answer.code
