"""``python -m tests.sip.named URI``: the endpoint alone calls somebody by name and prints with which status that ended."""

from __future__ import annotations

import asyncio
import sys

from sip.addresses import Addresses
from sip.endpoint import Invitation
from sip.events import Ended, Event
from sip.pjsua import PjsuaEndpoint
from sip.pjsua.binding import Pointer, lib
from tests.ports import free_port
from tests.sip.near import matrix


async def main(uri: str) -> None:
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def take(event: Event) -> None:
        if isinstance(event, Ended):
            ended.set_result(event.code)

    endpoint = PjsuaEndpoint(matrix(), matrix(), rate=8000, addresses=Addresses(), port=free_port())
    endpoint.start(take)
    lib.pjsip_endpt_get_resolver.argtypes, lib.pjsip_endpt_get_resolver.restype = [Pointer], Pointer
    print("resolver", lib.pjsip_endpt_get_resolver(lib.pjsua_get_pjsip_endpt()))
    endpoint.invite(Invitation(uri, "sip:+15550100@switch.test", patience_seconds=5), 0)
    print("ended", await ended, flush=True)
    await asyncio.to_thread(endpoint.close)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
