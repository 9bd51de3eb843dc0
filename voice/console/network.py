"""The ways to the network: trunks with the health of their addresses, and the phones that are registered."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sip.bindings import Binding
from voice.routing.phones import Phones
from voice.trunks.trunk import Target, Trunk
from voice.trunks.trunks import Trunks

MOST_PHONES = 2_000


class NetworkDesk:
    """Answers about trunks and phones."""

    def __init__(self, trunks: Trunks, phones: Phones) -> None:
        self._trunks = trunks
        self._phones = phones

    async def trunks(self, request: Request) -> Response:
        """The trunks of the settings, as they are just now."""
        return JSONResponse({"trunks": [_trunk(each) for each in self._trunks]})

    async def phones(self, request: Request) -> Response:
        """Who is registered, and from where."""
        bound = [_phone(user, each) for user, bindings in self._phones.locations for each in bindings]
        return JSONResponse({"count": len(bound), "phones": bound[:MOST_PHONES]})


def _trunk(trunk: Trunk) -> dict[str, Any]:
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
        "watched": configured.keepalive_seconds > 0,
        "targets": [_target(each) for each in trunk.targets],
    }


def _target(target: Target) -> dict[str, Any]:
    return {"uri": target.configured.uri, "hop": target.hop, "up": target.up, "missed": target.missed}


def _phone(user: str, binding: Binding) -> dict[str, Any]:
    return {
        "user": user,
        "contact": str(binding.contact.uri),
        "source": binding.source,
        "agent": binding.agent,
        "hidden": binding.hidden,
        "expires": binding.expires_at,
    }
