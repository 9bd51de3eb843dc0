"""Calls of pages, on a whole switch with a virtual clock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from tests.voice.exchange import ACCOUNT, HOST, Customer, World, virtual
from tests.voice.pages import FakePeer, Page
from voice.accounts.accounts import Key
from voice.settings import Application

KEY = Key("SK" + "1" * 32, ACCOUNT.sid, "k" * 32)
APPLICATION = "AP" + "1" * 32
DIAL_BOB = {"/app": "<Dial action='/done'><Client>bob</Client></Dial>", "/done": ""}


@asynccontextmanager
async def switch(folder: Path, answers: dict[str, object]) -> AsyncIterator[World]:
    """A switch with an API key and an application for pages."""
    application = Application(sid=APPLICATION, voice_url=f"{HOST}/app", status_callback=f"{HOST}/status")
    async with World(folder, Customer({"/status": "", **answers}), application=(application,)) as world:  # type: ignore[dict-item]
        world.accounts.load([], [KEY])
        yield world


def token(world: World, identity: str, *, ttl: int = 3600, incoming: bool = True, **more: str) -> str:
    """As the official SDK makes it."""
    made = AccessToken(ACCOUNT.sid, KEY.sid, KEY.secret, identity=identity, ttl=ttl, nbf=int(world._wall().timestamp()), **more)
    made.ttl = ttl
    grant = VoiceGrant(
        incoming_allow=incoming, outgoing_application_sid=APPLICATION, outgoing_application_params={"team": "blue"}
    )
    made.add_grant(grant)
    made.valid_until = int(world._wall().timestamp()) + ttl
    return str(made.to_jwt())


def page(world: World, identity: str, register: bool = True) -> Page:
    """A page that has signed in."""
    made = Page(world.exchange.reception, identity)
    made.listen(token(world, identity), register)
    return made


def peer(world: World, number: int = -1) -> FakePeer:
    """One of the connections of pages."""
    return list(world.media.peers.values())[number]


@virtual
async def test_a_page_signs_in_registers_and_leaves(tmp_path: Path) -> None:
    async with switch(tmp_path, {}) as world:
        alice = page(world, "alice")
        assert alice.said[0] == (
            "connected",
            {"token": {"identity": "alice", "ttl": 3600}, "region": "us1", "edge": "local"},
        )
        assert alice.said[1] == ("ready", {})
        alice.say("register", media={"audio": True})
        alice.say("register", media={"audio": False})
        assert [kind for kind, _ in alice.said[2:]] == ["ready", "offline"]


@virtual
async def test_a_page_calls_an_application_with_its_parameters(tmp_path: Path) -> None:
    async with switch(tmp_path, {"/app": "<Say>Hello</Say><Gather timeout='60'/>"}) as world:
        alice = page(world, "alice", register=False)
        alice.dial("To=%2B15551234567&weird=a%20b%26c%3Dd&From=nobody&CallSid=CA1")
        await world.until(lambda: bool(alice.told("answer")))
        form = world.customer.visited("/app")[0]
        sid = alice.last("ringing")["callsid"]
        assert form["CallSid"] == sid
        assert (form["From"], form["Caller"], form["To"]) == ("client:alice", "client:alice", "+15551234567")
        assert (form["ApplicationSid"], form["weird"], form["team"]) == (APPLICATION, "a b&c=d", "blue")
        assert (form["Direction"], form["CallStatus"], form["AccountSid"]) == ("inbound", "ringing", ACCOUNT.sid)
        assert alice.last("answer")["callsid"] == sid
        assert alice.last("answer")["sdp"].startswith("v=0")
        await world.until(lambda: any(frame.any() for frame in peer(world).heard))
        alice.say("hangup", callsid=sid)
        await world.until(lambda: not len(world.registry))
        assert peer(world).over
        assert world.customer.visited("/status")[-1]["CallStatus"] == "completed"
