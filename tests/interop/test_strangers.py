"""Somebody guesses passwords, thousands of them, while a good phone goes on registering."""

from __future__ import annotations

import asyncio
import re
import socket
from pathlib import Path

from sip.message import parse_message
from tests.interop.sipp import play
from tests.interop.switch import running_switch
from tests.interop.test_registrations import DOMAIN, USERS, domain_settings
from tests.sip.wire import Wire
from tests.webhook import Webhook

GUESSES = 10_000
STRANGER = "127.0.0.9"


def register(wire: Wire, *fields: str) -> str:
    text = wire.request("REGISTER", "", *fields, "Expires: 3600", user="alice")
    return text.replace("To: <sip:alice@127.0.0.1>", f"To: <sip:alice@{DOMAIN}>")


def guess(wire: Wire) -> None:
    """Answer one challenge with thousands of wrong passwords."""
    (nonce,) = re.findall(r'nonce="([^"]+)"', wire.ask(register(wire)).header("www-authenticate"))
    for number in range(1, GUESSES):
        proof = f'uri="sip:{DOMAIN}", response="{number:032x}", cnonce="c", qop=auth, nc={number:08x}'
        digest = f'Digest username="alice", realm="strowger", nonce="{nonce}", {proof}'
        wire.send(register(wire, f"Authorization: {digest}"))


async def test_ten_thousand_guesses_end_in_a_ban_and_disturb_nobody(tmp_path: Path, webhook: Webhook) -> None:
    tables = domain_settings(webhook.url("/domain")) + '\n[strangers]\ntrusted = ["127.0.0.1/32"]\nfailures = 20\n'
    async with running_switch(tmp_path, {}, tables) as switch:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind((STRANGER, 0))
        made.settimeout(1)
        wire = Wire(("127.0.0.1", switch.sip_port), made)
        guessing = asyncio.create_task(asyncio.to_thread(guess, wire))
        given = {"user": "bob", "password": USERS["bob"], "domain": DOMAIN, "code": "200", "expires": "3600"}
        for round_ in range(3):
            folder = tmp_path / f"sipp-{round_}"
            folder.mkdir()
            played = await play("register", folder, switch.address, values=given)
            assert played.status == 0, played.output
        await guessing
        answers = 0
        try:
            while answers < GUESSES:
                assert parse_message(made.recv(65_535).decode()).code in (100, 401, 403)
                answers += 1
        except TimeoutError:
            pass
        assert 20 <= answers < 1_000
        assert await switch.metric('strowger_alerts_total{kind="guessing"}') == 1
        (line,) = [line for line in switch.log.read_text().splitlines() if "stranger banned" in line]
        assert f'"address": "{STRANGER}"' in line
        wire.close()
