"""Calls out: by Dial to SIP addresses and through a trunk, and by REST; the callee is SIPp."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.interop.sipp import play
from tests.interop.switch import RunningSwitch, events, running_switch
from tests.ports import free_port, taken
from tests.webhook import Webhook


async def _dial(switch: RunningSwitch, folder: Path, callee: str, port: int, values: dict[str, str]) -> None:
    """Let SIPp be the callee, then let another SIPp call and stay to the end."""
    answering = asyncio.create_task(play(callee, folder, port=port, values=values))
    await taken(port)
    played = await play("listen", folder, switch.address)
    assert played.status == 0, played.output
    answered = await answering
    assert answered.status == 0, answered.output


async def test_a_sip_address_is_dialled_and_connected(switch: RunningSwitch, webhook: Webhook, tmp_path: Path) -> None:
    port = free_port()
    webhook.answers["/voice"] = (
        f"<Dial action='/dialled'><Sip statusCallback='/leg' statusCallbackEvent='initiated ringing answered completed'>"
        f"sip:bob@127.0.0.1:{port}?X-Room=12</Sip></Dial>"
    )
    webhook.answers["/dialled"] = "<Hangup/>"
    webhook.answers["/leg"] = ""
    await _dial(switch, tmp_path, "answer_and_leave", port, {"milliseconds": "800"})
    form = webhook.visited("/dialled")[0].form
    assert (form["DialCallStatus"], form["DialBridged"], form["DialSipResponseCode"]) == ("completed", "true", "200")
    await webhook.wait_for("/leg", 4)
    legs = [visit.form for visit in webhook.visited("/leg")]
    assert [leg["CallStatus"] for leg in legs] == ["initiated", "ringing", "in-progress", "completed"]
    assert [leg["SequenceNumber"] for leg in legs] == ["0", "1", "2", "3"]
    assert {leg["ParentCallSid"] for leg in legs} == {form["CallSid"]}
    assert {leg["CallSid"] for leg in legs} == {form["DialCallSid"]}


@pytest.mark.parametrize(("code", "status"), [("486", "busy"), ("603", "failed"), ("404", "failed"), ("480", "no-answer")])
async def test_what_the_callee_says_reaches_the_action(
    switch: RunningSwitch, webhook: Webhook, tmp_path: Path, code: str, status: str
) -> None:
    port = free_port()
    webhook.answers["/voice"] = f"<Dial action='/dialled'><Sip>sip:bob@127.0.0.1:{port}</Sip></Dial>"
    webhook.answers["/dialled"] = "<Hangup/>"
    await _dial(switch, tmp_path, "decline", port, {"code": code})
    form = webhook.visited("/dialled")[0].form
    assert (form["DialCallStatus"], form["DialSipResponseCode"], form["DialBridged"]) == (status, code, "false")


async def test_ringing_too_long_is_cancelled(switch: RunningSwitch, webhook: Webhook, tmp_path: Path) -> None:
    port = free_port()
    webhook.answers["/voice"] = f"<Dial timeout='5' action='/dialled'><Sip>sip:bob@127.0.0.1:{port}</Sip></Dial>"
    webhook.answers["/dialled"] = "<Hangup/>"
    await _dial(switch, tmp_path, "ring", port, {})
    assert webhook.visited("/dialled")[0].form["DialCallStatus"] == "no-answer"


async def test_a_trunk_carries_numbers_and_answers_its_challenge(webhook: Webhook, tmp_path: Path) -> None:
    port = free_port()
    trunk = f"[[trunk]]\nname = 'carrier'\nuri = 'sip:127.0.0.1:{port}'\nusername = 'trunk-user'\npassword = 'secret'\n"
    webhook.answers["/voice"] = "<Dial callerId='+15550177' action='/dialled'><Number>+15550123</Number></Dial>"
    webhook.answers["/dialled"] = "<Hangup/>"
    async with running_switch(tmp_path, {"+15550100": webhook.url("/voice")}, more=trunk) as switch:
        answering = asyncio.create_task(play("challenge", tmp_path, port=port, number="trunk-user"))
        await taken(port)
        calling = asyncio.create_task(play("hang_up", tmp_path, switch.address, values={"milliseconds": "2000"}))
        answered = await answering
        assert answered.status == 0, answered.output
        assert "INVITE sip:+15550123@127.0.0.1" in answered.messages
        assert "<sip:+15550177@" in answered.messages
        assert (await calling).status == 0


async def test_rest_places_a_call_and_runs_its_document(switch: RunningSwitch, webhook: Webhook, tmp_path: Path) -> None:
    port = free_port()
    webhook.answers["/outbound"] = "<Say>Good evening.</Say>"
    answering = asyncio.create_task(play("answer", tmp_path, port=port))
    await taken(port)
    placed = await switch.place(
        f"sip:bob@127.0.0.1:{port}",
        webhook.url("/outbound"),
        StatusCallback=webhook.url("/placed"),
        StatusCallbackEvent="ringing completed",
    )
    assert placed.status_code == 201, placed.text
    answered = await answering
    assert answered.status == 0, answered.output
    form = webhook.visited("/outbound")[0].form
    assert (form["CallSid"], form["Direction"], form["CallStatus"]) == (placed.json()["sid"], "outbound-api", "in-progress")
    await webhook.wait_for("/placed", 2)
    assert [visit.form["CallStatus"] for visit in webhook.visited("/placed")] == ["ringing", "completed"]


async def test_a_refused_number_is_an_error_of_the_dial(webhook: Webhook, tmp_path: Path) -> None:
    webhook.answers["/voice"] = "<Dial action='/dialled'><Number>+441234567890</Number></Dial>"
    webhook.answers["/dialled"] = "<Hangup/>"
    async with running_switch(
        tmp_path, {"+15550100": webhook.url("/voice")}, more='[dial]\nallowed_prefixes = ["+1"]\n'
    ) as switch:
        played = await play("listen", tmp_path, switch.address)
        assert played.status == 0, played.output
        form = webhook.visited("/dialled")[0].form
        assert form["DialCallStatus"] == "failed"
        journal = await switch.finished_journal(form["CallSid"])
        assert 13227 in [entry["code"] for entry in events(journal, "report")]
