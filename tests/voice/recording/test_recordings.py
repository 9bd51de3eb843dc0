"""Calls that are recorded, with everything real but the network and the clock."""

from __future__ import annotations

import asyncio
import shutil
import wave
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
import numpy as np
import pytest

from media.frame import Samples
from sip.fake import FakeCall, answers, busy
from tests.media.recordings import said
from tests.voice.exchange import ACCOUNT, API, Customer, World, virtual
from tests.voice.parrot import parrot

BOB = "sip:bob@carrier"
TONES = {"alice": 500, "bob": 900}


@pytest.fixture
def customer() -> Customer:
    customer = Customer()
    for path in ("/rec", "/status", "/text"):
        customer.answers[path] = ""
    customer.answers["/next"] = "<Hangup/>"
    return customer


def tone(hertz: int, seconds: float) -> Samples:
    return (6000 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * 8000)) / 8000)).astype(np.int16)


def read(path: Path) -> Samples:
    """Shape (channels, n)."""
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return samples.reshape(-1, file.getnchannels()).T.astype(np.int16)


def power(samples: Samples, hertz: int) -> float:
    """The amplitude of one frequency."""
    wave_form = np.exp(-2j * np.pi * hertz * np.arange(samples.size) / 8000)
    return float(2 * abs(np.dot(samples.astype(float), wave_form)) / max(1, samples.size))


def heard_tones(samples: Samples) -> set[str]:
    """Who is heard for most of a channel."""
    return {name for name, hertz in TONES.items() if power(samples, hertz) > 1500}


def the_file(world: World) -> Path:
    (path,) = (world.settings.data_dir / "recordings").glob("RE*.wav")
    return path


async def talk(world: World, document: str, speak: Callable[[FakeCall], None]) -> FakeCall:
    """A call that says something once it is up, and ends."""
    world.customer.answers["/voice"] = document
    call = world.call()
    await world.until(lambda: call.answered)
    speak(call)
    await world.ended(call)
    await world.until(lambda: not len(world.recordings))
    return call


@virtual
async def test_what_the_caller_says_is_recorded_until_a_key(tmp_path: Path, customer: Customer) -> None:
    document = "<Record action='/next' finishOnKey='#' trim='do-not-trim' recordingStatusCallback='/rec'/>"
    async with World(tmp_path, customer) as world:
        customer.answers["/voice"] = document
        call = world.call()
        await world.until(lambda: len(world.recordings) > 0)
        call.say(tone(500, 3.0))
        await world.until(lambda: world.mixer.taps.recordings > 0)
        began = world.resources.now()
        await world.until(lambda: world.resources.now() - began >= 4)
        call.press("1#")
        await world.ended(call)
        recorded = read(the_file(world))
        assert the_file(world).stat().st_mode & 0o777 == 0o600
    assert recorded.shape[0] == 1
    assert recorded.shape[1] == pytest.approx(4 * 8000, abs=3 * 160)
    assert recorded[0, : 3 * 8000 - 400].tolist() == tone(500, 3.0)[: 3 * 8000 - 400].tolist()
    assert not recorded[0, 3 * 8000 + 160 :].any()
    action = customer.visited("/next")[0]
    assert action["RecordingUrl"] == f"{API}/2010-04-01/Accounts/{ACCOUNT.sid}/Recordings/{action['RecordingSid']}"
    assert (action["RecordingDuration"], action["Digits"], action["CallStatus"]) == ("4", "#", "in-progress")
    (told,) = customer.visited("/rec")
    assert told == {
        "RecordingSource": "RecordVerb",
        "RecordingTrack": "both",
        "RecordingSid": action["RecordingSid"],
        "RecordingUrl": action["RecordingUrl"],
        "RecordingStatus": "completed",
        "RecordingChannels": "1",
        "ErrorCode": "0",
        "CallSid": action["CallSid"],
        "RecordingStartTime": told["RecordingStartTime"],
        "AccountSid": ACCOUNT.sid,
        "RecordingDuration": "4",
    }
    assert told["RecordingStartTime"].startswith("Tue, 01 Jan 2030 00:16:4")


