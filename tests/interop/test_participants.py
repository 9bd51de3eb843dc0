"""Real phones that REST calls into a conference: they hear the room, the room hears them, and it hears them ring."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.interop.switch import SID, TOKEN, RunningSwitch
from tests.ports import free_port
from tests.sip.far import PhoneFarCall, PhoneProcess, Policy
from tests.sip.patience import patient
from tests.webhook import Webhook

ALICE, BOB, CAROL = 500, 900, 1300
ROOT = f"/2010-04-01/Accounts/{SID}/Conferences/Real%20phones"


@pytest.fixture
async def phone(switch: RunningSwitch, webhook: Webhook) -> AsyncIterator[PhoneProcess]:
    webhook.answers["/voice"] = "<Dial><Conference beep='false' waitUrl=''>Real phones</Conference></Dial>"
    webhook.answers["/room"] = webhook.answers["/status"] = ""
    phone = PhoneProcess(switch.address, free_port(), lambda user: "")
    await phone.start()
    yield phone
    await phone.stop()


async def _add(switch: RunningSwitch, to: str, **fields: str) -> dict[str, Any]:
    form = {"From": "+15550199", "To": to, "Beep": "false", **fields}
    answer = await switch.client.post(f"{ROOT}/Participants.json", data=form, auth=(SID, TOKEN))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@patient
async def _hear(calls: list[PhoneFarCall], expected: list[list[int]]) -> None:
    while [await call.tones() for call in calls] != expected:
        pass


async def test_phones_that_are_called_hear_the_room_and_are_heard(
    switch: RunningSwitch, webhook: Webhook, phone: PhoneProcess
) -> None:
    bob_is = phone.target("bob", Policy("answer", tone=BOB))
    await _add(switch, bob_is, ConferenceStatusCallback=webhook.url("/room"), ConferenceStatusCallbackEvent="join leave end")
    bob = await phone.called("bob")
    await webhook.wait_for("/room")
    alice = phone.dial("+15550100")
    alice.say(ALICE)
    await alice.answered()
    assert isinstance(bob, PhoneFarCall)
    await _hear([alice, bob], [[BOB], [ALICE]])
    made = await _add(switch, phone.target("carol", Policy("answer", tone=CAROL)), Muted="true", WaitUrl="")
    carol = await phone.called("carol")
    assert isinstance(carol, PhoneFarCall)
    await _hear([alice, bob, carol], [[BOB], [ALICE], [ALICE, BOB]])
    answer = await switch.client.delete(f"{ROOT}/Participants/{made['call_sid']}.json", auth=(SID, TOKEN))
    assert answer.status_code == 204
    await carol.ended()
    await _hear([alice, bob], [[BOB], [ALICE]])
    bob.hang_up()
    alice.hang_up()
    await switch.wait_until_idle()
    events = [await webhook.wait_for("/room", number) for number in range(1, 8)]
    assert [visit.form["StatusCallbackEvent"].rpartition("-")[2] for visit in events] == [
        *["join", "join", "join", "leave", "leave", "leave", "end"]
    ]


async def test_who_waits_hears_the_early_media_of_a_phone_that_rings(switch: RunningSwitch, phone: PhoneProcess) -> None:
    alice = phone.dial("+15550100")
    await alice.answered()
    await _add(switch, phone.target("bob", Policy("early", tone=BOB)))
    bob = await phone.called("bob")
    await _hear([alice], [[BOB]])
    bob.hang_up()
    await _hear([alice], [[]])
    alice.hang_up()
    await switch.wait_until_idle()


async def test_an_application_of_the_switch_is_called(switch: RunningSwitch, webhook: Webhook, phone: PhoneProcess) -> None:
    webhook.answers["/robot"] = "<Say>I am a robot.</Say><Pause length='30'/>"
    address, login = f"/2010-04-01/Accounts/{SID}/Applications.json", (SID, TOKEN)
    made = await switch.client.post(address, data={"FriendlyName": "Robot", "VoiceUrl": webhook.url("/robot")}, auth=login)
    alice = phone.dial("+15550100")
    await alice.answered()
    added = await _add(switch, f"app:{made.json()['sid']}?mood=good")
    asked = await webhook.wait_for("/robot")
    assert asked.form["Param_mood"] == "good"
    assert asked.form["CallSid"] != added["call_sid"]
    assert "SipHeader_Strowger-Application" not in asked.form
    async with asyncio.timeout(10):
        while await switch.metric("strowger_conference_participants") < 2:
            await asyncio.sleep(0.1)
    alice.hang_up()
    removed = await switch.client.delete(f"{ROOT}/Participants/{added['call_sid']}.json", auth=login)
    assert removed.status_code == 204
    await switch.wait_until_idle()
