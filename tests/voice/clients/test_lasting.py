"""Calls of pages outlast connections and ways for audio (the protocol's sections 2.7 and 3.6)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.voice.clients.world import conversation, over, page, peer, rung, switch, talking, token
from tests.voice.exchange import virtual
from tests.voice.pages import Page, sdp
from voice.clients.leg import Patience

STAY = {"/app": "<Gather timeout='600'/>", "/voice": "<Dial action='/done'><Client>bob</Client></Dial>", "/done": ""}


GRACE_SECONDS, MEDIA_SECONDS = Patience().page, Patience().audio


def _return(page: Page, sid: str, secret: str, description: str = "") -> None:
    page.say("invite", callsid=sid, reconnect=secret, sdp=description or sdp(page.name), twilio={})


@virtual
async def test_a_page_comes_back_in_time_with_its_audio_unbroken(tmp_path: Path) -> None:
    async with conversation(tmp_path, STAY) as (world, alice, sid):
        secret = alice.last("answer")["reconnect"]
        alice.lose()
        await world.until(lambda: world.now() > 1000 + GRACE_SECONDS - 1)
        again = page(world, "alice", register=False)
        again.name = alice.name
        _return(again, sid, secret)
        assert again.last("answer") == {"callsid": sid, "reconnect": secret}
        assert len(peer(world).offers) == 1
        await world.until(lambda: world.now() > 1000 + 3 * GRACE_SECONDS)
        assert not again.told("hangup")
        again.say("hangup", callsid=sid)
        await over(world)


@pytest.mark.parametrize(("given", "seconds"), [(None, GRACE_SECONDS), (30, 30.0), (900, 30.0)])
@virtual
async def test_a_page_that_does_not_come_back_has_hung_up(tmp_path: Path, given: int | None, seconds: float) -> None:
    async with switch(tmp_path, STAY) as world:
        alice = Page(world.exchange.reception, "alice")
        more: dict[str, Any] = {} if given is None else {"reconnectTimeout": given}
        alice.listen(token(world, "alice"), **more)
        sid = await talking(world, alice)
        began = world.now()
        alice.lose()
        await over(world)
        assert world.now() - began == pytest.approx(seconds, abs=0.1)
        assert peer(world).over
        late = page(world, "alice")
        _return(late, sid, alice.last("answer")["reconnect"])
        assert late.last("hangup")["error"]["code"] == 31209


@virtual
async def test_a_page_that_vanishes_while_it_rings_or_calls_is_no_longer_waited_for(tmp_path: Path) -> None:
    async with switch(tmp_path, {**STAY, "/app": "<Dial answerOnBridge='true'><Client>bob</Client></Dial>"}) as world:
        alice, bob = page(world, "alice"), page(world, "bob")
        world.call()
        await rung(world, bob)
        bob.lose()
        await world.until(lambda: bool(world.customer.visited("/done")))
        assert world.customer.visited("/done")[0]["DialCallStatus"] == "no-answer"
        alice.dial()
        alice.lose()
        await over(world)


@virtual
async def test_a_call_moves_to_another_page_of_the_same_name_and_to_nobody_else(tmp_path: Path) -> None:
    async with conversation(tmp_path, STAY) as (world, alice, sid):
        secret = alice.last("answer")["reconnect"]
        eve = page(world, "eve")
        _return(eve, sid, secret)
        assert eve.last("hangup")["error"]["code"] == 31209
        other = page(world, "alice")
        _return(other, sid, secret, sdp("other"))
        await world.until(lambda: bool(other.told("answer")))
        assert other.last("answer")["sdp"].startswith("v=0")
        assert alice.last("hangup") == {"callsid": sid}
        assert peer(world).offers[1] == sdp("other")
        alice.say("hangup", callsid=sid)
        other.say("dtmf", callsid=sid, dtmf="1")
        assert len(world.registry) == 1
        other.say("hangup", callsid=sid)
        await over(world)


@virtual
async def test_a_call_that_only_rings_cannot_be_taken_over(tmp_path: Path) -> None:
    async with switch(tmp_path, STAY) as world:
        bob, other = page(world, "bob"), page(world, "bob", register=False)
        caller = world.call()
        sid = await rung(world, bob)
        secret = bob.last("invite")["reconnect"]
        _return(other, sid, secret, sdp("other"))
        assert other.last("hangup")["error"]["code"] == 31209
        bob.say("answer", callsid=sid, sdp=sdp("bob"))
        await world.until(lambda: peer(world).connected)
        assert not bob.told("hangup")
        _return(other, sid, secret, sdp("other"))
        await world.until(lambda: bool(other.told("answer")))
        assert bob.last("hangup") == {"callsid": sid}
        caller.hang_up()
        await over(world)


@virtual
async def test_audio_finds_another_way(tmp_path: Path) -> None:
    async with conversation(tmp_path, STAY) as (world, alice, sid):
        world.media.lose(1)
        alice.say("reinvite", callsid=sid, sdp=sdp("again"))
        await world.until(lambda: len(alice.told("answer")) == 2)
        assert alice.last("answer")["sdp"].startswith("v=0")
        await world.until(lambda: world.now() > 1000 + 2 * MEDIA_SECONDS)
        assert not alice.told("hangup")
        world.media.lose(1)
        await world.until(lambda: bool(alice.told("hangup")))
        assert alice.last("hangup")["error"]["code"] == 31005
        await over(world)


@virtual
async def test_a_useless_reinvite_ends_the_call(tmp_path: Path) -> None:
    async with conversation(tmp_path, STAY) as (world, alice, sid):
        alice.say("reinvite", callsid=sid, sdp="v=0")
        await world.until(lambda: bool(alice.told("hangup")))
        assert alice.last("hangup")["error"]["code"] == 31400
        await over(world)


@virtual
async def test_a_token_is_replaced_during_a_call(tmp_path: Path) -> None:
    async with switch(tmp_path, STAY) as world:
        alice = page(world, "alice", ttl=60)
        sid = await talking(world, alice)
        alice.listen(token(world, "alice", ttl=600))
        assert alice.last("connected")["token"]["ttl"] == pytest.approx(600, abs=1)
        _return(alice, sid, alice.last("answer")["reconnect"])
        assert alice.last("answer") == {"callsid": sid, "reconnect": alice.told("answer")[0]["reconnect"]}
        alice.listen(token(world, "eve"))
        assert alice.last("error")["error"]["code"] == 31204
        alice.listen("garbage")
        assert alice.last("error")["error"]["code"] == 31204
        assert not alice.dismissed
        await world.until(lambda: world.now() > 1100)
        alice.say("register", media={"audio": True})
        assert alice.said[-1] == ("ready", {})


@virtual
async def test_an_expired_token_ends_being_called_but_no_call(tmp_path: Path) -> None:
    async with switch(tmp_path, STAY) as world:
        alice = page(world, "alice", ttl=60)
        await talking(world, alice)
        await world.until(lambda: world.now() > 1061)
        alice.say("register", media={"audio": True})
        assert alice.last("error")["error"]["code"] == 31205
        assert alice.said[-1] == ("offline", {})
        assert not alice.told("close")
        assert len(world.registry) == 1