@virtual
async def test_silence_ends_a_recording_and_is_trimmed(tmp_path: Path, customer: Customer) -> None:
    document = (
        "<Record timeout='3' action='/next' recordingStatusCallback='/rec' recordingStatusCallbackEvent='in-progress completed'/>"
    )
    async with World(tmp_path, customer) as world:
        await talk(
            world, document, lambda call: call.say(np.concatenate((tone(500, 1.5), np.zeros(8000, np.int16), tone(500, 1))))
        )
        assert read(the_file(world)).shape[1] / 8000 == pytest.approx(3.2, abs=0.2)
    action = customer.visited("/next")[0]
    assert "Digits" not in action
    assert action["RecordingDuration"] == "6"
    assert [told["RecordingStatus"] for told in customer.visited("/rec")] == ["in-progress", "completed"]
    assert "RecordingDuration" not in customer.visited("/rec")[0]
    assert customer.visited("/rec")[1]["RecordingDuration"] == "3"


@virtual
async def test_silence_that_is_not_received_does_not_count(tmp_path: Path, customer: Customer) -> None:
    """The silence timer counts received silent audio; when no RTP arrives at all it does not advance."""

    def be_quiet(call: FakeCall) -> None:
        call.transmits = False

    async with World(tmp_path, customer) as world:
        await talk(world, "<Record timeout='2' maxLength='20' action='/next'/>", be_quiet)
    assert customer.visited("/next")[0]["RecordingDuration"] == "20"


