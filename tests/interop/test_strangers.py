"""Somebody guesses passwords, thousands of them, while a good phone goes on registering."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
import socket
import time
from pathlib import Path

import pytest

from sip.message import parse_message
from tests.interop.sipp import play
from tests.interop.switch import SID, TOKEN, running_switch
from tests.interop.test_quality import NUMBER, talking
from tests.interop.test_registrations import DOMAIN, USERS, domain_settings
from tests.sip.natives import needs_natives
from tests.sip.rtp import Speaker
from tests.sip.talk import offer
from tests.sip.wire import AUDIO, SDP, Wire
from tests.webhook import Webhook

GUESSES = 10_000
REST_SECONDS = 3
STRANGER = "127.0.0.9"
FAILREGEX = '"address": "<HOST>".*"event": "stranger banned"'
"""Of fail2ban, as the README has it."""


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


def times(wire: Wire, method: str, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds until a wrong password is refused, of users who exist and of others, taken in turn; all get the same answer."""
    asks, answers = (
        ("www-authenticate", "Authorization") if method == "REGISTER" else ("proxy-authenticate", "Proxy-Authorization")
    )
    measured: dict[str, list[float]] = {"alice": [], "nobody": []}
    said = set()
    for number in range(rounds):
        for user in ("alice", "nobody") if number % 2 else ("nobody", "alice"):
            asked = wire.ask(ask(wire, method, user))
            (nonce,) = re.findall(r'nonce="([^"]+)"', asked.header(asks))
            proof = f'uri="sip:{DOMAIN}", response="{number:032x}", cnonce="c", qop=auth, nc=00000001'
            digest = f'{answers}: Digest username="{user}", realm="strowger", nonce="{nonce}", {proof}'
            text = ask(wire, method, user, digest)
            began = time.perf_counter()
            refused = wire.ask(text)
            measured[user].append(time.perf_counter() - began)
            names = tuple(name for name, _ in refused.headers)
            said.add((asked.code, tuple(name for name, _ in asked.headers), refused.code, names))
    assert len(said) == 1, said
    return measured["alice"], measured["nobody"]


def ask(wire: Wire, method: str, user: str, *fields: str) -> str:
    body = SDP + AUDIO if method == "INVITE" else ""
    text = wire.request(method, body, *fields, user=user)
    return text.replace(f"{method} sip:{user}@127.0.0.1", f"{method} sip:{user}@{DOMAIN}").replace(
        f"To: <sip:{user}@127.0.0.1>", f"To: <sip:{user}@{DOMAIN}>"
    )


@pytest.mark.parametrize("method", ["REGISTER", "INVITE"])
async def test_neither_answers_nor_their_time_tell_who_exists(tmp_path: Path, webhook: Webhook, method: str) -> None:
    async with running_switch(tmp_path, {}, domain_settings(webhook.url("/domain"))) as switch:
        wire = Wire.open(("127.0.0.1", switch.sip_port))
        known, unknown = await asyncio.to_thread(times, wire, method, 200)
        wire.close()
    # How often the one takes longer than the other: 0.5 when they cannot be told apart, with a deviation of 0.03.
    longer = sum(one > other for one in known for other in unknown) / len(known) / len(unknown)
    assert 0.35 < longer < 0.65


def knock(source: str, port: int, times: int, agent: str = "", patience: float = 0.05) -> int:
    """INVITEs for numbers that nobody has, one after the other; how many of the last ten are answered at all."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((source, 0))
    made.settimeout(patience)
    wire, answered = Wire(("127.0.0.1", port), made), 0
    for number in range(times):
        text = ask(wire, "INVITE", f"+1999{number:07}", *([f"User-Agent: {agent}"] if agent else []))
        wire.send(text)
        with contextlib.suppress(TimeoutError):
            while wire.receive().header("call-id") != parse_message(text).header("call-id"):
                pass  # an answer to an earlier one, which has not been acknowledged
            answered += number >= times - 10
    wire.close()
    return answered


async def test_each_kind_of_stranger_is_shunned_and_told_apart(tmp_path: Path, webhook: Webhook) -> None:
    rules = '\n[strangers]\ntrusted = ["127.0.0.1/32"]\nfailures = 500\nrequests_per_second = 3\n'
    async with running_switch(tmp_path, {}, domain_settings(webhook.url("/domain")) + rules) as switch:
        kinds = {"scanner": knock("127.0.0.21", switch.sip_port, 12, "friendly-scanner")}
        kinds["flood"] = await asyncio.to_thread(knock, "127.0.0.22", switch.sip_port, 100)
        for kind, answered in kinds.items():
            assert answered == 0, kind
            assert await switch.metric(f'strowger_alerts_total{{kind="{kind}"}}') == 1
        assert await asyncio.to_thread(knock, "127.0.0.1", switch.sip_port, 10, patience=5) == 10
        banned = [json.loads(line) for line in await switch.logged("stranger banned", 2)]
        assert [(line["address"], line["why"]) for line in banned] == [("127.0.0.21", "scanner"), ("127.0.0.22", "flood")]


@needs_natives
async def test_ports_rest_and_what_still_comes_for_the_last_call_is_not_heard(tmp_path: Path, webhook: Webhook) -> None:
    webhook.answers["/voice"] = "<Gather timeout='60'/>"
    sip = f"rtp_port_rest_seconds = {REST_SECONDS}"
    async with running_switch(tmp_path, {NUMBER: webhook.url("/voice")}, sip=sip, ports=6) as switch:
        used = []
        with Speaker(("127.0.0.1", 9), 600, ssrc=1) as stubborn:
            address = f"127.0.0.1:{stubborn.port}"
            for number in range(3):
                with contextlib.ExitStack() as phone:
                    body = offer("127.0.0.1", stubborn.port if number == 0 else 4_000)
                    talk = await asyncio.to_thread(phone.enter_context, talking(switch, body))
                    used.append(talk.port)
                    if number == 0:
                        stubborn.to = ("127.0.0.1", talk.port)
                    await asyncio.to_thread(phone.close)
            assert len(set(used)) == 3
            wire = Wire.open(("127.0.0.1", switch.sip_port))
            refused = await asyncio.to_thread(wire.ask, wire.request("INVITE", offer("127.0.0.1", 4_000), user=NUMBER))
            wire.close()
            assert refused.code >= 500
            await asyncio.sleep(REST_SECONDS)
            with contextlib.ExitStack() as phone:
                calls = itertools.count(4)
                while (
                    talk := await asyncio.to_thread(phone.enter_context, talking(switch, offer("127.0.0.1", 4_000)))
                ).port != used[0]:
                    next(calls)  # on a busy machine another port may have rested before
                sid = (await webhook.wait_for("/voice", next(calls))).form["CallSid"]
                await asyncio.sleep(1)
                path = f"/2010-04-01/Accounts/{SID}/Calls/{sid}/Quality.json"
                told = (await switch.client.get(path, auth=(SID, TOKEN))).json()
                await asyncio.to_thread(phone.close)
        assert told["packets_received"] == 0
        assert told["source_address"] == address
        assert await switch.metric("strowger_rtp_leftovers_dropped_total") > 20


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
        (line,) = await switch.logged("stranger banned")
        assert re.search(FAILREGEX.replace("<HOST>", re.escape(STRANGER)), line)
        wire.close()
