"""Pages are called (the protocol's section 2.6), on a whole switch with a virtual clock."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from tests.voice.clients.world import KEY, heard, over, page, peer, rung, strongest, switch, talking, tone
from tests.voice.exchange import ACCOUNT, NUMBER, Form, World, virtual
from tests.voice.pages import sdp
from tests.voice.sdk import refused, sdk
from tests.voice.softphone import Softphone
from voice.accounts.accounts import Account, Key
from voice.settings import SipDomain

DIAL_BOB = {"/voice": "<Dial action='/done' timeout='5'><Client>bob</Client></Dial>", "/done": "", "/leg": ""}


async def _done(world: World) -> Form:
    await world.until(lambda: bool(world.customer.visited("/done")))
    return world.customer.visited("/done")[0]


@virtual
async def test_a_page_is_told_who_calls_accepts_and_both_hear_each_other(tmp_path: Path) -> None:
    document = (
        "<Dial action='/done'><Client statusCallback='/leg' statusCallbackEvent='initiated ringing answered completed'>"
        "<Identity>bob</Identity><Parameter name='room' value='12 &amp; 13'/></Client></Dial>"
    )
    async with switch(tmp_path, {**DIAL_BOB, "/voice": document}) as world:
        bob = page(world, "bob")
        caller = world.call(from_="sip:+15550001@carrier")
        sid = await rung(world, bob)
        told = bob.last("invite")
        parameters = told["parameters"]
        assert dict(parse_qsl(parameters.pop("Params"))) == {"room": "12 & 13"}
        assert parameters == {
            "CallSid": sid,
            "AccountSid": ACCOUNT.sid,
            "ApiVersion": "2010-04-01",
            "From": "+15550001",
            "To": "client:bob",
        }
        assert told["reconnect"]
        bob.say("answer", callsid=sid, sdp=sdp("bob"))
        await world.until(lambda: peer(world).row is not None and peer(world).connected)
        peer(world).tone = tone(1000)
        for _ in range(100):
            caller.say(tone(600))
        await world.until(lambda: len(peer(world).heard) > 90)
        assert strongest(heard(peer(world))) == pytest.approx(600, abs=10)
        assert strongest(caller.heard[-6400:]) == pytest.approx(1000, abs=10)
        bob.say("hangup", callsid=sid)
        form = await _done(world)
        assert (form["DialCallStatus"], form["DialCallSid"], form["DialBridged"]) == ("completed", sid, "true")
        await world.until(lambda: len(world.customer.visited("/leg")) == 4)
        legs = world.customer.visited("/leg")
        assert [leg["CallStatus"] for leg in legs] == ["initiated", "ringing", "in-progress", "completed"]
        assert {leg["To"] for leg in legs} == {"client:bob"}
        world.journals.flush()
        assert any(entry.kind == "quality" for entry in world.journals.read(sid))


@virtual
async def test_a_page_that_does_not_want_it(tmp_path: Path) -> None:
    async with switch(tmp_path, DIAL_BOB) as world:
        bob = page(world, "bob")
        world.call()
        bob.say("reject", callsid=await rung(world, bob))
        assert (await _done(world))["DialCallStatus"] == "busy"
        assert [kind for kind, _ in bob.said] == ["connected", "ready", "invite"]
        assert peer(world).over


@virtual
async def test_a_page_that_does_nothing(tmp_path: Path) -> None:
    async with switch(tmp_path, DIAL_BOB) as world:
        bob = page(world, "bob")
        world.call()
        sid = await rung(world, bob)
        assert (await _done(world))["DialCallStatus"] == "no-answer"
        assert bob.last("cancel") == {"callsid": sid}


@pytest.mark.parametrize("answers", [False, True])
@virtual
async def test_the_caller_gives_up_even_as_the_page_answers(tmp_path: Path, answers: bool) -> None:
    async with switch(tmp_path, DIAL_BOB) as world:
        bob = page(world, "bob")
        caller = world.call()
        sid = await rung(world, bob)
        if answers:
            bob.say("answer", callsid=sid, sdp=sdp("bob"))
        caller.hang_up()
        await world.until(lambda: bool(bob.told("cancel")))
        await over(world)
        bob.say("answer", callsid=sid, sdp=sdp("bob"))
        bob.say("hangup", callsid=sid)
        assert peer(world).over


@virtual
async def test_all_pages_of_a_name_ring_and_the_first_that_answers_has_it(tmp_path: Path) -> None:
    async with switch(tmp_path, DIAL_BOB) as world:
        first, second, third, eve = (page(world, name) for name in ("bob", "bob", "bob", "eve"))
        world.call()
        sid = await rung(world, first, second, third)
        third.say("reject", callsid=sid)
        second.say("answer", callsid=sid, sdp=sdp("second"))
        await world.until(lambda: bool(first.told("cancel")))
        assert not second.told("cancel")
        assert not third.told("cancel")
        assert not eve.told("invite")
        assert [each.over for each in world.media.peers.values()].count(False) == 1
        second.say("hangup", callsid=sid)
        assert (await _done(world))["DialCallStatus"] == "completed"


@virtual
async def test_a_page_that_is_not_registered_or_not_to_be_called_does_not_ring(tmp_path: Path) -> None:
    async with switch(tmp_path, DIAL_BOB) as world:
        page(world, "bob", register=False)
        denied = page(world, "bob", incoming=False)
        assert [kind for kind, _ in denied.said] == ["connected", "error", "offline"]
        assert denied.last("error")["error"]["code"] == 31201
        world.call()
        assert (await _done(world))["DialCallStatus"] == "failed"


@virtual
async def test_a_page_of_the_same_name_in_another_account_has_no_part_in_it(tmp_path: Path) -> None:
    other = Account("AC" + "2" * 32, "secret", owner_sid=ACCOUNT.sid)
    key = Key("SK" + "2" * 32, other.sid, "o" * 32)
    async with switch(tmp_path, DIAL_BOB) as world:
        world.accounts.load([other], [KEY, key])
        bob, stranger = page(world, "bob"), page(world, "bob", key=key)
        assert [kind for kind, _ in stranger.said] == ["connected", "ready"]
        caller = world.call()
        sid = await rung(world, bob)
        stranger.say("reject", callsid=sid)
        bob.say("answer", callsid=sid, sdp=sdp("bob"))
        await world.until(lambda: peer(world).connected)
        stranger.say("hangup", callsid=sid)
        stranger.say("invite", callsid=sid, reconnect=bob.last("invite")["reconnect"], sdp=sdp("stranger"), twilio={})
        assert stranger.last("hangup")["error"]["code"] == 31209
        stranger.dial(name="TJS2")
        assert stranger.last("hangup")["error"]["code"] == 31404
        assert [kind for kind, _ in stranger.said] == ["connected", "ready", "hangup", "hangup"]
        assert len(world.registry) == 2
        assert not bob.told("hangup")
        caller.hang_up()
        await over(world)


@virtual
async def test_pages_and_telephones_of_a_name_ring_at_once(tmp_path: Path) -> None:
    domain = SipDomain(domain="phones.example", voice_url="http://app.example/voice", users={"bob": "secret"})
    async with switch(tmp_path, DIAL_BOB, sip_domain=(domain,)) as world:
        phone = Softphone(world, "bob", "secret", "phones.example")
        assert (await phone.register()).code == 200
        desk = world.fake.phone("sip:bob@198.51.100.7:5060", lambda call: call.ring())
        bob = page(world, "bob")
        world.call()
        sid = await rung(world, bob)
        await world.until(lambda: bool(desk.calls))
        bob.say("answer", callsid=sid, sdp=sdp("bob"))
        await world.until(lambda: desk.calls[0].ended)
        assert not bob.told("cancel")


@pytest.mark.parametrize(
    ("caller_id", "shown"), [("", "sip:alice@phones.example"), ("client:desk", "client:desk"), ("+15550199", "+15550199")]
)
@virtual
async def test_a_page_sees_who_calls_as_webhooks_do(tmp_path: Path, caller_id: str, shown: str) -> None:
    dial = f"<Dial callerId='{caller_id}'>" if caller_id else "<Dial>"
    domain = SipDomain(domain="phones.example", voice_url="http://app.example/voice", users={"alice": "secret"})
    document = {**DIAL_BOB, "/voice": f"{dial}<Client statusCallback='/leg'>bob</Client></Dial>"}
    async with switch(tmp_path, document, sip_domain=(domain,)) as world:
        bob = page(world, "bob")
        caller = await Softphone(world, "alice", "secret", "phones.example").dial("anything")
        await rung(world, bob)
        assert bob.last("invite")["parameters"]["From"] == shown
        caller.hang_up()
        await world.until(lambda: bool(world.customer.visited("/leg")))
        assert world.customer.visited("/leg")[0]["From"] == shown


@virtual
async def test_two_pages_talk_through_rows(tmp_path: Path) -> None:
    async with switch(tmp_path, {"/app": "<Dial callerId='client:Alice'><Client>bob</Client></Dial>"}) as world:
        alice, bob = page(world, "alice"), page(world, "bob")
        await talking(world, alice)
        sid = await rung(world, bob)
        assert bob.last("invite")["parameters"]["From"] == "client:Alice"
        bob.say("answer", callsid=sid, sdp=sdp("bob"))
        await world.until(lambda: all(each.connected for each in world.media.peers.values()))
        peer(world, 0).tone, peer(world, 1).tone = tone(600), tone(1000)
        await world.until(lambda: len(peer(world, 1).heard) > 60)
        assert strongest(heard(peer(world, 0))) == pytest.approx(1000, abs=10)
        assert strongest(heard(peer(world, 1))) == pytest.approx(600, abs=10)
        bob.lose()
        await world.until(lambda: bool(alice.told("hangup")))


@virtual
async def test_whoever_is_called_hears_the_screening_document_first(tmp_path: Path) -> None:
    document = "<Dial action='/done'><Client url='/screen'>bob</Client></Dial>"
    screen = "<Gather numDigits='1' timeout='5' action='/pressed'/><Hangup/>"
    async with switch(tmp_path, {**DIAL_BOB, "/voice": document, "/screen": screen, "/pressed": ""}) as world:
        bob = page(world, "bob")
        caller = world.call()
        sid = await rung(world, bob)
        bob.say("answer", callsid=sid, sdp=sdp("bob"))
        await world.until(lambda: bool(world.customer.visited("/screen")))
        assert world.customer.visited("/screen")[0]["To"] == "client:bob"
        bob.say("dtmf", callsid=sid, dtmf="1")
        await world.until(lambda: bool(world.customer.visited("/pressed")))
        peer(world).tone = tone(1000)
        await world.until(lambda: len(caller.heard) > 8000 and strongest(caller.heard[-3200:]) > 900)
        caller.hang_up()
        await world.ended(caller)


@virtual
async def test_rest_calls_a_page_with_parameters(tmp_path: Path) -> None:
    async with switch(tmp_path, {"/hello": "<Say>Hello</Say>"}) as world:
        bob = page(world, "bob")
        placed = await sdk(world).calls.create_async(to="client:bob?room=12", from_="client:desk", url="http://app.example/hello")
        sid = await rung(world, bob)
        assert sid == placed.sid
        assert bob.last("invite")["parameters"]["From"] == "client:desk"
        assert bob.last("invite")["parameters"]["Params"] == "room=12"
        bob.say("answer", callsid=sid, sdp=sdp("bob"))
        await world.until(lambda: bool(world.customer.visited("/hello")))
        await world.until(lambda: bool(bob.told("hangup")))
        assert any(frame.any() for frame in peer(world).heard)
        nobody = sdk(world).calls.create_async(to="client:nobody", from_=NUMBER, url="http://app.example/hello")
        assert (await refused(nobody))[0] == 400


@virtual
async def test_a_page_is_in_a_conference_with_a_telephone_and_is_recorded(tmp_path: Path) -> None:
    room = "<Dial><Conference record='record-from-start' beep='false'>room</Conference></Dial>"
    async with switch(tmp_path, {"/app": room, "/voice": room}) as world:
        alice = page(world, "alice")
        await talking(world, alice)
        caller = world.call()
        await world.until(lambda: caller.answered)
        peer(world).tone = tone(1000)
        await world.until(lambda: len(caller.heard) > 16000)
        assert strongest(caller.heard[-3200:]) == pytest.approx(1000, abs=10)
        caller.hang_up()
        alice.lose()
        await over(world)