@virtual
async def test_a_silent_recording_is_kept(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        await talk(world, "<Record timeout='2' action='/next' recordingStatusCallback='/rec'/>", lambda call: None)
        assert read(the_file(world)).shape[1] == 2 * 8000
    assert customer.visited("/next")[0]["RecordingDuration"] == "2"
    assert customer.visited("/rec")[0]["RecordingStatus"] == "completed"


@virtual
async def test_the_action_hears_of_a_hang_up_with_the_recording(tmp_path: Path, customer: Customer) -> None:
    document = "<Record action='/next' playBeep='false'/><Say>never</Say>"
    async with World(tmp_path, customer) as world:
        customer.answers["/voice"] = document
        call = world.call()
        await world.until(lambda: world.mixer.taps.recordings > 0)
        call.say(tone(500, 5))
        began = world.resources.now()
        await world.until(lambda: world.resources.now() - began >= 3)
        call.hang_up()
        await world.ended(call)
        await world.until(lambda: not len(world.recordings))
        assert heard_tones(read(the_file(world))[0]) == {"alice"}
    (action,) = customer.visited("/next")
    assert (action["Digits"], action["CallStatus"], action["RecordingDuration"]) == ("hangup", "completed", "3")
    assert action["RecordingUrl"].endswith(action["RecordingSid"])
    assert "RecordingUrl" not in customer.visited("/status")[0]


@virtual
async def test_what_is_too_short_is_absent(tmp_path: Path, customer: Customer) -> None:
    document = (
        "<Record playBeep='false' action='/next' recordingStatusCallback='/rec' recordingStatusCallbackEvent='completed absent'/>"
    )
    async with World(tmp_path, customer) as world:
        customer.answers["/voice"] = document
        call = world.call()
        await world.until(lambda: world.mixer.taps.recordings > 0)
        call.press("1")
        await world.ended(call)
        await world.until(lambda: not len(world.recordings))
        assert not list((tmp_path / "recordings").glob("*.wav"))
        recording = await world.recordings.find(customer.visited("/next")[0]["RecordingSid"])
    assert recording is not None
    assert recording.status == "absent"
    (told,) = customer.visited("/rec")
    assert (told["RecordingStatus"], told["ErrorCode"]) == ("absent", "16101")


@virtual
async def test_a_transcript_that_cannot_be_made_is_reported(tmp_path: Path, customer: Customer) -> None:
    document = "<Record timeout='2' action='/next' transcribe='true' transcribeCallback='/text'/>"
    async with World(tmp_path, customer) as world:
        await talk(world, document, lambda call: call.say(tone(500, 4)))
        await world.callbacks.drain(5)
        assert world.reports() == [13619]
    (text,) = customer.visited("/text")
    assert (text["TranscriptionStatus"], text["TranscriptionText"]) == ("failed", "(blank)")
    assert text["TranscriptionUrl"] == f"{text['RecordingUrl']}/Transcriptions/{text['TranscriptionSid']}"
    assert text["RecordingSid"] == customer.visited("/next")[0]["RecordingSid"]


@virtual
async def test_a_recording_becomes_text(tmp_path: Path, customer: Customer) -> None:
    """`transcribe`: what was said, utterance after utterance."""
    document = "<Record timeout='2' playBeep='false' action='/next' transcribe='true' transcribeCallback='/text'/>"
    words = (16_000 * said("my order has not arrived", "en-us")).astype(np.int16)
    quiet = np.zeros(8000, np.int16)
    engines = [parrot("my order has not arrived", "please call me back")]
    async with World(tmp_path, customer, engines=engines) as world:
        await talk(world, document, lambda call: call.say(np.concatenate((quiet, words, quiet, words))))
        await world.callbacks.drain(5)
        assert world.reports() == []
    (text,) = customer.visited("/text")
    assert text["TranscriptionStatus"] == "completed"
    assert text["TranscriptionText"] == "my order has not arrived please call me back"


@virtual
async def test_a_recording_too_short_to_be_transcribed_has_no_transcript(tmp_path: Path, customer: Customer) -> None:
    """Only recordings longer than 2 s and shorter than 120 s; otherwise 13617 W and no callback."""
    document = "<Record timeout='1' action='/next' transcribe='true' transcribeCallback='/text'/>"
    async with World(tmp_path, customer) as world:
        await talk(world, document, lambda call: call.say(tone(500, 1)))
        assert world.reports() == [13617]
    assert not customer.visited("/text")


async def converse(world: World, attributes: str, noun: str = f"<Sip>{BOB}</Sip>") -> None:
    """Alice and Bob talk for three seconds."""
    world.customer.answers["/voice"] = f"<Dial action='/next' {attributes}>{noun}</Dial>"
    bob = world.fake.phone(BOB, answers(after=2.0))
    alice = world.call()
    alice.say(tone(TONES["alice"], 60))
    await world.until(lambda: bool(bob.calls) and bob.calls[0].answered)
    bob.calls[0].say(tone(TONES["bob"], 60))
    began = world.resources.now()
    await world.until(lambda: world.resources.now() - began >= 3)
    bob.calls[0].hang_up()
    await world.ended(alice)
    await world.until(lambda: not len(world.recordings))


@pytest.mark.parametrize(
    ("attributes", "who"),
    [
        ("record='record-from-answer-dual'", [{"alice"}, {"bob"}]),
        ("record='record-from-answer'", [{"alice", "bob"}]),
        ("record='true'", [{"alice", "bob"}]),
        ("record='record-from-answer-dual' recordingTrack='inbound'", [{"alice"}]),
        ("record='record-from-answer-dual' recordingTrack='outbound'", [{"bob"}]),
    ],
)
@virtual
async def test_a_dial_is_recorded_with_the_caller_first_and_the_callee_second(
    tmp_path: Path, customer: Customer, attributes: str, who: list[set[str]]
) -> None:
    """Dial = parent 1, child 2; a single track is always mono."""
    async with World(tmp_path, customer) as world:
        await converse(world, attributes + " recordingStatusCallback='/rec'")
        recorded = read(the_file(world))
    assert [heard_tones(channel) for channel in recorded] == who
    assert recorded.shape[1] / 8000 == pytest.approx(3, abs=0.1)
    action, (told,) = customer.visited("/next")[0], customer.visited("/rec")
    assert (action["DialCallStatus"], action["RecordingDuration"]) == ("completed", "3")
    assert (told["RecordingSource"], told["RecordingChannels"]) == ("DialVerb", str(len(who)))
    assert told["CallSid"] == action["CallSid"]
    assert customer.visited("/status")[0]["RecordingSid"] == action["RecordingSid"] == told["RecordingSid"]


@virtual
async def test_a_dial_recorded_from_ringing_holds_the_ringing(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        await converse(world, "record='record-from-ringing-dual' ringTone='fr'")
        recorded = read(the_file(world))
    assert recorded.shape[1] / 8000 == pytest.approx(5, abs=0.3)
    ringing, talking = recorded[1, :8000], recorded[1, -16000:]
    assert power(ringing, 440) > 1000
    assert heard_tones(talking) == {"bob"}
    assert heard_tones(recorded[0, -16000:]) == {"alice"}


@virtual
async def test_a_dial_that_nobody_answers_has_its_ringing_recorded(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        world.fake.phone(BOB, busy())
        document = f"<Pause/><Dial action='/next' record='record-from-ringing'><Sip>{BOB}</Sip></Dial>"
        customer.answers["/voice"] = document
        call = world.call()
        await world.ended(call)
    assert customer.visited("/next")[0]["DialCallStatus"] == "busy"
    assert customer.visited("/next")[0]["RecordingSid"].startswith("RE")


@virtual
async def test_a_caller_who_hangs_up_on_a_recorded_dial_leaves_a_complete_file(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = f"<Dial action='/next' record='record-from-answer-dual'><Sip>{BOB}</Sip></Dial>"
    async with World(tmp_path, customer) as world:
        bob = world.fake.phone(BOB, answers())
        alice = world.call()
        await world.until(lambda: world.mixer.taps.recordings > 0)
        bob.calls[0].say(tone(TONES["bob"], 10))
        began = world.resources.now()
        await world.until(lambda: world.resources.now() - began >= 2)
        alice.hang_up()
        await world.ended(alice)
        await world.until(lambda: not len(world.recordings))
        assert heard_tones(read(the_file(world))[1]) == {"bob"}
    (action,), (status,) = customer.visited("/next"), customer.visited("/status")
    assert (action["DialCallStatus"], action["RecordingDuration"]) == ("completed", "2")
    assert (status["RecordingUrl"], status["RecordingDuration"]) == (action["RecordingUrl"], "2")


@virtual
async def test_start_records_what_is_said_and_what_is_heard(tmp_path: Path, customer: Customer) -> None:
    """Single-leg recordings = received audio 1, generated audio 2; survives Redirect; ends with the call."""
    document = (
        "<Start><Recording recordingStatusCallback='/rec' recordingStatusCallbackEvent='in-progress completed' trim='do-not-trim'/>"
        "</Start><Play>/bob.ulaw</Play><Redirect>/then</Redirect>"
    )
    customer.answers["/bob.ulaw"] = _file(tone(TONES["bob"], 2))
    customer.answers["/then"] = f"<Dial timeLimit='2'><Sip>{BOB}</Sip></Dial>"
    async with World(tmp_path, customer) as world:
        bob = world.fake.phone(BOB, answers())
        customer.answers["/voice"] = document
        call = world.call()
        await world.until(lambda: call.answered)
        call.say(tone(TONES["alice"], 60))
        await world.until(lambda: bool(bob.calls) and bob.calls[0].answered)
        bob.calls[0].say(tone(TONES["bob"], 60))
        await world.ended(call)
        await world.until(lambda: not len(world.recordings))
        recorded = read(the_file(world))
    assert [heard_tones(channel[8000:-1600]) for channel in recorded] == [{"alice"}, {"bob"}]
    for part in np.array_split(recorded[1, 1600:-1600], 4):
        assert heard_tones(part) == {"bob"}, "heard from the bus, and then from the bridge"
    assert [told["RecordingStatus"] for told in customer.visited("/rec")] == ["in-progress", "completed"]
    assert customer.visited("/rec")[1]["RecordingSource"] == "StartCallRecordingTwiML"
    assert "RecordingUrl" not in customer.visited("/status")[0]


def _file(samples: Samples) -> httpx.Response:
    return httpx.Response(200, headers={"Content-Type": "audio/l16"}, content=samples.astype(">i2").tobytes())


@virtual
async def test_a_pause_is_silence_or_nothing_and_counts_accordingly(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = "<Start><Recording trim='do-not-trim'/></Start><Pause length='6'/>"
    async with World(tmp_path, customer) as world:
        call = world.call()
        await world.until(lambda: world.mixer.taps.recordings > 0)
        (take,) = world.recordings._live.values()
        began = world.resources.now()
        call.say(tone(500, 60))
        acts: list[tuple[int, Callable[[], bool]]] = [
            (1, partial(take.pause, skip=True)),
            (3, take.resume),
            (4, take.pause),
            (5, take.resume),
        ]
        for second, act in acts:
            await world.until(lambda: world.resources.now() - began >= second)  # noqa: B023
            assert act()
            assert not act()
        await world.ended(call)
        await world.until(lambda: not len(world.recordings))
        recorded = read(the_file(world))[0]
    assert recorded.size / 8000 == pytest.approx(4, abs=0.2)


@virtual
async def test_whenever_the_process_is_killed_the_next_one_closes_and_tells_what_it_recorded(
    tmp_path: Path, customer: Customer
) -> None:
    document = "<Record playBeep='false' timeout='0' trim='do-not-trim' recordingStatusCallback='/rec'/>"
    moments = []
    async with World(tmp_path / "killed", customer) as world:
        customer.answers["/voice"] = document
        call = world.call()
        while not len(world.recordings):
            await asyncio.sleep(0)
        call.say(tone(500, 60))
        began = world.resources.now()
        for number in range(30):
            if number == 22:
                call.hang_up()
            moments.append((world.resources.now() - began, _snapshot(world, tmp_path / f"moment {number}")))
            await asyncio.sleep(0 if number < 5 or number >= 22 else 0.1)
        await world.ended(call)
        await world.until(lambda: not len(world.recordings))
        (sid,) = {visit["RecordingSid"] for visit in customer.visited("/rec")}
    for seconds, folder in moments:
        customer.visits.clear()
        async with World(folder, customer) as world:
            await world.recordings.recover(world.resources.transcriptions.order)
            await world.callbacks.drain(5)
            recording = await world.recordings.find(sid)
        if recording is None:
            assert not list((folder / "recordings").iterdir()), "nothing had been recorded yet"
            continue
        if seconds > 1:
            assert recording.status == "completed"
            assert recording.seconds == pytest.approx(seconds, abs=0.6)
            assert heard_tones(read(folder / "recordings" / f"{sid}.wav")[0]) == {"alice"}
            assert [told["RecordingStatus"] for told in customer.visited("/rec")] == ["completed"]
        assert recording.status == ("completed" if (recording.seconds or 0) >= 0.1 else "absent")


def _snapshot(world: World, folder: Path) -> Path:
    """What is on the disk now, which is what a killed process leaves."""
    shutil.copytree(world.settings.data_dir, folder)
    return folder


@virtual
async def test_a_disk_that_takes_nothing_costs_the_recording_and_not_the_call(tmp_path: Path, customer: Customer) -> None:
    document = "<Record timeout='2' action='/next' recordingStatusCallback='/rec' recordingStatusCallbackEvent='absent'/>"
    async with World(tmp_path, customer) as world:
        customer.answers["/voice"] = document
        (tmp_path / "recordings").rmdir()
        (tmp_path / "recordings").write_text("no folder")
        call = world.call()
        await world.ended(call)
        await world.until(lambda: not len(world.recordings))
        await world.callbacks.drain(5)
        assert 15000 in world.reports()
    assert customer.visited("/next")[0]["RecordingDuration"] == "2"
    (told,) = customer.visited("/rec")
    assert (told["RecordingStatus"], told["ErrorCode"]) == ("absent", "15000")


@virtual
async def test_what_was_recorded_can_be_played_at_once_without_a_password(tmp_path: Path, customer: Customer) -> None:
    """The address of a recording is this switch's own: what every voice mail does with it works as it is written."""
    customer.answers["/next"] = lambda form: f"<Play>{form['RecordingUrl']}</Play><Play>{form['RecordingUrl']}.wav</Play>"
    async with World(tmp_path, customer) as world:
        call = await talk(world, "<Record timeout='2' action='/next'/>", lambda call: call.say(tone(500, 2)))
        assert world.reports() == []
    played = call.heard[-int(3.5 * 8000) :]
    assert power(played, 500) > 3000


@virtual
async def test_a_recording_that_there_is_not_is_asked_for_like_any_other_file(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = f"<Play>{API}/2010-04-01/Accounts/{ACCOUNT.sid}/Recordings/RE{'0' * 32}</Play>"
    async with World(tmp_path, customer) as world:
        call = world.call()
        await world.ended(call)
        assert world.reports() == [11200]
