"""One real endpoint and one telephone process for the whole session, because pjsip can be started once per process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from sip.addresses import Addresses
from sip.fake import FakeEndpoint
from sip.pjsua import PjsuaEndpoint
from sip.pjsua.binding import has_natives
from tests.ports import free_port
from tests.sip.carrier import Carrier
from tests.sip.far import FakeFar, FarSide, PhoneProcess
from tests.sip.near import Near, matrix
from tests.sip.wire import Wire

RATE = 8000
"""Of the bus, per second."""


@dataclass(frozen=True, slots=True)
class RealNetwork:
    """An endpoint on loopback with somebody to talk to."""

    near: Near
    phone: PhoneProcess
    carrier: Carrier
    addresses: Addresses
    address: tuple[str, int]
    names: dict[str, asyncio.Future[tuple[str, ...]]]
    """Where URIs lead, as soon as that is known."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def real_network() -> AsyncIterator[RealNetwork]:
    rx, tx = matrix(), matrix()
    names: dict[str, asyncio.Future[tuple[str, ...]]] = {}

    async def locate(uri: str) -> tuple[str, ...]:
        return await names[uri] if uri in names else ()

    port, addresses = free_port(), Addresses(("127.0.0.1", "::1") if has_natives else ("127.0.0.1",))
    endpoint = PjsuaEndpoint(rx, tx, rate=RATE, addresses=addresses, port=port, locate=locate)
    near = Near(endpoint, rx, tx)
    near.start_clock()
    _, carrier = await asyncio.get_running_loop().create_datagram_endpoint(Carrier, local_addr=("127.0.0.1", 0))
    phone = PhoneProcess(f"127.0.0.1:{port}", free_port(), carrier.uri)
    await phone.start()
    yield RealNetwork(near, phone, carrier, addresses, ("127.0.0.1", port), names)
    await phone.stop()
    carrier.close()
    near.stop_clock()
    await asyncio.to_thread(endpoint.close)


@pytest.fixture
def wire(real_network: RealNetwork) -> Iterator[Wire]:
    """A socket that says to the real endpoint what it likes."""
    made = Wire.open(real_network.address)
    yield made
    made.close()


@dataclass(frozen=True, slots=True)
class Network:
    """Both sides, of either kind."""

    near: Near
    far: FarSide


@pytest.fixture(params=["fake", "real"])
def real(request: pytest.FixtureRequest) -> RealNetwork | None:
    """The real network for half of the tests; it is not started before one needs it."""
    found: RealNetwork | None = request.getfixturevalue("real_network") if request.param == "real" else None
    return found


@pytest_asyncio.fixture(loop_scope="session")
async def network(real: RealNetwork | None) -> AsyncIterator[Network]:
    """Both sides, once in memory and once on loopback."""
    if real is not None:
        yield Network(real.near, real.phone)
        return
    rx, tx = matrix(), matrix()
    endpoint = FakeEndpoint(rx, tx)
    near = Near(endpoint, rx, tx)
    near.start_clock()
    yield Network(near, FakeFar(near, endpoint))
    near.stop_clock()
    endpoint.close()
    await asyncio.sleep(0)
