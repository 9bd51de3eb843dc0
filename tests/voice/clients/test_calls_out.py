"""Pages call (the protocol's sections 2.4 and 2.5), on a whole switch with a virtual clock."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sip.fake import FakeCall, early_media
from tests.voice.clients.world import APPLICATION, conversation, heard, over, page, peer, strongest, switch, talking, tone
from tests.voice.exchange import ACCOUNT, virtual
from tests.voice.pages import sdp


@virtual
async def test_a_page_signs_in_registers_and_leaves(tmp_path: Path) -> None:
    async with switch(tmp_path, {}) as world:
        alice = page(world, "alice")
        assert alice.said == [
            ("connected", {"token": {"identity": "alice", "ttl": 3600}, "region": "us1", "edge": "local"}),
            ("ready", {}),
        ]
        alice.say("register", media={"audio": True})
        alice.say("register", media={"audio": False})
        assert [kind for kind, _ in alice.said[2:]] == ["ready", "offline"]


@virtual
async def test_an_application_gets_who_calls_and_what_the_page_and_the_token_say(tmp_path: Path) -> None:
    async with switch(tmp_path, {"/app": "<Say>Hello</Say><Gather timeout='60'/>"}) as world:
        alice = page(world, "alice", register=False)
        sid = await talking(world, alice, "To=%2B15551234567&weird=a%20b%26c%3Dd&From=nobody&CallSid=CA1")
        form = world.customer.visited("/app")[0]
        assert (form["CallSid"], form["AccountSid"], form["ApplicationSid"]) == (sid, ACCOUNT.sid, APPLICATION)
        assert (form["From"], form["Caller"], form["To"]) == ("client:alice", "client:alice", "+15551234567")
        assert (form["weird"], form["team"]) == ("a b&c=d", "blue")
        assert (form["Direction"], form["CallStatus"]) == ("inbound", "ringing")
        assert [kind for kind, _ in alice.said] == ["connected", "ringing", "answer"]
        assert alice.last("answer")["sdp"].startswith("v=0")
        await world.until(lambda: any(frame.any() for frame in peer(world).heard))
        alice.say("hangup", callsid=sid)
        await over(world)
        assert peer(world).over
        await world.until(lambda: bool(world.customer.visited("/status")))
        assert world.customer.visited("/status")[0]["CallStatus"] == "completed"
        seen = [entry.data for entry in world.journal("/app") if entry.kind == "page"]
        assert [(each["direction"], each["name"]) for each in seen] == [
            ("in", "invite"),
            ("out", "ringing"),
            ("out", "answer"),
            ("in", "hangup"),
        ]
        assert {each["peer"] for each in seen} == {"client:alice"}
        assert alice.last("answer")["reconnect"] not in str(seen)


@virtual
async def test_a_page_hears_early_media_before_it_is_answered(tmp_path: Path) -> None:
    answers = {"/app": "<Dial answerOnBridge='true' timeout='20' action='/done'><Sip>sip:bob@carrier</Sip></Dial>", "/done": ""}
    async with switch(tmp_path, answers) as world:
        bob = world.fake.phone("sip:bob@carrier", early_media(np.tile(tone(900), 200)))
        alice = page(world, "alice")
        alice.dial()
        await world.until(lambda: len(alice.told("ringing")) == 2)
        assert alice.last("ringing")["sdp"].startswith("v=0")
        await world.until(lambda: len(peer(world).heard) > 10 and abs(strongest(heard(peer(world), 10)) - 900) < 10)
        alice.say("reinvite", callsid="TJS1", sdp=sdp("again"))
        assert not alice.told("answer")
        bob.calls[0].answer()
        await world.until(lambda: bool(alice.told("answer")))
        assert "sdp" not in alice.last("answer")
        assert len(world.media.peers) == 1
        alice.say("hangup", callsid="TJS1")
        await over(world)
        alice.dial(name="TJS2")
        await world.until(lambda: len(alice.told("ringing")) == 4)
        bob.calls[1].reject(486)
        await over(world)
        assert peer(world).over


@virtual
async def test_who_answers_while_the_early_audio_is_made_answers_once(tmp_path: Path) -> None:
    answers = {"/app": "<Dial answerOnBridge='true'><Sip>sip:bob@carrier</Sip></Dial>"}
    async with switch(tmp_path, answers) as world:

        def hasty(call: FakeCall) -> None:
            call.ring(183, early_media=True)
            call.answer()

        world.fake.phone("sip:bob@carrier", hasty)
        alice = page(world, "alice")
        alice.dial()
        await world.until(lambda: bool(alice.told("answer")))
        assert alice.last("answer")["sdp"].startswith("v=0")
        assert [each.get("sdp") for each in alice.told("ringing")] == [None]
        alice.lose()
        await over(world)
        alice = page(world, "alice")
        world.fake.phone("sip:bob@carrier", early_media())
        alice.dial()
        await world.until(lambda: len(alice.told("ringing")) == 2)
        alice.lose()
        await over(world)
        assert peer(world).over


@virtual
async def test_the_application_hangs_up(tmp_path: Path) -> None:
    async with conversation(tmp_path, {"/app": "<Say>Goodbye</Say>"}) as (world, alice, sid):
        await world.until(lambda: bool(alice.told("hangup")))
        assert alice.last("hangup") == {"callsid": sid}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("<Reject reason='busy'/>", 31486),
        ("<Reject/>", 31404),
        ("<Dial answerOnBridge='true'><Client>nobody</Client></Dial>", 31603),
    ],
)
@virtual
async def test_a_call_that_is_not_answered_ends_with_an_error(tmp_path: Path, document: str, code: int) -> None:
    async with switch(tmp_path, {"/app": document}) as world:
        alice = page(world, "alice")
        alice.dial()
        await world.until(lambda: bool(alice.told("hangup")))
        assert alice.last("hangup")["error"]["code"] == code
        assert not alice.told("answer")


@pytest.mark.parametrize("name", ["TJS1", "sid"])
@virtual
async def test_a_page_gives_up_before_the_answer(tmp_path: Path, name: str) -> None:
    async with switch(tmp_path, {"/app": "<Dial answerOnBridge='true'><Sip>sip:bob@carrier</Sip></Dial>"}) as world:
        bob = world.fake.phone("sip:bob@carrier", lambda call: call.ring())
        alice = page(world, "alice")
        alice.dial()
        if name == "sid":
            await world.until(lambda: bool(bob.calls))
        alice.say("hangup", callsid=alice.last("ringing")["callsid"] if name == "sid" else name)
        await world.until(lambda: bool(world.customer.visited("/status")))
        assert world.customer.visited("/status")[-1]["CallStatus"] == "canceled"
        assert all(call.ended for call in bob.calls)
        assert not alice.told("answer")


@virtual
async def test_a_page_and_a_telephone_hear_each_other_and_keys_arrive(tmp_path: Path) -> None:
    async with switch(tmp_path, {"/app": "<Dial><Sip>sip:bob@carrier</Sip></Dial>"}) as world:
        bob = world.fake.phone("sip:bob@carrier", lambda call: call.answer())
        alice = page(world, "alice")
        sid = await talking(world, alice)
        await world.until(lambda: bool(bob.calls) and bob.calls[0].answered)
        call = bob.calls[0]
        for _ in range(100):
            call.say(tone(600))
        peer(world).tone = tone(1000)
        await world.until(lambda: len(peer(world).heard) > 90)
        assert strongest(heard(peer(world))) == pytest.approx(600, abs=10)
        assert strongest(call.heard[-6400:]) == pytest.approx(1000, abs=10)
        alice.say("dtmf", callsid=sid, dtmf="1w2#")
        await call.until(lambda call: call.digits_heard == "12#")
        call.hang_up()
        await world.until(lambda: bool(alice.told("hangup")))


@virtual
async def test_a_page_whose_call_rings_for_long_is_not_waited_for_before_it_is_answered(tmp_path: Path) -> None:
    async with switch(tmp_path, {"/app": "<Pause length='60'/><Gather/>"}) as world:
        alice = page(world, "alice")
        alice.dial("")
        await world.until(lambda: bool(alice.told("ringing")))
        await asyncio.sleep(50)
        assert not world.media.peers
        await world.until(lambda: bool(alice.told("answer")))
        assert peer(world).connected


@virtual
async def test_keys_of_a_page_reach_a_gather_with_their_pauses(tmp_path: Path) -> None:
    answers = {"/app": "<Gather numDigits='4' finishOnKey='' action='/keys'/>", "/keys": ""}
    async with conversation(tmp_path, answers) as (world, alice, sid):
        alice.say("dtmf", callsid=sid, dtmf="1ww2")
        alice.say("dtmf", callsid=sid, dtmf="#*")
        await world.until(lambda: bool(world.customer.visited("/keys")))
        assert world.customer.visited("/keys")[0]["Digits"] == "12#*"
        keys = [entry.at for entry in world.journal("/app") if entry.kind == "digit"]
        assert keys[1] - keys[0] == pytest.approx(1.0, abs=0.05)


@virtual
async def test_a_page_talks_with_an_application_through_a_stream(tmp_path: Path) -> None:
    async with conversation(tmp_path, {"/app": "<Connect><Stream url='wss://app.example/audio'/></Connect>"}) as (
        world,
        alice,
        sid,
    ):
        peer(world).tone = tone(1000)
        await world.until(lambda: bool(world.dialler.peers) and len(world.dialler.peers[0].every("media")) > 60)
        application = world.dialler.peers[0]
        assert strongest(application.heard()[-3200:]) == pytest.approx(1000, abs=10)
        application.say(np.tile(tone(700), 100))
        await world.until(lambda: len(peer(world).heard) > 60 and abs(strongest(heard(peer(world))) - 700) < 10)
        alice.say("hangup", callsid=sid)
        await over(world)


@virtual
async def test_keys_of_a_telephone_are_tones_for_a_page(tmp_path: Path) -> None:
    async with switch(tmp_path, {"/app": "<Dial><Sip>sip:bob@carrier</Sip></Dial>"}) as world:
        bob = world.fake.phone("sip:bob@carrier", lambda call: call.answer())
        alice = page(world, "alice")
        await talking(world, alice)
        await world.until(lambda: bool(bob.calls) and bob.calls[0].answered)
        bob.calls[0].press("5")
        await world.until(lambda: any(frame.any() for frame in peer(world).heard))


@virtual
async def test_a_description_without_audio_ends_the_call_alone(tmp_path: Path) -> None:
    async with switch(tmp_path, {"/app": "<Gather timeout='60'/>"}) as world:
        alice, bob = page(world, "alice"), page(world, "bob")
        alice.dial(description=sdp("video", audio=False))
        bob.dial()
        await world.until(lambda: bool(alice.told("hangup")) and bool(bob.told("answer")))
        assert alice.last("hangup")["error"]["code"] == 31400
        assert len(world.registry) == 1


@pytest.mark.parametrize(
    ("token_with", "code"), [({"application": ""}, 31201), ({"application": "AP" + "9" * 32}, 31404), ({"ttl": 5}, 31205)]
)
@virtual
async def test_a_token_that_does_not_allow_it(tmp_path: Path, token_with: dict[str, Any], code: int) -> None:
    async with switch(tmp_path, {"/app": ""}) as world:
        alice = page(world, "alice", **token_with)
        await world.until(lambda: world.now() > 1006)
        alice.dial()
        assert alice.last("hangup") == {"callsid": "TJS1", "error": alice.last("hangup")["error"]}
        assert alice.last("hangup")["error"]["code"] == code
        assert not world.media.peers


@virtual
async def test_a_page_has_ten_calls_at_once_at_most(tmp_path: Path) -> None:
    async with switch(tmp_path, {"/app": "<Gather timeout='60'/>"}) as world:
        alice = page(world, "alice")
        for number in range(11):
            alice.dial(name=f"TJS{number}")
        assert [told["callsid"] for told in alice.told("hangup")] == ["TJS10"]


@virtual
async def test_a_switch_that_is_full_says_so(tmp_path: Path) -> None:
    async with switch(tmp_path, {"/app": "<Gather timeout='60'/>"}, limits={"max_calls": 1}) as world:
        alice = page(world, "alice")
        await talking(world, alice)
        alice.dial(name="TJS2")
        await world.until(lambda: bool(alice.told("hangup")))
        assert alice.last("hangup")["error"]["code"] == 31005


@virtual
async def test_a_page_is_not_a_telephone_that_can_be_referred(tmp_path: Path) -> None:
    async with switch(tmp_path, {"/app": "<Refer><Sip>sip:bob@carrier</Sip></Refer><Hangup/>"}) as world:
        alice = page(world, "alice")
        alice.dial()
        await world.until(lambda: bool(alice.told("hangup")))
        assert world.reports("/app") == [13801]


@virtual
async def test_more_keys_and_pauses_than_anybody_presses_are_forgotten(tmp_path: Path) -> None:
    async with switch(
        tmp_path, {"/app": "<Gather numDigits='2' finishOnKey='' timeout='600' action='/keys'/>", "/keys": ""}
    ) as world:
        alice = page(world, "alice")
        sid = await talking(world, alice)
        for _ in range(40):
            alice.say("dtmf", callsid=sid, dtmf="w" * 200 + "9")
        await world.until(lambda: world.now() > 1600, 700)
        assert not world.customer.visited("/keys")
