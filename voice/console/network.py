"""The ways to the network: trunks with the health of their addresses and their calls, and the phones that are registered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sip.bindings import Binding
from sip.endpoint import Peers
from voice.calls.registry import Registry
from voice.console.gate import read_json
from voice.routing.phones import Phones
from voice.trunks.trunk import Target, Trunk
from voice.trunks.trunks import Trunks

MOST_PHONES = 2_000
MOST_CALLS = 50
"""Of a trunk, that are named."""


class NetworkDesk:
    """Answers about trunks and phones."""

    def __init__(
        self, trunks: Trunks, phones: Phones, registry: Registry, peers: Callable[[], Peers], now: Callable[[], float]
    ) -> None:
        self._trunks = trunks
        self._phones = phones
        self._registry = registry
        self._peers = peers
        self._now = now

    async def trunks(self, request: Request) -> Response:
        """The trunks of the settings, as they are just now."""
        return JSONResponse({"trunks": [self._trunk(each) for each in self._trunks]})

    async def order(self, request: Request) -> Response:
        """``name`` and ``action`` of a trunk in JSON: ``ask`` whether its addresses live, ``pause`` or ``resume`` it."""
        try:
            asked = await read_json(request)
        except ValueError:
            return JSONResponse({"message": "A trunk and an action are expected."}, 400)
        trunk = self._trunks.named(str(asked.get("name")))
        if trunk is None:
            return JSONResponse({"message": "There is no trunk of this name."}, 404)
        match asked.get("action"):
            case "ask":
                self._trunks.ask(trunk, self._peers())
            case "pause" | "resume" as action:
                self._trunks.pause(trunk, action == "pause")
            case _:
                return JSONResponse({"message": "A trunk is asked, paused or resumed."}, 400)
        return Response(status_code=204)

    async def phones(self, request: Request) -> Response:
        """Who is registered, and from where."""
        bound = [_phone(user, each) for user, bindings in self._phones.locations for each in bindings]
        return JSONResponse({"count": len(bound), "phones": bound[:MOST_PHONES]})

    def _trunk(self, trunk: Trunk) -> dict[str, Any]:
        configured = trunk.configured
        return {
            "name": trunk.name,
            "prefixes": list(configured.prefixes),
            "networks": [str(network) for network in configured.networks],
            "registers": configured.register_,
            "registered": trunk.registered,
            "live": trunk.live,
            "most": configured.max_calls,
            "refused": trunk.refused,
            "paused": trunk.paused,
            "watched": configured.keepalive_seconds > 0,
            "targets": [self._target(each) for each in trunk.targets],
            "calls": list(self._calls(trunk)),
        }

    def _target(self, target: Target) -> dict[str, Any]:
        told = {"uri": target.configured.uri, "hop": target.hop, "up": target.up, "missed": target.missed}
        if target.answer is not None:
            told |= {"code": target.answer[0], "seconds": round(target.answer[1], 4)}
        return {**told, "asked": round(self._now() - target.asked, 1) if target.asked else None}

    def _calls(self, trunk: Trunk) -> Iterator[dict[str, Any]]:
        lines = (self._registry.by_leg(leg) for leg in self._trunks.legs(trunk)[-MOST_CALLS:])
        for call in (line.call for line in lines if line is not None):
            yield {"sid": call.sid, "from": call.party.from_, "to": call.party.to, "status": call.status}


def _phone(user: str, binding: Binding) -> dict[str, Any]:
    return {
        "user": user,
        "contact": str(binding.contact.uri),
        "source": binding.source,
        "agent": binding.agent,
        "hidden": binding.hidden,
        "expires": binding.expires_at,
    }
