"""Two agents and five callers on real phones: each pair hear each other and nobody else, and nobody is overtaken."""

from __future__ import annotations

import io
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from tests.interop.switch import RunningSwitch, running_switch
from tests.ports import free_port
from tests.sip.far import PhoneFarCall, PhoneProcess, hears
from tests.webhook import Webhook

CALLERS, AGENTS = "+15550100", "+15550200"
VOICES = (500, 700, 900, 1100, 1300)
AGENT_VOICES = (1500, 1700)
TUNE = 400
QUEUE = "<Dial action='/agent'><Queue url='/whisper'>Real phones</Queue></Dial>"


@pytest.fixture
async def office(tmp_path: Path, webhook: Webhook) -> AsyncIterator[RunningSwitch]:
    webhook.answers.update(
        {
            "/voice": "<Enqueue action='/left' waitUrl='/wait'>Real phones</Enqueue>",
            "/agent": QUEUE,
            "/wait": "<Play loop='0'>/tune.wav</Play>",
            "/whisper": "<Pause length='1'/>",
            "/left": "<Hangup/>",
            "/status": "",
            "/tune.wav": _wav(TUNE),
        }
    )
    numbers = {CALLERS: webhook.url("/voice"), AGENTS: webhook.url("/agent")}
    async with running_switch(tmp_path, numbers) as running:
        yield running


@pytest.fixture
async def phone(office: RunningSwitch) -> AsyncIterator[PhoneProcess]:
    phone = PhoneProcess(office.address, free_port(), lambda user: "")
    await phone.start()
    yield phone
    await phone.stop()


async def _callers(phone: PhoneProcess, webhook: Webhook) -> list[PhoneFarCall]:
    calls = []
    for number, hertz in enumerate(VOICES, 1):
        call = phone.dial(CALLERS)
        call.say(hertz)
        waiting = await webhook.wait_for("/wait", number)
        assert waiting.form["QueuePosition"] == waiting.form["CurrentQueueSize"] == str(number)
        calls.append(call)
    return calls


async def _agents(phone: PhoneProcess, webhook: Webhook, hertz: tuple[int, ...] = AGENT_VOICES) -> list[PhoneFarCall]:
    calls = []
    before = len(webhook.visited("/agent"))
    for number, each in enumerate(hertz, 1):
        call = phone.dial(AGENTS)
        call.say(each)
        await webhook.wait_for("/agent", before + number)
        await call.answered()
        calls.append(call)
    return calls


async def _talk(caller: PhoneFarCall, voice: int, agent: PhoneFarCall, agent_voice: int) -> None:
    await hears(caller, agent_voice)
    await hears(agent, voice)


async def test_two_agents_and_five_callers(office: RunningSwitch, phone: PhoneProcess, webhook: Webhook) -> None:
    callers = await _callers(phone, webhook)
    for caller in callers:
        await hears(caller, TUNE)
    agents = await _agents(phone, webhook)
    for place, caller in enumerate(callers):
        who = place % 2
        await _talk(caller, VOICES[place], agents[who], AGENT_VOICES[who])
        if place + 2 < len(callers):
            await hears(callers[place + 2], TUNE)
        if place:
            callers[place - 1].hang_up()
            left = await webhook.wait_for("/left", place)
            assert left.form["QueueResult"] == "bridged"
    agents[0].hang_up()
    await callers[-1].ended()
    agents[1].hang_up()
    await webhook.wait_for("/left", 5)
    order = [visit.form["CallSid"] for visit in webhook.visited("/wait")]
    assert [visit.form["CallSid"] for visit in webhook.visited("/left")] == order
    assert [visit.form["CallSid"] for visit in webhook.visited("/whisper")] == order
    await office.wait_until_idle()
    assert await office.metric("strowger_callers_queued") == 0


async def test_a_caller_keeps_its_place_when_an_agent_hangs_up_on_the_way(
    office: RunningSwitch, phone: PhoneProcess, webhook: Webhook
) -> None:
    callers = await _callers(phone, webhook)
    (hasty,) = await _agents(phone, webhook, (1500,))
    await webhook.wait_for("/whisper")
    hasty.hang_up()
    again = await webhook.wait_for("/wait", 6)
    assert (again.form["QueuePosition"], again.form["CurrentQueueSize"]) == ("1", "5")
    await hears(callers[0], TUNE)
    (agent,) = await _agents(phone, webhook, (1700,))
    await _talk(callers[0], VOICES[0], agent, 1700)
    callers[0].press("7")
    assert await agent.digits(1) == "7"
    agent.hang_up()
    await callers[0].ended()
    for caller in callers[1:]:
        caller.hang_up()
    await office.wait_until_idle()


def _wav(hertz: int) -> bytes:
    samples = 8000 * np.sin(2 * np.pi * hertz * np.arange(8000) / 8000)
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(samples.astype(np.int16).tobytes())
    return file.getvalue()
