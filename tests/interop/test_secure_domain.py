"""A domain whose phones have to encrypt what they signal and say: by what they do, not by what they claim."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sip.message import Message, parse_message
from tests.interop import baresip
from tests.interop.test_encryption import Secured, secured
from tests.sip.natives import needs_natives
from tests.sip.talk import offer
from tests.sip.wire import Wire
from tests.webhook import Webhook

DOMAIN = "phones.example.com"
TONE = 450
KEY = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n"


def domain(webhook: Webhook) -> str:
    return f'[[sip_domain]]\ndomain = "{DOMAIN}"\nvoice_url = "{webhook.url("/domain")}"\nnetworks = ["127.0.0.0/8"]\nsecure = true\n'


async def ask(phone: Secured, wire: Wire, body: str) -> Message:
    """The answer to a call over TLS."""
    reader, writer = await asyncio.open_connection("127.0.0.1", phone.port, ssl=phone.context())
    writer.write(wire.request("INVITE", body, user="anybody", via="TLS").encode())
    try:
        async with asyncio.timeout(10):
            while True:
                message = parse_message((await reader.readuntil(b"\r\n\r\n")).decode())
                if message.code >= 200:
                    return message
    finally:
        writer.close()


@needs_natives
async def test_only_who_really_encrypts_is_served(tmp_path: Path, webhook: Webhook) -> None:
    webhook.answers["/domain"] = "<Play digits='1'/><Pause length='5'/>"
    async with secured(tmp_path, webhook, tables=domain(webhook)) as phone:
        wire = Wire.open(("127.0.0.1", phone.switch.sip_port))
        liar = wire.request("INVITE", offer("127.0.0.1", 4000) + KEY, user="anybody", via="TLS")
        assert (await asyncio.to_thread(wire.ask, liar)).code == 403
        assert (await ask(phone, wire, offer("127.0.0.1", 4000))).code == 488
        wire.close()
        assert not webhook.visits
        uri = f"sip:anybody@127.0.0.1:{phone.port};transport=tls"
        heard = await baresip.call(uri, tmp_path / "baresip", 3, hertz=TONE, account=";mediaenc=srtp-mand")
        assert heard.size > 8000
        assert webhook.visited("/domain")[0].form["SipDomain"] == DOMAIN
