"""Calls in, from SIPp, which knows nothing of us."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from tests.interop.sipp import play
from tests.interop.switch import RunningSwitch, events, running_switch
from tests.ports import free_port
from tests.telephone import Caller
from tests.webhook import Webhook
from voice.story.follower import collect
from voice.story.trace import render


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
async def test_a_call_is_answered_spoken_to_and_ended(switch: RunningSwitch, webhook: Webhook, tmp_path: Path, tcp: bool) -> None:
    webhook.answers["/voice"] = "<Say>Hello.</Say>"
    webhook.answers["/status"] = ""
    played = await play("listen", tmp_path, switch.address, tcp=tcp)
    assert played.status == 0, played.output
    visit = await webhook.wait_for("/voice")
    form = visit.form
    assert (form["From"], form["To"], form["CallStatus"], form["Direction"]) == ("+15550001", "+15550100", "ringing", "inbound")
    assert form["SipHeader_X-Account"] == "42"
    status = (await webhook.wait_for("/status")).form
    assert (status["CallSid"], status["CallStatus"], status["SequenceNumber"]) == (form["CallSid"], "completed", "0")
    journal = await switch.finished_journal(form["CallSid"])
    firsts = [str(entry["text"]).split("\n")[0].strip() for entry in events(journal, "sip")]
    assert [first for first in firsts if first.startswith(("INVITE", "SIP/2.0", "ACK", "BYE"))] == [
        f"INVITE sip:+15550100@{switch.address} SIP/2.0",
        "SIP/2.0 100 Trying",
        "SIP/2.0 180 Ringing",
        "SIP/2.0 200 OK",
        f"ACK sip:+15550100@{switch.address} SIP/2.0",
        firsts[5],
        "SIP/2.0 200 OK",
    ]
    assert [entry["name"] for entry in events(journal, "verb")] == ["Say"]
    assert any("HTTP ──▶ POST" in line for line in render(collect(form["CallSid"], switch.journal)))


async def test_the_caller_may_hang_up(switch: RunningSwitch, webhook: Webhook, tmp_path: Path) -> None:
    webhook.answers["/voice"] = "<Pause length='60'/><Say>Never.</Say>"
    webhook.answers["/voice"] = "<Say>Hello.</Say><Pause length='60'/>"
    played = await play("hang_up", tmp_path, switch.address, values={"milliseconds": "500"})
    assert played.status == 0, played.output
    await switch.wait_until_idle()
    assert (await webhook.wait_for("/status")).form["CallStatus"] == "completed"


async def test_the_caller_may_give_up_while_it_rings(switch: RunningSwitch, webhook: Webhook, tmp_path: Path) -> None:
    webhook.answers["/voice"] = "<Pause length='60'/>"
    played = await play("cancel", tmp_path, switch.address)
    assert played.status == 0, played.output
    assert (await webhook.wait_for("/status")).form["CallStatus"] == "canceled"
    await switch.wait_until_idle()


@pytest.mark.parametrize(("reason", "code", "status"), [("busy", "486", "busy"), ("rejected", "404", "no-answer")])
async def test_reject_refuses_without_answering(
    switch: RunningSwitch, webhook: Webhook, tmp_path: Path, reason: str, code: str, status: str
) -> None:
    webhook.answers["/voice"] = f"<Reject reason='{reason}'/>"
    played = await play("refused", tmp_path, switch.address, values={"code": code})
    assert played.status == 0, played.output
    assert (await webhook.wait_for("/status")).form["CallStatus"] == status


async def test_an_unknown_number_is_not_found(switch: RunningSwitch, webhook: Webhook, tmp_path: Path) -> None:
    played = await play("refused", tmp_path, switch.address, number="+15559999", values={"code": "404"})
    assert played.status == 0, played.output
    assert not webhook.visits


async def test_a_full_switch_says_when_to_come_back(webhook: Webhook, tmp_path: Path) -> None:
    webhook.answers["/voice"] = "<Say>Hello.</Say><Pause length='60'/>"
    async with running_switch(tmp_path, {"+15550100": webhook.url("/voice")}, more="[limits]\nmax_calls = 1\n") as switch:
        staying = asyncio.create_task(play("hang_up", tmp_path, switch.address, values={"milliseconds": "3000"}))
        await webhook.wait_for("/voice")
        assert (await switch.client.get("/readyz")).status_code == 503
        played = await play("refused", tmp_path, switch.address, values={"code": "503"})
        assert played.status == 0, played.output
        assert "Retry-After:" in played.messages
        assert (await staying).status == 0


async def test_an_invite_without_sdp_gets_our_offer(switch: RunningSwitch, webhook: Webhook, tmp_path: Path) -> None:
    webhook.answers["/voice"] = "<Say>Hello.</Say>"
    played = await play("late_offer", tmp_path, switch.address)
    assert played.status == 0, played.output


async def test_hold_and_resume_by_reinvite(switch: RunningSwitch, webhook: Webhook, tmp_path: Path) -> None:
    webhook.answers["/voice"] = "<Say>This goes on for two seconds or so, whatever you do.</Say>"
    held = {"way": "a=sendonly", "address": "[media_ip]", "answer": "a=recvonly"}
    played = await play("hold", tmp_path, switch.address, values=held)
    assert played.status == 0, played.output
    journal = await switch.finished_journal(webhook.visited("/voice")[0].form["CallSid"])
    assert [entry["held"] for entry in events(journal, "hold")] == [True, False]


async def test_a_retransmitted_invite_is_one_call(switch: RunningSwitch, webhook: Webhook, tmp_path: Path) -> None:
    webhook.answers["/voice"] = "<Pause/><Say>Hello.</Say><Pause length='60'/>"
    caller = Caller("+15550100", switch.sip_port, 1)
    await caller.call(times=3)
    assert await switch.metric("strowger_calls_live") == 1
    caller.hang_up()
    await switch.wait_until_idle()
    assert len(webhook.visited("/voice")) == 1


async def test_what_is_no_sip_hurts_nobody(switch: RunningSwitch, webhook: Webhook, tmp_path: Path) -> None:
    webhook.answers["/voice"] = "<Say>Hello.</Say>"
    rubbish = [
        b"\0" * 100,
        b"INVITE\r\n\r\n",
        b"INVITE sip:+15550100@127.0.0.1 SIP/2.0\r\nVia: x\r\n\r\n",
        b"INVITE sip:+15550100@127.0.0.1 SIP/2.0\r\n" + b"A: b\r\n" * 5000 + b"\r\n",
        b"SIP/2.0 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        bytes(range(256)) * 20,
    ]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for packet in rubbish:
            stranger.sendto(packet, ("127.0.0.1", switch.sip_port))
    played = await play("listen", tmp_path, switch.address)
    assert played.status == 0, played.output


async def test_options_tell_whether_calls_are_taken(switch: RunningSwitch, webhook: Webhook, tmp_path: Path) -> None:
    webhook.answers["/voice"] = "<Say>Hello.</Say><Pause length='60'/>"
    assert (await _options(switch)).startswith("SIP/2.0 200")
    staying = asyncio.create_task(play("hang_up", tmp_path, switch.address, values={"milliseconds": "2500"}))
    await webhook.wait_for("/voice")
    switch.terminate()
    async with asyncio.timeout(5):
        while not (await _options(switch)).startswith("SIP/2.0 503"):
            await asyncio.sleep(0.05)
    assert (await staying).status == 0
    assert await asyncio.wait_for(switch.process.wait(), 15) == 0


async def test_a_draining_switch_lets_calls_end_and_takes_no_new_ones(
    switch: RunningSwitch, webhook: Webhook, tmp_path: Path
) -> None:
    webhook.answers["/voice"] = "<Say>Hello.</Say><Pause length='60'/>"
    webhook.answers["/status"] = ""
    staying = asyncio.create_task(play("hang_up", tmp_path, switch.address, values={"milliseconds": "2500"}))
    await webhook.wait_for("/voice")
    switch.terminate()
    async with asyncio.timeout(5):
        while (await switch.client.get("/readyz")).status_code == 200:
            await asyncio.sleep(0.05)
    refused = await play("refused", tmp_path, switch.address, values={"code": "503"})
    assert refused.status == 0, refused.output
    assert (await staying).status == 0
    assert await asyncio.wait_for(switch.process.wait(), 15) == 0
    assert webhook.visited("/status")[-1].form["CallStatus"] == "completed"


async def test_a_second_sigterm_says_goodbye_at_once(switch: RunningSwitch, webhook: Webhook, tmp_path: Path) -> None:
    webhook.answers["/voice"] = "<Say>Hello.</Say><Pause length='60'/>"
    staying = asyncio.create_task(play("listen", tmp_path, switch.address))
    await webhook.wait_for("/voice")
    journal = webhook.visited("/voice")[0].form["CallSid"]
    async with asyncio.timeout(5):
        while not any(entry.kind == "playing" for entry in switch.journal(journal)):
            await asyncio.sleep(0.05)
    switch.terminate()
    await asyncio.sleep(0.2)
    switch.terminate()
    assert (await staying).status == 0
    assert await asyncio.wait_for(switch.process.wait(), 15) == 0


async def _options(switch: RunningSwitch) -> str:
    port = free_port()
    text = (
        f"OPTIONS sip:{switch.address} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{port}\r\n"
        f"From: <sip:probe@127.0.0.1>;tag={port}\r\nTo: <sip:{switch.address}>\r\nCall-ID: probe-{port}\r\nCSeq: 1 OPTIONS\r\n"
        "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.setblocking(False)
        probe.bind(("127.0.0.1", port))
        await loop.sock_sendto(probe, text.encode(), ("127.0.0.1", switch.sip_port))
        return (await asyncio.wait_for(loop.sock_recv(probe, 4000), 5)).decode()
