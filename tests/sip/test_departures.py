"""Outbound legs whose names lead to several addresses, or to none yet."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from sip.events import Dialled, Ended, LegId
from sip.pjsua import PjsuaEndpoint
from sip.pjsua.leg import Leg
from tests.ports import free_port
from tests.sip.carrier import respond
from tests.sip.conftest import RealNetwork
from tests.sip.wire import Wire

pytestmark = pytest.mark.asyncio(loop_scope="session")

URI = "sip:bob@home.test"


@pytest.fixture(autouse=True)
def _forget_names(real_network: RealNetwork) -> Iterator[None]:
    yield
    real_network.names.clear()


def lead(network: RealNetwork, *hops: str) -> asyncio.Future[tuple[str, ...]]:
    """Let the name lead to addresses, once the future that is returned says so."""
    future = network.names[URI] = asyncio.get_running_loop().create_future()
    if hops:
        future.set_result(tuple(f"{hop};lr;hide" for hop in hops))
    return future


async def test_who_hangs_up_while_an_address_fails_has_hung_up(real_network: RealNetwork, wire: Wire) -> None:
    near, next_one = real_network.near, Wire.open(real_network.address)
    assert isinstance(near.endpoint, PjsuaEndpoint)
    lead(real_network, f"sip:{wire.host}", f"sip:{next_one.host}")
    leg, _ = near.invite(URI)
    invite = await asyncio.to_thread(wire.receive)
    busy = threading.Event()

    def be_busy() -> None:
        busy.wait()

    near.endpoint._owner.do(be_busy)
    near.endpoint.hang_up(leg)
    wire.send(respond(invite, "503 Service Unavailable"))
    while (await asyncio.to_thread(wire.receive)).method != "ACK":
        pass
    await asyncio.sleep(0.2)  # until the endpoint has read it to the end
    busy.set()
    ended = (await near.all_events(leg))[-1]
    assert isinstance(ended, Ended)
    assert (ended.code, ended.by_peer) == (487, False)
    next_one.socket.settimeout(0.5)
    with pytest.raises(TimeoutError):
        await asyncio.to_thread(next_one.receive)
    next_one.close()


@pytest.mark.parametrize("moment", ["before it is looked for", "once it is found", "when the first is forgotten"])
async def test_who_hangs_up_at_any_moment_before_the_next_address_has_hung_up(
    real_network: RealNetwork, wire: Wire, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """On another thread than the one that ends the leg, which is done here at its worst moments."""
    near, next_one = real_network.near, Wire.open(real_network.address)
    assert isinstance(near.endpoint, PjsuaEndpoint)
    desk, hang_up = near.endpoint._desk, near.endpoint._hang_up
    find_next, over = desk.find_next, desk.over

    def look(found: Leg, ended: Ended) -> Callable[[], None] | None:
        if moment == "before it is looked for":
            hang_up(found.number)
        return find_next(found, ended)

    def forget(number: LegId) -> None:
        if moment == "once it is found":
            hang_up(number)
        over(number)
        if moment == "when the first is forgotten":
            hang_up(number)

    monkeypatch.setattr(desk, "find_next", look)
    monkeypatch.setattr(desk, "over", forget)
    lead(real_network, f"sip:{wire.host}", f"sip:{next_one.host}")
    leg, _ = near.invite(URI)
    wire.send(respond(await asyncio.to_thread(wire.receive), "503 Service Unavailable"))
    assert isinstance((await near.all_events(leg))[-1], Ended)
    next_one.socket.settimeout(0.5)
    with pytest.raises(TimeoutError):
        await asyncio.to_thread(next_one.receive)
    assert near.silent(leg)
    next_one.close()


@pytest.mark.parametrize("first", ["sip:127.0.0.1:{port};transport=tcp", "sip:127.0.0.1:{port}"], ids=["refuses", "is silent"])
async def test_who_cannot_be_reached_is_passed_over(real_network: RealNetwork, wire: Wire, first: str) -> None:
    near, silent = real_network.near, Wire.open(real_network.address)
    port = silent.port if "tcp" not in first else free_port()
    lead(real_network, first.format(port=port), f"sip:{wire.host}")
    leg, _ = near.invite(URI, patience_seconds=0.7)
    invite = await asyncio.to_thread(wire.receive)
    assert invite.start_line == f"INVITE {URI} SIP/2.0"
    assert not invite.count("route")
    wire.send(respond(invite, "486 Busy Here"))
    assert (await near.all_events(leg))[-1].code == 486  # type: ignore[attr-defined]
    silent.close()


async def test_the_last_address_that_fails_ends_the_leg(real_network: RealNetwork, wire: Wire) -> None:
    lead(real_network, *(f"sip:127.0.0.1:{free_port()};transport=tcp" for _ in range(2)))
    leg, _ = real_network.near.invite(URI)
    ended = (await real_network.near.all_events(leg))[-1]
    assert isinstance(ended, Ended)
    assert (ended.code, ended.by_peer) == (503, False)


async def test_a_leg_is_cancelled_while_its_name_is_looked_up(real_network: RealNetwork, wire: Wire) -> None:
    near, found = real_network.near, lead(real_network)
    leg, _ = near.invite(URI)
    near.endpoint.hang_up(leg)
    assert (await near.event(leg, Ended)).code == 487
    found.set_result((f"sip:{wire.host};lr;hide",))
    other, _ = near.invite(f"sip:bob@{wire.host}")
    await near.event(other, Dialled)
    invite = await asyncio.to_thread(wire.receive)
    assert invite.request_uri == f"sip:bob@{wire.host}"
    wire.send(respond(invite, "486 Busy Here"))
    await near.event(other, Ended)
    assert near.silent(leg)
