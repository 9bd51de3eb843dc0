"""Copies of real calls at a recording server, each direction by the pitch of its voice (spec section 2.14; RFC 7866)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from tests.interop.switch import RunningSwitch, events, running_switch
from tests.ports import free_port
from tests.recording_server import RecordingServer
from tests.sip.far import PhoneProcess, Policy, hears
from tests.webhook import Webhook
from voice.siprec.metadata import NAMESPACE

NUMBER = "+15550100"
START = "<Start><Siprec name='a' statusCallback='/told'><Parameter name='case' value='7'/></Siprec></Start>"


@pytest.fixture
async def server() -> AsyncIterator[RecordingServer]:
    made = await RecordingServer.start()
    yield made
    made.close()


@pytest.fixture
async def recorded(tmp_path: Path, webhook: Webhook, server: RecordingServer) -> AsyncIterator[RunningSwitch]:
    connector = f'[[siprec]]\nname = "archive"\nuri = "{server.uri}"'
    async with running_switch(tmp_path, {NUMBER: webhook.url("/voice")}, connector) as switch:
        yield switch
        await switch.wait_until_idle()


@pytest.fixture
async def phone(recorded: RunningSwitch) -> AsyncIterator[PhoneProcess]:
    phone = PhoneProcess(recorded.address, free_port(), lambda user: "")
    await phone.start()
    yield phone
    await phone.stop()


async def test_both_sides_of_a_conversation(
    recorded: RunningSwitch, phone: PhoneProcess, webhook: Webhook, server: RecordingServer
) -> None:
    bob = phone.target("bob", Policy("answer", tone=900))
    webhook.answers["/voice"] = START + f"<Dial><Sip>{bob}</Sip></Dial>"
    webhook.answers["/told"] = ""
    alice = phone.dial(NUMBER)
    alice.say(500)
    called = await phone.called("bob")
    copy = await server.call()
    await hears(alice, 900)
    await copy.hears(_1=500, _2=900)
    root = fromstring(copy.metadata)
    people = [element.attrib["aor"] for element in root.iter(f"{{{NAMESPACE}}}nameID")]
    assert people == ["sip:phone@127.0.0.1", f"tel:{NUMBER}"]
    assert [element.text for element in root.iter(f"{{{NAMESPACE}}}label")] == ["1", "2"]
    assert "7" in [element.text for element in root.iter() if element.attrib.get("name") == "case"]
    called.hang_up()
    await alice.ended()
    await copy.ended()
    told = [(await webhook.wait_for("/told", count)).form["SiprecEvent"] for count in (1, 2)]
    assert told == ["siprec-started", "siprec-stopped"]


async def test_a_copy_that_is_stopped_while_the_call_goes_on(
    recorded: RunningSwitch, phone: PhoneProcess, webhook: Webhook, server: RecordingServer
) -> None:
    webhook.answers["/voice"] = START + "<Gather numDigits='1' timeout='60'/>"
    webhook.answers["/told"] = ""
    alice = phone.dial(NUMBER)
    alice.say(500)
    copy = await server.call()
    await copy.hears(_1=500, _2=0)
    webhook.answers["/voice"] = "<Stop><Siprec name='a'/></Stop><Gather timeout='60'/>"
    alice.press("1")
    await copy.ended()
    assert await alice.heard() == 0
    alice.hang_up()
    sid = webhook.visited("/voice")[0].form["CallSid"]
    assert any("siprec" in str(sip["text"]) for sip in events(await recorded.finished_journal(sid), "sip"))


async def test_a_recording_server_that_refuses(
    recorded: RunningSwitch, phone: PhoneProcess, webhook: Webhook, server: RecordingServer
) -> None:
    server.status = "488 Not Acceptable Here"
    webhook.answers["/voice"] = START + "<Gather timeout='60'/>"
    webhook.answers["/told"] = ""
    alice = phone.dial(NUMBER)
    await alice.answered()
    told = (await webhook.wait_for("/told")).form
    assert (told["SiprecEvent"], told["SiprecError"]) == ("siprec-error", "488 Not Acceptable Here")
    alice.hang_up()
