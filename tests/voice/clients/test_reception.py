"""Pages that do not behave: each is refused by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.voice.clients.world import page, switch, talking
from tests.voice.exchange import virtual
from tests.voice.pages import Page

STAY = {"/app": "<Gather timeout='600'/>"}


@pytest.mark.parametrize(("token", "code"), [("garbage", 31204), ("a.b.c", 31204)])
@virtual
async def test_a_bad_token_is_told_and_the_page_sent_away_for_good(tmp_path: Path, token: str, code: int) -> None:
    async with switch(tmp_path, STAY) as world:
        eve = Page(world.exchange.reception)
        eve.listen(token)
        assert [kind for kind, _ in eve.said] == ["error", "close"]
        assert eve.last("error")["error"]["code"] == code
        assert eve.dismissed


@pytest.mark.parametrize("kind", ["register", "invite", "answer", "hangup", "dtmf", "message", "reinvite", "reject"])
@virtual
async def test_nobody_says_anything_before_his_token(tmp_path: Path, kind: str) -> None:
    async with switch(tmp_path, STAY) as world:
        eve = Page(world.exchange.reception)
        eve.say(kind, callsid="CA1", sdp="v=0", dtmf="1", voiceeventsid="KX1")
        assert eve.last("error")["error"]["code"] == 31201
        assert eve.dismissed


@virtual
async def test_messages_about_other_calls_change_nothing(tmp_path: Path) -> None:
    async with switch(tmp_path, STAY) as world:
        alice, eve = page(world, "alice"), page(world, "eve")
        sid = await talking(world, alice)
        for kind in ("hangup", "reject", "answer", "dtmf", "reinvite"):
            eve.say(kind, callsid=sid, sdp="v=0", dtmf="1")
        eve.say("message", callsid=sid, voiceeventsid="KX1", messagetype="user-defined-message")
        assert eve.last("error")["error"]["code"] == 31209
        alice.say("answer", callsid=sid, sdp="v=0")
        alice.say("reject", callsid=sid)
        assert len(world.registry) == 1
        assert not alice.told("hangup")


@virtual
async def test_nonsense_is_refused_twenty_times(tmp_path: Path) -> None:
    async with switch(tmp_path, STAY) as world:
        alice, eve = page(world, "alice"), page(world, "eve")
        await talking(world, alice)
        for _ in range(20):
            eve.write("{")
        assert {told["error"]["code"] for told in eve.told("error")} == {31100}
        assert not eve.dismissed
        eve.write("{")
        assert eve.dismissed
        assert len(world.registry) == 1


@virtual
async def test_too_many_parameters(tmp_path: Path) -> None:
    async with switch(tmp_path, STAY) as world:
        alice = page(world, "alice")
        alice.dial("&".join(f"name{number}=1" for number in range(101)))
        assert alice.last("hangup")["error"]["code"] == 31400


@virtual
async def test_markup_in_a_name_is_a_name(tmp_path: Path) -> None:
    async with switch(tmp_path, STAY) as world:
        name = "<img/src=x>&'\""
        alice = page(world, name)
        await talking(world, alice, "To=%3Cb%3E")
        assert world.customer.visited("/app")[0]["From"] == f"client:{name}"
        assert world.customer.visited("/app")[0]["To"] == "<b>"
