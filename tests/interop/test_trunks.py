"""Trunks with a real carrier: kamailio challenges, registers us, dies and returns; a telephone is behind it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sip.events import Headers
from tests.interop.kamailio import PASSWORD, REALM, USER, Kamailio, running_carrier
from tests.interop.sipp import play
from tests.interop.switch import RunningSwitch, running_switch
from tests.nameserver import nameserver
from tests.ports import free_port, taken
from tests.sip.far import PhoneProcess, Policy, hears
from tests.webhook import Webhook

NUMBER, FAR = "+15550100", "+4930123456"
ALICE, BOB = 450, 1200


@contextlib.asynccontextmanager
async def telephone(address: str, port: int) -> AsyncIterator[PhoneProcess]:
    phone = PhoneProcess(address, port, lambda user: "")
    await phone.start()
    try:
        yield phone
    finally:
        await phone.stop()


def trunk(uri: str, more: str = "") -> str:
    return f'[[trunk]]\nname = "carrier"\nuri = "{uri}"\nusername = "{USER}"\npassword = "{PASSWORD}"\n{more}\n'


async def metric_is(switch: RunningSwitch, name: str, value: float) -> None:
    async with asyncio.timeout(20):
        while await switch.metric(name) != value:
            await asyncio.sleep(0.1)


async def test_calls_go_out_and_come_in_through_a_carrier_that_challenges(tmp_path: Path, webhook: Webhook) -> None:
    webhook.answers["/voice"] = f"<Dial action='/next'>{FAR}</Dial>"
    webhook.answers["/next"] = "<Hangup/>"
    port = free_port()
    more = f'register = true\nfrom_domain = "{REALM}"\nnetworks = ["127.0.0.0/8"]'
    async with running_carrier(tmp_path, port) as carrier:
        tables = trunk(carrier.uri, more)
        async with running_switch(tmp_path, {NUMBER: webhook.url("/voice")}, tables) as switch:
            await metric_is(switch, 'strowger_trunk_registered{trunk="carrier"}', 1)
            async with telephone(f"127.0.0.1:{carrier.port}", port) as bob, telephone(switch.address, free_port()) as alice:
                bob.target(FAR, Policy("answer", tone=BOB))
                calling = alice.dial(NUMBER)
                calling.say(ALICE)
                answered = await bob.called(FAR)
                await hears(answered, ALICE)
                await hears(calling, BOB)
                answered.hang_up()
                await calling.ended()
                webhook.answers["/voice"] = "<Play digits='1'/><Pause length='1'/>"
                inbound = bob.dial(NUMBER)
                await inbound.answered()
                await inbound.ended()
    called = [visit.form["To"] for visit in webhook.visits if visit.path == "/voice"]
    assert called == [NUMBER, NUMBER]


async def test_calls_go_through_an_outbound_proxy(tmp_path: Path, webhook: Webhook) -> None:
    webhook.answers["/voice"] = f"<Dial action='/next'>{FAR}</Dial>"
    webhook.answers["/next"] = "<Hangup/>"
    port = free_port()
    async with running_carrier(tmp_path, port) as proxy:
        tables = trunk("sip:behind.invalid", f'proxy = "{proxy.uri}"')
        async with (
            running_switch(tmp_path, {NUMBER: webhook.url("/voice")}, tables) as switch,
            telephone(switch.address, port) as phone,
        ):
            phone.target(FAR, Policy("refuse", 486))
            await rings_at(phone, proxy)
    assert [visit.form["DialCallStatus"] for visit in webhook.visits if visit.path == "/next"] == ["busy"]


async def test_the_next_server_that_dns_names_takes_the_call(tmp_path: Path, webhook: Webhook) -> None:
    webhook.answers["/voice"] = f"<Dial action='/next' timeout='20'>{FAR}</Dial>"
    webhook.answers["/next"] = "<Hangup/>"
    port, nobody = free_port(), free_port()
    async with running_carrier(tmp_path, port) as carrier:
        service = (f"10 1 {nobody} here.test.", f"20 1 {carrier.port} here.test.")
        zone = {("_sip._udp.carrier.test", "SRV"): service, ("here.test", "A"): ("127.0.0.1",)}
        async with nameserver(zone) as (_, address):
            sip = f'nameservers = ["{address}"]'
            async with (
                running_switch(tmp_path, {NUMBER: webhook.url("/voice")}, trunk("sip:carrier.test"), sip=sip) as switch,
                telephone(switch.address, port) as phone,
            ):
                await metric_is(switch, 'strowger_trunk_targets_up{trunk="carrier"}', 2)
                phone.target(FAR, Policy("refuse", 486))
                called = await rings_at(phone, carrier)
    names = [name.lower() for name, _ in called]
    assert "route" not in names
    assert any(name.lower() == "to" and "@carrier.test" in value for name, value in called)


@pytest.mark.parametrize("code", ["503", "500"])
async def test_a_target_that_refuses_is_passed_over(tmp_path: Path, webhook: Webhook, code: str) -> None:
    ports = free_port(), free_port()
    tables = trunk(f"sip:127.0.0.1:{ports[0]}", f'targets = [{{ uri = "sip:127.0.0.1:{ports[1]}", priority = 20 }}]')
    await connected(tmp_path, webhook, tables, ports, "decline", {"code": code})


async def test_a_target_that_sends_us_elsewhere_is_followed(tmp_path: Path, webhook: Webhook) -> None:
    ports = free_port(), free_port()
    tables = trunk(f"sip:127.0.0.1:{ports[0]}", "[dial]\nfollow_redirects = true")
    await connected(tmp_path, webhook, tables, ports, "redirect", {"contact": f"sip:bob@127.0.0.1:{ports[1]}"})


async def connected(
    folder: Path, webhook: Webhook, tables: str, ports: tuple[int, int], first: str, values: dict[str, str]
) -> None:
    """Dial a number whose first target is SIPp with a scenario, and be answered by SIPp on the second port."""
    webhook.answers["/voice"] = f"<Dial action='/next' timeout='20'>{FAR}</Dial>"
    webhook.answers["/next"] = "<Hangup/>"
    async with running_switch(folder, {NUMBER: webhook.url("/voice")}, tables) as switch, asyncio.TaskGroup() as playing:
        called = [
            playing.create_task(play(first, folder, port=ports[0], values=values)),
            playing.create_task(play("answer_and_leave", folder, port=ports[1], values={"milliseconds": "300"})),
        ]
        await asyncio.gather(*(taken(port) for port in ports))
        called.append(playing.create_task(play("listen", folder, switch.address)))
    for each in called:
        assert each.result().status == 0, each.result().output
    assert webhook.visited("/next")[0].form["DialCallStatus"] == "completed"


async def test_a_carrier_that_dies_is_passed_over_until_it_returns(tmp_path: Path, webhook: Webhook) -> None:
    webhook.answers["/voice"] = f"<Dial action='/next' timeout='20'>{FAR}</Dial>"
    webhook.answers["/next"] = "<Hangup/>"
    port = free_port()
    async with running_carrier(tmp_path / "first", port) as first, running_carrier(tmp_path / "second", port) as second:
        more = f'keepalive_seconds = 1\ntargets = [{{ uri = "{second.uri}", priority = 20 }}]'
        async with running_switch(tmp_path, {NUMBER: webhook.url("/voice")}, trunk(first.uri, more)) as switch:
            up = 'strowger_trunk_targets_up{trunk="carrier"}'
            async with telephone(switch.address, port) as phone:
                phone.target(FAR, Policy("refuse", 486))
                await metric_is(switch, up, 2)
                await first.stop()
                # the first call finds out by itself, the later ones know it from OPTIONS
                await rings_at(phone, second)
                await metric_is(switch, up, 1)
                await rings_at(phone, second)
                await first.start()
                await metric_is(switch, up, 2)
                await rings_at(phone, first)


async def rings_at(phone: PhoneProcess, carrier: Kamailio) -> Headers:
    """Call, and find the carrier among those through which the call has come; returns the headers of the INVITE."""
    calling = phone.dial(NUMBER)
    called = await phone.called(FAR)
    assert any(f":{carrier.port}" in value for name, value in called.headers if name.lower() == "via")
    await calling.ended()
    return tuple(called.headers)
