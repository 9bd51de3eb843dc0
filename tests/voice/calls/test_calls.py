"""Whole calls, with everything real but the network and the clock."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import numpy as np
import pytest

from media.dtmf import tones
from sip.fake import FakeCall, answers, busy, challenges, declines, early_media, refuses, rings
from tests.voice.exchange import NUMBER, Customer, World, virtual
from voice.settings import Dial, Limits, Media

BOB = "sip:bob@carrier"


@pytest.fixture
def customer() -> Customer:
    return Customer()


def loudness(call: FakeCall) -> float:
    """Root mean square of what a phone has heard."""
    return float(np.sqrt(np.mean(np.square(call.heard.astype(float))))) if len(call.heard) else 0.0


@virtual
async def test_a_caller_hears_speech_and_the_call_ends(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = "<Say>Hello, this is Strowger.</Say>"
    async with World(tmp_path, customer) as world:
        call = world.call()
        await world.ended(call)
        assert call.ended_code == 200
        assert loudness(call) > 500
        assert 1 < len(call.heard) / 8000 < 4
    request = customer.visited("/voice")[0]
    assert (request["CallStatus"], request["From"], request["To"]) == ("ringing", "+15550001", NUMBER)
    status = customer.visited("/status")[0]
    assert (status["CallStatus"], status["CallbackSource"]) == ("completed", "call-progress-events")
    assert int(status["CallDuration"]) in (1, 2, 3)


@virtual
async def test_gather_hands_the_keys_to_its_action_and_silences_the_prompt(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = "<Gather numDigits='2' action='/keys'><Say loop='0'>Press two keys.</Say></Gather>"
    customer.answers["/keys"] = lambda form: f"<Redirect>/got-{form['Digits']}</Redirect>"
    customer.answers["/got-42"] = "<Hangup/>"
    async with World(tmp_path, customer) as world:
        call = world.call()
        await world.until(lambda: loudness(call) > 100)
        call.press("4")
        await world.until(lambda: not np.any(call.heard[-800:]), 1)
        call.press("2")
        await world.ended(call)
    keys = customer.visited("/keys")[0]
    assert (keys["Digits"], keys["FinishedOnKey"], keys["CallStatus"]) == ("42", "", "in-progress")
    assert customer.visited("/got-42")


@virtual
async def test_tones_in_the_audio_count_as_keys_when_the_settings_say_so(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = "<Gather numDigits='3' action='/keys'/>"
    customer.answers["/keys"] = "<Hangup/>"
    async with World(tmp_path, customer, media=Media(detect_inband_digits=True)) as world:
        call = world.call()
        await world.until(lambda: call.answered)
        call.say(tones("1*9", 8000))
        await world.ended(call)
    assert customer.visited("/keys")[0]["Digits"] == "1*9"


@virtual
async def test_a_dialled_pair_hear_each_other_and_nobody_else(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = f"<Dial action='/dialled'><Sip>{BOB}</Sip></Dial>"
    customer.answers["/dialled"] = "<Hangup/>"
    pitch = {name: _tone(hertz) for name, hertz in (("alice", 500), ("bob", 900), ("carol", 1300))}
    async with World(tmp_path, customer) as world:
        bob = world.fake.phone(BOB, answers(after=1.0))
        alice = world.call()
        await world.until(lambda: bool(bob.calls) and bob.calls[0].answered)
        customer.answers["/voice"] = "<Gather timeout='60'/>"
        carol = world.call(from_="sip:carol@carrier")
        await world.until(lambda: carol.answered)
        for call, name in ((alice, "alice"), (bob.calls[0], "bob"), (carol, "carol")):
            call.say(pitch[name])
        start = len(alice.heard), len(bob.calls[0].heard)
        await world.until(lambda: len(alice.heard) > start[0] + 8000)
        assert _hears(alice.heard[start[0] + 1600 :]) == [900]
        assert _hears(bob.calls[0].heard[start[1] + 1600 :]) == [500]
        bob.calls[0].hang_up()
        await world.ended(alice)
        carol.hang_up()
        await world.ended(carol)
    form = customer.visited("/dialled")[0]
    assert (form["DialCallStatus"], form["DialBridged"]) == ("completed", "true")
    assert form["DialSipResponseCode"] == "200"


@virtual
async def test_keys_pass_through_a_bridge_in_both_directions(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = f"<Dial><Sip>{BOB}</Sip></Dial>"
    async with World(tmp_path, customer) as world:
        bob = world.fake.phone(BOB)
        alice = world.call()
        await world.until(lambda: bool(bob.calls) and bob.calls[0].answered)
        await world.until(lambda: alice.answered)
        alice.press("12")
        bob.calls[0].press("#")
        await world.until(lambda: bool(alice.digits_heard))
        assert (alice.digits_heard, bob.calls[0].digits_heard) == ("#", "12")
        alice.hang_up()
        await world.ended(bob.calls[0])


@virtual
async def test_tones_pass_through_a_bridge_as_keys_and_each_key_once(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = f"<Dial><Sip>{BOB}</Sip></Dial>"
    async with World(tmp_path, customer, media=Media(detect_inband_digits=True)) as world:
        bob = world.fake.phone(BOB)
        alice = world.call()
        await world.until(lambda: bool(bob.calls) and bob.calls[0].answered)
        alice.say(tones("1*99", 8000))
        await world.until(lambda: len(bob.calls[0].digits_heard) == 4)
        alice.press("9")
        alice.say(tones("23", 8000))
        await asyncio.sleep(1)
        alice.press("23")
        await world.until(lambda: len(bob.calls[0].digits_heard) == 6)
        assert bob.calls[0].digits_heard == "1*9923"
        alice.hang_up()
        await world.ended(bob.calls[0])


@virtual
async def test_a_far_end_without_events_hears_the_keys_as_tones(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = f"<Dial><Sip>{BOB}</Sip></Dial>"
    async with World(tmp_path, customer) as world:
        bob = world.fake.phone(BOB)
        alice = world.call()
        await world.until(lambda: bool(bob.calls) and bob.calls[0].answered)
        bob.calls[0].takes_digits = False
        alice.press("5")
        await world.until(lambda: _hears(bob.calls[0].heard[-640:]) == [770, 1336], 2)
        alice.hang_up()
        await world.ended(bob.calls[0])


@pytest.mark.parametrize(
    ("behaviour", "status"), [(busy(), "busy"), (declines(), "failed"), (rings(), "no-answer"), (challenges("a", "b"), "failed")]
)
@virtual
async def test_a_callee_who_does_not_answer_is_told_to_the_action(
    tmp_path: Path, customer: Customer, behaviour: object, status: str
) -> None:
    customer.answers["/voice"] = f"<Dial timeout='5' action='/dialled'><Sip>{BOB}</Sip></Dial>"
    customer.answers["/dialled"] = "<Hangup/>"
    async with World(tmp_path, customer) as world:
        world.fake.phone(BOB, behaviour)  # type: ignore[arg-type]
        await world.ended(world.call())
    assert customer.visited("/dialled")[0]["DialCallStatus"] == status


@virtual
async def test_the_first_of_several_to_answer_wins(tmp_path: Path, customer: Customer) -> None:
    nouns = "".join(f"<Sip>sip:{name}@carrier</Sip>" for name in ("slow", "fast", "busy"))
    customer.answers["/voice"] = f"<Dial action='/dialled'>{nouns}</Dial>"
    customer.answers["/dialled"] = "<Hangup/>"
    async with World(tmp_path, customer) as world:
        slow = world.fake.phone("sip:slow@carrier", answers(after=3.0))
        fast = world.fake.phone("sip:fast@carrier", answers(after=1.0))
        world.fake.phone("sip:busy@carrier", busy())
        alice = world.call()
        await world.until(lambda: bool(fast.calls) and fast.calls[0].answered)
        await world.until(lambda: slow.calls[0].ended)
        assert slow.calls[0].ended_code == 487
        fast.calls[0].hang_up()
        await world.ended(alice)
    assert customer.visited("/dialled")[0]["DialCallStatus"] == "completed"


@virtual
async def test_a_whisper_is_heard_before_the_bridge_and_may_decline_it(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = f"<Dial action='/dialled'><Sip url='/whisper'>{BOB}</Sip></Dial>"
    customer.answers["/whisper"] = "<Gather numDigits='1' timeout='5' action='/accept'><Say>Press one.</Say></Gather><Hangup/>"
    customer.answers["/accept"] = "<Say>Connected.</Say>"
    customer.answers["/dialled"] = "<Hangup/>"
    async with World(tmp_path, customer) as world:
        bob = world.fake.phone(BOB)
        alice = world.call()
        await world.until(lambda: bool(bob.calls) and loudness(bob.calls[0]) > 100)
        bob.calls[0].press("1")
        await world.until(lambda: bool(customer.visited("/accept")))
        accept = customer.visited("/accept")[0]
        assert (accept["Direction"], accept["ParentCallSid"]) == ("outbound-dial", customer.visited("/voice")[0]["CallSid"])
        await world.until(lambda: any(entry.kind == "joined" for entry in world.journal()))
        bob.calls[0].hang_up()
        await world.ended(alice)
        second = world.call()
        await world.ended(second)
    assert [form["DialBridged"] for form in customer.visited("/dialled")] == ["true", "false"]


@virtual
async def test_answer_on_bridge_keeps_the_caller_ringing(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = f"<Dial answerOnBridge='true'><Sip>{BOB}</Sip></Dial>"
    async with World(tmp_path, customer) as world:
        bob = world.fake.phone(BOB, answers(after=2.0))
        alice = world.call()
        await world.until(lambda: bool(bob.calls))
        assert alice.ringing
        assert not alice.answered
        await world.until(lambda: alice.answered)
        assert bob.calls[0].answered
        alice.hang_up()
        await world.ended(bob.calls[0])


@virtual
async def test_early_media_is_heard_by_the_caller(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = f"<Dial timeout='5'><Sip>{BOB}</Sip></Dial>"
    async with World(tmp_path, customer) as world:
        world.fake.phone(BOB, early_media(_tone(900)))
        alice = world.call()
        await world.until(lambda: _hears(alice.heard[-800:]) == [900])
        await world.ended(alice)


@virtual
async def test_early_media_is_heard_by_a_caller_who_rings_still(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = f"<Dial timeout='5' answerOnBridge='true' action='/dialled'><Sip>{BOB}</Sip></Dial>"
    customer.answers["/dialled"] = "<Reject reason='busy'/>"
    async with World(tmp_path, customer) as world:
        world.fake.phone(BOB, early_media(_tone(900)))
        alice = world.call()
        await world.until(lambda: _hears(alice.heard[-800:]) == [900])
        assert not alice.answered
        await world.ended(alice)
        assert alice.ended_code == 486
        bob = world.fake.phone(BOB, early_media(_tone(900)))
        alice = world.call()
        await world.until(lambda: _hears(alice.heard[-800:]) == [900])
        bob.calls[-1].answer()
        bob.calls[-1].say(_tone(500))
        await world.until(lambda: _hears(alice.heard[-800:]) == [500])
        assert alice.answered
        alice.hang_up()


@virtual
async def test_the_time_limit_ends_the_conversation(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = f"<Dial timeLimit='7' action='/dialled'><Sip>{BOB}</Sip></Dial>"
    customer.answers["/dialled"] = "<Hangup/>"
    async with World(tmp_path, customer) as world:
        bob = world.fake.phone(BOB)
        await world.ended(world.call())
        assert bob.calls[0].ended
    assert customer.visited("/dialled")[0]["DialCallDuration"] == "7"


@virtual
async def test_a_call_lasts_no_longer_than_the_server_allows(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = "<Gather timeout='3600'/>"
    async with World(tmp_path, customer, limits=Limits(call_seconds=30)) as world:
        call = world.call()
        await world.ended(call)
        assert len(call.heard) / 8000 == pytest.approx(30, abs=1)


@virtual
async def test_a_failing_document_is_replaced_by_an_apology(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = httpx.Response(500)
    async with World(tmp_path, customer) as world:
        call = world.call()
        await world.ended(call)
        assert loudness(call) > 500
        assert world.reports() == [11200]


@virtual
async def test_an_error_of_ours_ends_one_call_and_no_other(
    tmp_path: Path, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer.answers["/voice"] = "<Gather timeout='20'/>"
    async with World(tmp_path, customer) as world:
        healthy = world.call(from_="sip:healthy@carrier")
        await world.until(lambda: healthy.answered)
        monkeypatch.setattr(world.fake, "answer", _explode)
        broken = world.call()
        await world.until(lambda: broken.ended)
        assert broken.ended_code == 603 or broken.ended_code == 500
        assert not healthy.ended
        healthy.hang_up()
        await world.ended(healthy)
        assert not len(world.registry)
        assert world.bus.claimed == 0


@virtual
async def test_nothing_is_left_of_calls_that_have_ended(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = f"<Say>One.</Say><Dial timeout='5'><Sip>{BOB}</Sip></Dial>"
    async with World(tmp_path, customer) as world:
        world.fake.phone(BOB, answers(after=2.0))
        calls = [world.call(from_=f"sip:caller{number}@carrier") for number in range(10)]
        for number, call in enumerate(calls):
            call.later(0.4 * number, call.hang_up)
        for call in calls:
            await world.ended(call)
        await world.until(lambda: not len(world.registry))
        await world.until(lambda: world.bus.claimed == 0)
        assert world.mixer.playing == 0


@virtual
async def test_status_callbacks_wait_for_nobody_and_keep_their_order(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = (
        f"<Dial><Sip statusCallback='/leg' statusCallbackEvent='initiated ringing answered completed'>{BOB}</Sip></Dial>"
    )
    customer.answers["/leg"] = ""
    customer.delays["/leg"] = 2.0
    async with World(tmp_path, customer) as world:
        bob = world.fake.phone(BOB)
        alice = world.call()
        await world.until(lambda: bool(bob.calls) and bob.calls[0].answered, 1)
        bob.calls[0].hang_up()
        await world.ended(alice)
        await world.callbacks.drain(20)
    statuses = [(form["CallStatus"], form["SequenceNumber"]) for form in customer.visited("/leg")]
    assert statuses == [("initiated", "0"), ("ringing", "1"), ("in-progress", "2"), ("completed", "3")]


@virtual
async def test_a_forbidden_prefix_is_refused_with_its_code(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = "<Dial action='/dialled'>+441234567</Dial>"
    customer.answers["/dialled"] = "<Hangup/>"
    async with World(tmp_path, customer, dial=Dial(allowed_prefixes=("+1",))) as world:
        await world.ended(world.call())
        assert world.reports() == [13227]
    assert customer.visited("/dialled")[0]["DialCallStatus"] == "failed"


@virtual
async def test_a_number_of_our_own_is_called_like_any_other(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = f"<Dial timeout='5' action='/dialled'>{NUMBER}</Dial>"
    customer.answers["/dialled"] = "<Hangup/>"
    async with World(tmp_path, customer) as world:
        own = world.fake.phone(f"sip:{NUMBER}@127.0.0.1")
        alice = world.call()
        await world.until(lambda: bool(own.calls))
        own.calls[0].hang_up()
        await world.ended(alice)


@virtual
async def test_a_file_is_fetched_once_and_played_to_everyone(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = "<Play>/tone.ulaw</Play>"
    sound = httpx.Response(
        200, headers={"Content-Type": "audio/basic", "ETag": '"1"', "Cache-Control": "max-age=60"}, content=b"\x10" * 4000
    )
    customer.answers["/tone.ulaw"] = sound
    async with World(tmp_path, customer) as world:
        for _ in range(3):
            call = world.call()
            await world.ended(call)
            assert loudness(call) > 100
    assert len(customer.visited("/tone.ulaw")) == 1


@virtual
async def test_a_file_that_is_no_audio_leads_to_the_apology(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = "<Play>/page.html</Play>"
    customer.answers["/page.html"] = httpx.Response(200, headers={"Content-Type": "audio/wav"}, content=b"<html>no</html>")
    async with World(tmp_path, customer) as world:
        call = world.call()
        await world.ended(call)
        assert world.reports() == [13420]
        assert loudness(call) > 300


@virtual
async def test_hanging_up_during_a_dial_is_told_to_the_action(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = f"<Dial action='/dialled'><Sip>{BOB}</Sip></Dial>"
    customer.answers["/dialled"] = "<Say>Nobody hears this.</Say>"
    async with World(tmp_path, customer) as world:
        bob = world.fake.phone(BOB, rings())
        alice = world.call()
        await world.until(lambda: bool(bob.calls))
        alice.hang_up()
        await world.ended(bob.calls[0])
        assert bob.calls[0].ended_code == 487
    form = customer.visited("/dialled")[0]
    assert (form["CallStatus"], form["DialCallStatus"]) == ("completed", "canceled")


def _explode(leg: int) -> None:
    raise RuntimeError("a bug")


def _tone(hertz: float, seconds: float = 10) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return (8000 * np.sin(2 * np.pi * hertz * np.arange(int(8000 * seconds)) / 8000)).astype(np.int16)


def _hears(samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> list[int]:
    """The frequencies in a recording, rounded to those that phones send here."""
    if len(samples) < 400:
        return []
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) / len(samples)
    known = (500, 697, 770, 852, 900, 1209, 1300, 1336, 1477)
    bins = {
        hertz: spectrum[max(0, round((hertz - 15) * len(samples) / 8000)) : round((hertz + 15) * len(samples) / 8000) + 1]
        for hertz in known
    }
    return [hertz for hertz, power in bins.items() if power.max() > 500]


@virtual
async def test_the_next_address_is_tried_when_one_cannot_be_reached(tmp_path: Path, customer: Customer) -> None:
    down, up = "sip:down@carrier", "sip:up@carrier"
    addresses = f"<Uri priority='1'>{down}</Uri><Uri priority='2'>{up}</Uri><Uri priority='3'>sip:never@carrier</Uri>"
    customer.answers["/voice"] = f"<Dial action='/dialled'><Sip>{addresses}</Sip></Dial>"
    customer.answers["/dialled"] = "<Hangup/>"
    async with World(tmp_path, customer) as world:
        failing, answering = world.fake.phone(down, refuses(503)), world.fake.phone(up)
        alice = world.call()
        await world.until(lambda: bool(answering.calls) and answering.calls[0].answered)
        assert len(failing.calls) == 1
        alice.say(_tone(500))
        await world.until(lambda: len(answering.calls[0].heard) > 8000)
        assert _hears(answering.calls[0].heard[-4000:]) == [500]
        answering.calls[0].hang_up()
        await world.ended(alice)
        assert world.bus.claimed == 0
    assert customer.visited("/dialled")[0]["DialCallStatus"] == "completed"


@virtual
async def test_who_is_busy_is_not_looked_for_elsewhere(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = "<Dial action='/dialled'><Sip><Uri>sip:one@carrier</Uri><Uri>sip:two@carrier</Uri></Sip></Dial>"
    customer.answers["/dialled"] = "<Hangup/>"
    async with World(tmp_path, customer) as world:
        phones = [world.fake.phone(f"sip:{name}@carrier", busy()) for name in ("one", "two")]
        await world.ended(world.call())
        assert sum(len(phone.calls) for phone in phones) == 1
    assert customer.visited("/dialled")[0]["DialCallStatus"] == "busy"
