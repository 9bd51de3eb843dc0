"""Extensions of SIP with SIPp as the other side: reliable ringing, session timers, UPDATE, all ways to hold; and all ways to write."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sip.events import Answered, Dialled, Digit, Ended, Held, Incoming
from sip.message import parse_message
from tests.interop.sipp import Played, play
from tests.ports import free_port, taken
from tests.sip.conftest import RealNetwork
from tests.sip.talk import offer, talking
from tests.sip.wire import Wire

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHORT = {"Via": "v", "From": "f", "To": "t", "Call-ID": "i", "Contact": "m", "Content-Type": "c", "Content-Length": "l"}


class Caller:
    """SIPp, which calls the endpoint; the call is answered."""

    def __init__(self, network: RealNetwork, folder: Path, scenario: str, **values: str) -> None:
        self._near = network.near
        self._user = f"{scenario}-{free_port()}"
        target = "{}:{}".format(*network.address)
        self._playing = asyncio.create_task(play(scenario, folder, target, number=self._user, values=values))

    async def answered(self) -> Incoming:
        incoming = await self._near.incoming(self._user)
        self._near.endpoint.ring(incoming.leg)
        self._near.endpoint.attach(incoming.leg, next(self._near.rows))
        self._near.endpoint.answer(incoming.leg)
        await self._near.event(incoming.leg, Answered)
        return incoming

    async def left(self, incoming: Incoming) -> None:
        """Hang up; everything has to have gone as the scenario says."""
        self._near.endpoint.hang_up(incoming.leg)
        await self._near.event(incoming.leg, Ended)
        await self.over()

    async def over(self) -> None:
        went_well(await self._playing)


def went_well(played: Played) -> None:
    assert played.status == 0, f"{played.output}\n{played.messages[-6000:]}"


@pytest.mark.parametrize("scenario", ["reliable_caller", "timed_caller"])
async def test_what_a_caller_requires_is_done(real_network: RealNetwork, tmp_path: Path, scenario: str) -> None:
    caller = Caller(real_network, tmp_path, scenario)
    await caller.left(await caller.answered())


async def test_reliable_ringing_of_a_callee_is_acknowledged(real_network: RealNetwork, tmp_path: Path) -> None:
    near, port = real_network.near, free_port()
    callee = asyncio.create_task(play("reliable_callee", tmp_path, port=port))
    await taken(port)
    leg, _ = near.invite(f"sip:bob@127.0.0.1:{port}")
    await near.event(leg, Dialled)
    await near.event(leg, Answered)
    assert (await near.event(leg, Ended)).by_peer
    went_well(await callee)


@pytest.mark.parametrize(
    ("way", "address", "answer"),
    [
        ("a=sendonly", "[media_ip]", "a=recvonly"),
        ("a=inactive", "[media_ip]", "a=inactive"),
        ("a=sendrecv", "0.0.0.0", "c=IN IP4 0.0.0.0"),
    ],
    ids=["sendonly", "inactive", "address zero"],
)
async def test_a_caller_holds_by_invite(real_network: RealNetwork, tmp_path: Path, way: str, address: str, answer: str) -> None:
    await holds_and_returns(real_network, Caller(real_network, tmp_path, "hold", way=way, address=address, answer=answer))


async def test_a_caller_holds_by_update(real_network: RealNetwork, tmp_path: Path) -> None:
    await holds_and_returns(real_network, Caller(real_network, tmp_path, "update"))


async def holds_and_returns(network: RealNetwork, caller: Caller) -> None:
    incoming = await caller.answered()
    assert [(await network.near.event(incoming.leg, Held)).held for _ in range(2)] == [True, False]
    await caller.left(incoming)


async def test_keys_by_info_are_heard_once(real_network: RealNetwork, tmp_path: Path) -> None:
    caller = Caller(real_network, tmp_path, "info_digits", milliseconds="300")
    incoming = await caller.answered()
    events = await real_network.near.all_events(incoming.leg)
    assert [event.digit for event in events if isinstance(event, Digit)] == ["5", "#"]
    await caller.over()


async def test_a_key_whose_info_is_sent_again_is_heard_once(real_network: RealNetwork) -> None:
    near, wire = real_network.near, Wire.open(real_network.address)
    async with talking(near, wire, "info-again", offer("127.0.0.1", 4000)) as talk:
        for cseq, key in ((2, "5"), (3, "5"), (4, "8")):
            info = wire.request(
                "INFO", key, kind="application/dtmf", user=talk.user, call_id=talk.call_id, to_tag=talk.tag, cseq=cseq
            )
            for _ in range(3):
                assert (await asyncio.to_thread(wire.ask, info)).code == 200
        assert [(await near.event(talk.leg, Digit)).digit for _ in range(3)] == ["5", "5", "8"]
        assert near.silent(talk.leg)
    wire.close()


@pytest.mark.parametrize("form", ["short names", "folded lines", "piece by piece"])
async def test_a_call_is_understood_however_it_is_written(real_network: RealNetwork, form: str) -> None:
    near, user = real_network.near, f"written-{form.replace(' ', '-')}"
    wire = Wire.open(real_network.address)
    text = wire.request("INVITE", offer("127.0.0.1", 4000), f"X-Long: {'z' * 3000}", user=user, via="TCP")
    wire.close()
    if form == "short names":
        for name, short in SHORT.items():
            text = text.replace(f"\r\n{name}:", f"\r\n{short}:")
    if form == "folded lines":
        text = text.replace("X-Long: ", "X-Long:\r\n ").replace(";tag=wire", "\r\n\t;tag=wire")
    size = 7 if form == "piece by piece" else len(text)
    reader, writer = await asyncio.open_connection(*real_network.address)
    for start in range(0, len(text), size):
        writer.write(text[start : start + size].encode())
        await writer.drain()
        await asyncio.sleep(0.001)
    incoming = await near.incoming(user)
    near.endpoint.refuse(incoming.leg, 486)
    async with asyncio.timeout(15):
        while (code := parse_message((await reader.readuntil(b"\r\n\r\n")).decode()).code) < 200:
            pass
    writer.close()
    assert code == 486
    assert dict(incoming.headers)["X-Long"] == "z" * 3000
    assert incoming.from_uri.startswith("sip:wire@")
