"""Siprec: copies of whole calls at a fake recording server (spec section 2.14; RFC 7865, RFC 7866)."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import numpy as np
import pytest

from sip.fake import FakeCall, busy
from sip.fake_phone import Samples
from tests.voice.exchange import Customer, World, virtual
from voice.settings import Siprec
from voice.siprec.metadata import NAMESPACE, PARAMETERS

RECORDER = "sip:srs@recorder"
BOB = "sip:bob@carrier"
SERVER = (Siprec(name="archive", uri=RECORDER),)
START = "<Start><Siprec name='a' statusCallback='/told'><Parameter name='case' value='7 &amp; 8'/></Siprec></Start>"


def customer(voice: str) -> Customer:
    return Customer({"/voice": voice, "/told": "", "/status": ""})


def world(folder: Path, served: Customer, servers: tuple[Siprec, ...] = SERVER) -> World:
    return World(folder, served, siprec=servers)


async def recording(switch: World) -> FakeCall:
    """The call that the recording server gets, once it is up."""
    recorder = switch.fake.phone(RECORDER)
    await switch.until(lambda: bool(recorder.calls) and recorder.calls[-1].answered)
    return recorder.calls[-1]


def metadata(call: FakeCall) -> Element:
    assert call.invitation is not None
    assert call.invitation.attachment is not None
    return fromstring(call.invitation.attachment.text)


def last(samples: Samples) -> int:
    """The level of the last frame."""
    return int(samples[-1]) if samples.size else 0


def told(served: Customer) -> list[str]:
    return [form["SiprecEvent"] for form in served.visited("/told")]


@virtual
async def test_each_direction_is_a_stream_of_its_own(tmp_path: Path) -> None:
    served = customer(START + f"<Dial><Sip>{BOB}</Sip></Dial>")
    async with world(tmp_path, served) as switch:
        bob = switch.fake.phone(BOB)
        alice = switch.call()
        copy = await recording(switch)
        await switch.until(lambda: bool(bob.calls) and bob.calls[0].answered)
        alice.say(np.full(800_000, 500, np.int16))
        bob.calls[0].say(np.full(800_000, 900, np.int16))
        await switch.until(lambda: (last(copy.heard_on(0)), last(copy.heard_on(1))) == (500, 900))
        assert not np.any(copy.heard_on(0) == 900)
        bob.calls[0].hang_up()
        await switch.ended(alice)
        assert copy.ended
        assert told(served) == ["siprec-started", "siprec-stopped"]
        started = served.visited("/told")[0]
        assert started["SiprecSid"].startswith("SR")
        assert started["SiprecName"] == "a"
        assert started["CallSid"] == served.visited("/voice")[0]["CallSid"]
        assert started["Timestamp"].endswith("Z")


@virtual
async def test_what_is_said_to_the_caller_is_in_the_copy(tmp_path: Path) -> None:
    served = customer(START + "<Say>One two three four five.</Say><Gather timeout='60'/>")
    async with world(tmp_path, served) as switch:
        alice = switch.call()
        copy = await recording(switch)
        await switch.until(lambda: bool(np.any(copy.heard_on(1))))
        assert not np.any(copy.heard_on(0))
        alice.hang_up()
        await switch.ended(alice)


@virtual
async def test_the_recording_server_is_told_who_speaks(tmp_path: Path) -> None:
    """RFC 7865: participants, streams and who sends which; Parameter children become metadata."""
    served = customer(START + "<Gather timeout='60'/>")
    async with world(tmp_path, served) as switch:
        alice = switch.call()
        copy = await recording(switch)
        assert copy.invitation is not None
        assert ("Require", "siprec") in copy.headers
        assert copy.invitation.contact == ";+sip.src"
        assert copy.invitation.labels == ("1", "2")
        root = metadata(copy)
        names = {"r": NAMESPACE, "p": PARAMETERS}
        assert [element.text for element in root.findall("r:datamode", names)] == ["complete"]
        people = {
            person.attrib["participant_id"]: person.find("r:nameID", names).attrib["aor"]  # type: ignore[union-attr]
            for person in root.findall("r:participant", names)
        }
        assert sorted(people.values()) == ["tel:+15550001", "tel:+15550100"]
        streams = {
            stream.attrib["stream_id"]: stream.findtext("r:label", "", names) for stream in root.findall("r:stream", names)
        }
        assert sorted(streams.values()) == ["1", "2"]
        sends = {
            people[each.attrib["participant_id"]]: streams[each.findtext("r:send", "", names)]
            for each in root.findall("r:participantstreamassoc", names)
        }
        assert sends == {"tel:+15550001": "1", "tel:+15550100": "2"}
        parameter = root.find(".//p:parameter", names)
        assert parameter is not None
        assert (parameter.attrib["name"], parameter.text) == ("case", "7 & 8")
        alice.hang_up()
        await switch.ended(alice)


@pytest.mark.parametrize(("track", "heard"), [("inbound_track", 500), ("outbound_track", 900)])
@virtual
async def test_one_track_alone(tmp_path: Path, track: str, heard: int) -> None:
    served = customer(f"<Start><Siprec track='{track}'/></Start><Dial><Sip>{BOB}</Sip></Dial>")
    async with world(tmp_path, served) as switch:
        bob = switch.fake.phone(BOB)
        alice = switch.call()
        copy = await recording(switch)
        await switch.until(lambda: bool(bob.calls) and bob.calls[0].answered)
        alice.say(np.full(80_000, 500, np.int16))
        bob.calls[0].say(np.full(80_000, 900, np.int16))
        await switch.until(lambda: last(copy.heard_on(0)) == heard)
        assert copy.heard_on(1).size == 0
        alice.hang_up()
        await switch.ended(alice)


@virtual
async def test_stop_hangs_up_on_the_recording_server(tmp_path: Path) -> None:
    served = customer(START + "<Pause length='2'/><Stop><Siprec name='a'/></Stop><Gather timeout='60'/>")
    async with world(tmp_path, served) as switch:
        alice = switch.call()
        copy = await recording(switch)
        await switch.until(lambda: copy.ended)
        assert not alice.ended
        await switch.until(lambda: told(served) == ["siprec-started", "siprec-stopped"])
        await switch.until(lambda: switch.bus.claimed == 1)
        alice.hang_up()
        await switch.ended(alice)


@virtual
async def test_a_recording_server_that_refuses_is_an_error_and_the_call_goes_on(tmp_path: Path) -> None:
    served = customer(START + "<Gather timeout='60'/>")
    async with world(tmp_path, served) as switch:
        switch.fake.phone(RECORDER, busy())
        alice = switch.call()
        await switch.until(lambda: told(served) == ["siprec-error"])
        assert served.visited("/told")[0]["SiprecError"] == "486 Busy Here"
        assert not alice.ended
        assert switch.reports() == [32011]
        alice.hang_up()
        await switch.ended(alice)


@virtual
async def test_a_recording_server_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    served = customer(START + "<Gather timeout='60'/>")
    async with world(tmp_path, served) as switch:
        switch.fake.phone(RECORDER, lambda call: None)
        alice = switch.call()
        await switch.until(lambda: told(served) == ["siprec-error"])
        alice.hang_up()
        await switch.ended(alice)


@virtual
async def test_a_recording_server_that_has_enough(tmp_path: Path) -> None:
    served = customer(START + "<Gather timeout='60'/>")
    async with world(tmp_path, served) as switch:
        alice = switch.call()
        copy = await recording(switch)
        copy.hang_up()
        await switch.until(lambda: told(served) == ["siprec-started", "siprec-stopped"])
        assert not alice.ended
        alice.hang_up()
        await switch.ended(alice)


@pytest.mark.parametrize(
    ("servers", "connector"),
    [((), ""), (SERVER, "other"), ((*SERVER, Siprec(name="second", uri=RECORDER)), "")],
)
@virtual
async def test_a_connector_that_nobody_knows(tmp_path: Path, servers: tuple[Siprec, ...], connector: str) -> None:
    """31940: connector name."""
    served = customer(f"<Start><Siprec connectorName='{connector}' statusCallback='/told'/></Start><Gather timeout='1'/>")
    async with world(tmp_path, served, servers) as switch:
        alice = switch.call()
        await switch.ended(alice)
        assert switch.reports() == [31940]
        assert told(served) == ["siprec-error"]


@virtual
async def test_metadata_beyond_a_message_is_refused(tmp_path: Path) -> None:
    served = customer(f"<Start><Siprec><Parameter name='a' value='{'x' * 5000}'/></Siprec></Start><Gather timeout='1'/>")
    async with world(tmp_path, served) as switch:
        alice = switch.call()
        await switch.ended(alice)
        assert switch.reports() == [31942]


@virtual
async def test_the_ladder_of_the_call_shows_the_recording_server_too(tmp_path: Path) -> None:
    served = customer(START + "<Gather timeout='60'/>")
    async with world(tmp_path, served) as switch:
        alice = switch.call()
        await recording(switch)
        alice.hang_up()
        await switch.ended(alice)
        sent = [str(entry.data["text"]) for entry in switch.journal() if entry.kind == "sip"]
        assert any(text.startswith(f"INVITE {RECORDER}") for text in sent)
