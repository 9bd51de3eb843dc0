"""What a conference leaves behind: its recording, and who spoke when."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from media.frame import Samples
from sip.fake import FakeCall
from tests.voice.calls.test_leaks import held
from tests.voice.exchange import HOST, Customer, World, virtual
from tests.voice.meeting import EVENTS, PITCH, conference, dial, enter, meeting_customer, participant, settled, told, tone


@pytest.fixture
def customer() -> Customer:
    customer = meeting_customer()
    customer.answers["/rec"] = ""
    customer.answers["/old"] = ""
    return customer


def recorded(world: World) -> tuple[Samples, list[str]]:
    """The one recording there is, of one channel, and whose tones are in most of it."""
    (path,) = (world.settings.data_dir / "recordings").glob("RE*.wav")
    with wave.open(str(path)) as file:
        assert file.getnchannels() == 1
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)
    spectrum = np.abs(np.fft.rfft(samples.astype(float))) / samples.size
    return samples, [name for name, hertz in PITCH.items() if spectrum[round(hertz * samples.size / 8000)] > 500]


async def hang_up(world: World, *calls: FakeCall) -> None:
    for call in calls:
        call.hang_up()
        await world.ended(call)


async def complete(world: World) -> None:
    await world.until(lambda: not len(world.recordings))
    await settled(world)


RECORDED = "record='record-from-start' trim='do-not-trim' recordingStatusCallback='/rec'"


@virtual
async def test_everybody_is_on_the_recording_and_the_music_is_not(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        alice = await enter(world, "alice", dial(f"{RECORDED} recordingStatusCallbackEvent='in-progress completed'"))
        await settled(world)
        assert not len(world.recordings)
        bob = await enter(world, "bob", dial())
        carol = await enter(world, "carol", dial())
        sid = conference(world).sid
        for _ in range(10):
            await settled(world)
        await hang_up(world, alice, bob, carol)
        await complete(world)
        samples, talkers = recorded(world)
        assert talkers == ["alice", "bob", "carol"]
        assert samples.size / 8000 == pytest.approx(6.3, abs=0.3)
        await settled(world)
        assert world.bus.claimed == 0
    forms = customer.visited("/rec")
    assert [form["RecordingStatus"] for form in forms] == ["in-progress", "completed"]
    assert {(form["ConferenceSid"], form["RecordingSource"], form["RecordingChannels"]) for form in forms} == {
        (sid, "Conference", "1")
    }
    assert all("CallSid" not in form for form in forms)
    assert int(forms[1]["RecordingDuration"]) == 6


@virtual
async def test_a_coach_and_who_is_muted_are_not_on_the_recording(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        alice = await enter(world, "alice", dial(RECORDED))
        agent = participant(world, 0).member.call_sid
        bob = await enter(world, "bob", dial("muted='true'"))
        carol = await enter(world, "carol", dial(f"coach='{agent}'"))
        for _ in range(5):
            await settled(world)
        await hang_up(world, alice, bob, carol)
        await complete(world)
        assert recorded(world)[1] == ["alice"]


@virtual
async def test_silence_is_cut_off_at_both_ends_by_default(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        alice = await enter(world, "alice", dial("record='record-from-start'"), talks=False)
        bob = await enter(world, "bob", dial(), talks=False)
        for _ in range(5):
            await settled(world)
        alice.say(tone(500, 2))
        for _ in range(8):
            await settled(world)
        await hang_up(world, alice, bob)
        await complete(world)
        assert 2 <= recorded(world)[0].size / 8000 < 3


@virtual
async def test_a_later_participant_may_ask_for_the_recording(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        alice, bob = [await enter(world, name, dial()) for name in ("alice", "bob")]
        assert not len(world.recordings)
        carol = await enter(world, "carol", dial(RECORDED))
        dave = await enter(world, "dave", dial(RECORDED))
        assert len(world.recordings) == 1
        await hang_up(world, alice, bob, carol, dave)
        await complete(world)
    assert [form["RecordingStatus"] for form in customer.visited("/rec")] == ["completed"]


@pytest.mark.parametrize(("more", "is_told"), [("", True), ("recordingStatusCallback='/rec'", False)])
@virtual
async def test_the_old_callback_is_told_of_the_recording_when_no_other_is(
    tmp_path: Path, customer: Customer, more: str, is_told: bool
) -> None:
    async with World(tmp_path, customer) as world:
        old = "record='record-from-start' trim='do-not-trim' eventCallbackUrl='/old'"
        alice, bob = [await enter(world, name, dial(f"{old} {more}")) for name in ("alice", "bob")]
        sid = conference(world).sid
        for _ in range(5):
            await settled(world)
        await hang_up(world, alice, bob)
        await complete(world)
        size = recorded(world)[0].size
    assert bool(customer.visited("/old")) == is_told
    for form in customer.visited("/old"):
        assert (form["EventName"], form["ConferenceSid"], form["FriendlyName"]) == ("conference-record-end", sid, "Room 1")
        assert int(form["RecordingFileSize"]) > 2 * size
        assert (form["Duration"], form["RecordingUrl"].split("/")[-1][:2]) == ("3", "RE")


@virtual
async def test_without_a_free_row_the_conference_goes_on_unrecorded(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        alice = await enter(world, "alice", dial(RECORDED))
        rows = [world.bus.claim() for _ in range(world.bus.rows - world.bus.claimed - 1)]
        bob = await enter(world, "bob", dial())
        assert not len(world.recordings)
        assert world.conferences.participants == 2
        for row in rows:
            world.bus.release(row)
        await hang_up(world, alice, bob)
        assert 15000 in world.reports()


@virtual
async def test_the_recording_of_a_participants_dial_is_of_its_leg(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        alice = await enter(world, "alice", dial("waitUrl=''", "action='/after' record='record-from-answer-dual'"))
        bob = await enter(world, "bob", dial())
        for _ in range(5):
            await settled(world)
        await hang_up(world, bob, alice)
        await complete(world)
        (path,) = (world.settings.data_dir / "recordings").glob("RE*.wav")
        with wave.open(str(path)) as file:
            channels = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).T
    assert [np.argmax(np.abs(np.fft.rfft(each.astype(float)))) * 8000 / channels.shape[1] for each in channels] == pytest.approx(
        [500, 900], abs=2
    )
    after = next(form for form in customer.visited("/after") if form["From"].startswith("sip:alice"))
    assert after["RecordingUrl"].startswith("http://switch.example/")


SPEAKERS = "statusCallback='/room' statusCallbackEvent='speaker'"


def _everyone_hangs_up(world: World, calls: list[FakeCall]) -> None:
    for call in calls:
        call.hang_up()


def _is_ended(world: World, calls: list[FakeCall]) -> None:
    for each in world.conferences:
        each.end()


def _the_first_is_kicked(world: World, calls: list[FakeCall]) -> None:
    for each in world.conferences:
        each.kick(next(iter(each.participants.values())))


@pytest.mark.parametrize("cut", [_everyone_hangs_up, _is_ended, _the_first_is_kicked], ids=lambda cut: cut.__name__.strip("_"))
@virtual
async def test_a_conference_that_ends_at_any_moment_leaves_nothing(
    tmp_path: Path, customer: Customer, cut: Callable[[World, list[FakeCall]], None]
) -> None:
    """Recorded, watched for speech, announced in, with beeps, somebody on hold and somebody who waits."""
    customer.answers["/wait"] = customer.answers["/hold"] = "<Say>Please wait.</Say><Redirect/>"
    everything = f"record='record-from-start' waitUrl='/wait' {EVENTS[:-1]} speaker'"
    customer.answers["/voice"] = dial(everything).replace("beep='false'", "")
    customer.delays = dict.fromkeys(("/voice", "/wait", "/hold", "/after"), 0.05)
    async with World(tmp_path, customer) as world:
        await asyncio.sleep(1)
        before = held(world)
        for moment in range(24):
            calls = []
            for name in ("alice", "bob", "carol"):
                calls.append(world.call(from_=f"sip:{name}@carrier"))
                calls[-1].say(tone(PITCH[name], 5))
                await asyncio.sleep(0.02 * moment)
            for each in world.conferences:
                each.announce(f"{HOST}/wait")
                each.hold(list(each.participants.values())[-1], f"{HOST}/hold")
                each.announce(f"{HOST}/wait", to=next(iter(each.participants.values())))
            await asyncio.sleep(0.05 * moment)
            cut(world, calls)
            await asyncio.sleep(0.5)
            _everyone_hangs_up(world, calls)
            await world.until(lambda: not len(world.registry) and not len(world.recordings))
            await world.callbacks.drain(5)
            await asyncio.sleep(2)
            assert held(world) == before, f"cut at {moment}"
            assert not len(world.conferences)


@virtual
async def test_who_speaks_is_told_in_whole_utterances(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        alice = await enter(world, "alice", dial(SPEAKERS), talks=False)
        alice.say(_speech(1))
        for _ in range(2):
            await settled(world)
        bob = await enter(world, "bob", dial(), talks=False)
        for _ in range(3):
            await settled(world)
        assert told(customer) == []
        for seconds in (1, 0.5, 1):
            alice.say(_speech(seconds))
            alice.say(np.zeros(3200, np.int16))
        for _ in range(8):
            await settled(world)
        assert told(customer) == ["speech-start", "speech-stop"]
        bob.say(_speech(20))
        await settled(world)
        conference(world).mute(participant(world, 1), True)
        await settled(world)
        assert told(customer)[2:] == ["speech-start", "speech-stop"]
        for _ in range(3):
            await settled(world)
        await hang_up(world, alice, bob)
    forms = customer.visited("/room")
    assert len(forms) == 4
    assert [form["CallSid"] == forms[0]["CallSid"] for form in forms] == [True, True, False, False]
    assert [form["SequenceNumber"] for form in forms] == ["1", "2", "3", "4"]


def _speech(seconds: float) -> Samples:
    return np.random.default_rng(1).normal(0, 2000, round(8000 * seconds)).astype(np.int16)
