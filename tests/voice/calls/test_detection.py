"""Machine detection of whole calls (section 3.5): placed by REST, waiting for the verdict or not, and dialled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from markup.events import Redirected
from media.frame import Samples
from sip.fake import Behaviour, FakeCall, answers
from tests.media.recordings import said
from tests.voice.exchange import ACCOUNT, HOST, Customer, World, virtual
from voice.story.follower import collect
from voice.story.trace import render

BOB = "sip:bob@carrier"
CALLS = f"/2010-04-01/Accounts/{ACCOUNT.sid}/Calls.json"
ORDER = {"To": BOB, "From": "+15550199", "Url": f"{HOST}/outbound"}
GREETING = (
    "Hi, you have reached the voice mail of Robert Smith. I am not able to take your call right now. "
    "Please leave a message after the tone."
)


def sound(*parts: Samples | float) -> Samples:
    """Samples and seconds of silence, one after the other."""
    pieces = [np.zeros(round(8000 * part), np.int16) if isinstance(part, float) else part for part in parts]
    return np.concatenate(pieces)


def voice(text: str) -> Samples:
    samples: Samples = (20_000 * said(text, "en-us")).astype(np.int16)
    return samples


def beep(hertz: float = 1000, seconds: float = 0.5) -> Samples:
    samples: Samples = (8000 * np.sin(2 * np.pi * hertz * np.arange(round(8000 * seconds)) / 8000)).astype(np.int16)
    return samples


def says(samples: Samples) -> Behaviour:
    """Answer after half a second of ringing, and say something."""

    def behave(call: FakeCall) -> None:
        call.say(samples)
        answers(after=0.5)(call)

    return behave


def _hello() -> Samples:
    return sound(0.6, voice("Hello?"))


def _machine() -> Samples:
    return sound(0.6, voice(GREETING), 0.6, beep())


async def _place(world: World, **fields: str) -> str:
    """Place a call; its SID."""
    async with world.client() as client:
        answer = await client.post(CALLS, data={**ORDER, **fields})
    assert answer.status_code == 201, answer.text
    sid: str = answer.json()["sid"]
    return sid


def _customer(**answers: str) -> Customer:
    served = {"outbound": "<Say>Good evening.</Say><Redirect>/more</Redirect>", "more": "<Hangup/>", "status": "", "amd": ""}
    return Customer({f"/{path}": answer for path, answer in {**served, **answers}.items()})


def _reports(world: World, sid: str) -> list[int]:
    world.journals.flush()
    return [int(str(entry.data["code"])) for entry in world.journals.read(sid) if entry.kind == "report"]


@pytest.mark.parametrize(
    ("mode", "heard", "answered_by"),
    [
        ("Enable", _hello(), "human"),
        ("Enable", _machine(), "machine_start"),
        ("Enable", sound(0.5, beep(2100, 3.0)), "fax"),
        ("Enable", sound(0.1), "unknown"),
        ("DetectMessageEnd", _hello(), "human"),
        ("DetectMessageEnd", _machine(), "machine_end_beep"),
        ("DetectMessageEnd", sound(0.6, voice(GREETING)), "machine_end_silence"),
    ],
)
@virtual
async def test_the_document_is_requested_with_the_verdict(mode: str, heard: Samples, answered_by: str, tmp_path: Path) -> None:
    customer = _customer()
    async with World(tmp_path, customer) as world:
        bob = world.fake.phone(BOB, says(heard))
        await _place(world, MachineDetection=mode, StatusCallback=f"{HOST}/status")
        await world.until(lambda: bool(customer.visited("/outbound")))
        silent = bob.calls[0].heard[:-160]  # what the document plays may have been heard for a tick
        await world.ended(bob.calls[0])
    first, more = customer.visited("/outbound")[0], customer.visited("/more")[0]
    assert first["AnsweredBy"] == answered_by
    assert int(first["MachineDetectionDuration"]) == pytest.approx(1000 * len(silent) / 8000, abs=100)
    assert not silent.any(), "a call is silent until the verdict"
    assert more["AnsweredBy"] == answered_by
    told = customer.visited("/status")[0]
    assert (told["CallStatus"], told["AnsweredBy"]) == ("completed", answered_by)
    assert "MachineDetectionDuration" not in told


@virtual
async def test_a_message_is_left_after_the_beep(tmp_path: Path) -> None:
    customer = _customer(outbound="<Say>This is a message.</Say>")
    async with World(tmp_path, customer) as world:
        heard = _machine()
        bob = world.fake.phone(BOB, says(heard))
        await _place(world, MachineDetection="DetectMessageEnd")
        await world.until(lambda: bool(bob.calls))
        await world.ended(bob.calls[0])
        spoken = np.flatnonzero(np.abs(bob.calls[0].heard.astype(int)) > 500)[0]
    assert heard.size < spoken < heard.size + 0.5 * 8000


@virtual
async def test_thresholds_are_heeded(tmp_path: Path) -> None:
    customer = _customer()
    async with World(tmp_path, customer) as world:
        world.fake.phone(
            BOB, says(sound(0.5, voice("Hello, good morning, this is Mary Miller of Acme Hardware, who is calling?")))
        )
        await _place(world, MachineDetection="Enable", MachineDetectionSpeechThreshold="6000")
        await world.until(lambda: bool(customer.visited("/outbound")))
    assert customer.visited("/outbound")[0]["AnsweredBy"] == "human"


@virtual
async def test_a_callee_who_hangs_up_first_is_unknown_and_no_document_is_requested(tmp_path: Path) -> None:
    customer = _customer()
    async with World(tmp_path, customer) as world:
        bob = world.fake.phone(BOB)
        await _place(world, MachineDetection="Enable", StatusCallback=f"{HOST}/status")
        await world.until(lambda: bool(bob.calls) and len(bob.calls[0].heard) > 8000)
        bob.calls[0].hang_up()
        await world.ended(bob.calls[0])
        await world.until(lambda: world.bus.claimed == 0)
        assert world.studio.taps.watched == 0
    assert not customer.visited("/outbound")
    assert customer.visited("/status")[0]["AnsweredBy"] == "unknown"


@virtual
async def test_a_live_change_does_not_wait_for_the_verdict(tmp_path: Path) -> None:
    customer = _customer(new="<Hangup/>")
    async with World(tmp_path, customer) as world:
        bob = world.fake.phone(BOB)
        sid = await _place(world, MachineDetection="Enable")
        await world.until(lambda: bool(bob.calls) and len(bob.calls[0].heard) > 8000)
        world.switch.change(sid, Redirected(f"{HOST}/new"))
        await world.ended(bob.calls[0], 1)
        assert world.studio.taps.watched == 0
    assert not customer.visited("/outbound")
    assert "AnsweredBy" not in customer.visited("/new")[0]


@virtual
async def test_the_time_limit_counts_from_the_answer(tmp_path: Path) -> None:
    customer = _customer(outbound="<Gather timeout='100'/>")
    async with World(tmp_path, customer) as world:
        bob = world.fake.phone(BOB)
        await _place(world, MachineDetection="Enable", TimeLimit="9")
        await world.until(lambda: bool(bob.calls))
        await world.ended(bob.calls[0])
        assert len(bob.calls[0].heard) / 8000 == pytest.approx(9, abs=0.2)
        again = world.fake.phone(BOB)
        await _place(world, MachineDetection="Enable", TimeLimit="3")
        await world.until(lambda: len(again.calls) == 2)
        await world.ended(again.calls[1])
        assert len(again.calls[1].heard) / 8000 == pytest.approx(3, abs=0.2)


@virtual
async def test_an_asynchronous_verdict_goes_to_its_callback_while_the_document_runs(tmp_path: Path) -> None:
    customer = _customer(outbound="<Say loop='3'>Good evening, do not hang up.</Say>")
    async with World(tmp_path, customer) as world:
        bob = world.fake.phone(BOB, says(_hello()))
        sid = await _place(
            world,
            MachineDetection="Enable",
            AsyncAmd="true",
            AsyncAmdStatusCallback=f"{HOST}/amd",
            AsyncAmdStatusCallbackMethod="GET",
        )
        await world.until(lambda: bool(customer.visited("/outbound")))
        assert not customer.visited("/amd")
        await world.until(lambda: bool(customer.visited("/amd")))
        assert bob.calls[0].heard.any()
        assert _reports(world, sid) == []
    (visit,) = [visit for visit in customer.visits if visit.path == "/amd"]
    assert visit.method == "GET"
    duration = visit.form.pop("MachineDetectionDuration")
    assert visit.form == {"AccountSid": ACCOUNT.sid, "CallSid": sid, "AnsweredBy": "human"}
    assert 1800 < int(duration) < 3000
    assert "AnsweredBy" not in customer.visited("/outbound")[0]


@virtual
async def test_a_call_that_ends_before_its_asynchronous_verdict_is_unknown(tmp_path: Path) -> None:
    customer = _customer(outbound="<Pause length='1'/>")
    async with World(tmp_path, customer) as world:
        bob = world.fake.phone(BOB)
        await _place(world, MachineDetection="Enable", AsyncAmd="true", AsyncAmdStatusCallback=f"{HOST}/amd")
        await world.until(lambda: bool(bob.calls))
        await world.ended(bob.calls[0])
        assert world.studio.taps.watched == 0
    assert [form["AnsweredBy"] for form in customer.visited("/amd")] == ["unknown"]


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"AsyncAmd": "true"}, [21262]),
        ({"SendDigits": "1"}, [21263]),
        ({"MachineDetectionTimeout": "soon"}, [21263]),
        ({"MachineDetectionTimeout": "61", "MachineDetectionSpeechThreshold": "10"}, [21263, 21263]),
        ({"AsyncAmd": "maybe"}, [21263]),
        ({"MachineDetectionSilenceTimeout": "2000"}, []),
    ],
    ids=str,
)
@virtual
async def test_what_is_wrong_but_not_fatal_is_a_warning(tmp_path: Path, fields: dict[str, str], codes: Sequence[int]) -> None:
    customer = _customer()
    async with World(tmp_path, customer) as world:
        bob = world.fake.phone(BOB)
        sid = await _place(world, MachineDetection="Enable", **fields)
        await world.until(lambda: bool(bob.calls))
        await world.ended(bob.calls[0])
        assert _reports(world, sid) == codes
    ignored = "SendDigits" in fields or fields.get("AsyncAmd") == "true"
    assert ("AnsweredBy" in customer.visited("/outbound")[0]) is not ignored


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"MachineDetection": "Maybe"}, 21234),
        ({"MachineDetection": "Enable", "AsyncAmd": "true", "AsyncAmdStatusCallback": "nowhere"}, 21205),
        ({"MachineDetection": "Enable", "AsyncAmd": "true", "AsyncAmdStatusCallbackMethod": "PUT"}, 21209),
    ],
    ids=str,
)
@virtual
async def test_what_is_fatal_is_refused(tmp_path: Path, fields: dict[str, str], code: int) -> None:
    async with World(tmp_path, Customer()) as world, world.client() as client:
        answer = await client.post(CALLS, data={**ORDER, **fields})
        assert (answer.status_code, answer.json()["code"]) == (400, code)
        assert not len(world.registry)


@pytest.mark.parametrize("noun", [f"Sip {{}}>{BOB}</Sip", "Number {}>+15550123</Number"])
@virtual
async def test_a_dialled_leg_is_examined_while_it_talks(tmp_path: Path, noun: str) -> None:
    """Bridged legs are connected past the bus; what they say is still heard there."""
    asked = "machineDetection='DetectMessageEnd' amdStatusCallback='/amd' statusCallback='/leg'"
    customer = Customer({"/voice": f"<Dial action='/dialled'><{noun.format(asked)}></Dial>", "/dialled": "<Hangup/>"})
    customer.answers.update({"/amd": "", "/leg": "", "/status": ""})
    trunk = {"trunk": ({"name": "carrier", "uri": "sip:carrier", "prefixes": ("+",)},)}
    async with World(tmp_path, customer, **trunk) as world:
        bob = world.fake.phone(BOB, says(_machine()))
        other = world.fake.phone("sip:+15550123@carrier", says(_machine()))
        alice = world.call()
        await world.until(lambda: bool(customer.visited("/amd")))
        assert alice.heard.any()
        for call in (*bob.calls, *other.calls):
            call.hang_up()
        await world.ended(alice)
        await world.callbacks.drain(5)
    amd, leg, dialled = (customer.visited(path)[0] for path in ("/amd", "/leg", "/dialled"))
    assert (amd["AnsweredBy"], amd["CallSid"]) == ("machine_end_beep", dialled["DialCallSid"])
    assert (leg["AnsweredBy"], leg["CallStatus"]) == ("machine_end_beep", "completed")


@virtual
async def test_the_journal_tells_why(tmp_path: Path) -> None:
    customer = _customer()
    async with World(tmp_path, customer) as world:
        world.fake.phone(BOB, says(_machine()))
        sid = await _place(world, MachineDetection="DetectMessageEnd")
        await world.until(lambda: bool(customer.visited("/outbound")))
        world.journals.flush()
        entries = world.journals.read(sid)
        lines = list(render(collect(sid, world.journals.read)))
    (verdict,) = [entry.data for entry in entries if entry.kind == "answered-by"]
    assert verdict["answered_by"] == "machine_end_beep"
    sounds = [entry.data for entry in entries if entry.kind == "sounds"]
    milliseconds = int(str(verdict["milliseconds"]))
    assert sum(len(str(each["levels"]).split()) for each in sounds) == milliseconds / 100
    assert len(sounds) == -(-milliseconds // 1000)
    kinds = "".join(str(each["kinds"]) for each in sounds)
    assert kinds.startswith("...")
    assert kinds.count("s") > 24
    assert "tttt" in kinds
    assert "1000 Hz" in str(sounds[-1]["tones"])
    told = "\n".join(lines)
    assert "machine detection begins: DetectMessageEnd, speech 2.4 s, speech_end 1.2 s, silence 5.0 s, timeout 30.0 s" in told
    assert "answered by machine_end_beep, known after" in told
    assert ", a beep of 1000 Hz for 0.5 s" in told
    assert "▁▁▁" in told
