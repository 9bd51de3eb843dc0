"""The routes of the console."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from voice.accounts.accounts import Accounts
from voice.api.endpoint import Identify
from voice.calls.resources import Resources
from voice.calls.switch import Switch
from voice.clients.tokens import Tokens
from voice.console.board import Board
from voice.console.calls import CallDesk
from voice.console.doctor import SignatureDesk
from voice.console.editor import check
from voice.console.gate import Gate
from voice.console.listening import ListeningDesk
from voice.console.network import NetworkDesk
from voice.console.pages import serve_page
from voice.console.push import Pushes
from voice.console.rooms import Rooms
from voice.console.stories import Stories

API = "/console/api"
"""Below which a session opens the REST API, as its main account's key does elsewhere."""


@dataclass(frozen=True, slots=True)
class Console:
    """What is served beside the API, and a further door to it."""

    routes: Sequence[BaseRoute] = ()
    doors: Mapping[str, Identify] = field(default_factory=dict)


def make_console(
    shared: Resources, switch: Switch, accounts: Accounts, tokens: Tokens, address: str, now: Callable[[], float]
) -> Console:
    """The console of a switch; nothing when it is off. ``address`` is how customers reach us."""
    settings = shared.settings
    if not settings.console.enabled:
        return Console()
    gate = Gate(settings.console, settings.data_dir, address.startswith("https:"), accounts, now)
    pushes = Pushes(lambda: shared.admission.draining, gate.knows)
    taps = shared.studio.taps
    board = Board(shared.registry, taps.levels, shared.metrics.readings, now)
    calls = CallDesk(switch, shared.database, Stories(shared.registry, shared.journals, shared.database, taps), pushes)
    network = NetworkDesk(shared.trunks, shared.phones, shared.registry, lambda: shared.endpoint.peers, now)
    listening = ListeningDesk(shared.registry, taps, gate.knows)

    rooms = Rooms(shared.conferences, shared.queues, shared.registry, accounts, now)

    async def live(request: Request) -> Response:
        return pushes.begin(request, board.messages())

    async def telephone(request: Request) -> Response:
        identity = gate.identity(request)
        return JSONResponse({"identity": identity, "token": tokens.issue(identity)})

    async def together(request: Request) -> Response:
        return pushes.begin(request, rooms.messages())

    return Console(
        [
            Route("/", serve_page),
            Route("/console/static/{name}", serve_page),
            Route("/console/session", gate.who, methods=["GET"]),
            Route("/console/session", gate.enter, methods=["POST"]),
            Route("/console/session", gate.leave, methods=["DELETE"]),
            Route("/console/live", gate.viewers(live), methods=["GET"]),
            Route("/console/rooms", gate.viewers(together), methods=["GET"]),
            Route("/console/check", gate.viewers(check), methods=["POST"]),
            Route("/console/signature", gate.admins(SignatureDesk(accounts).examine), methods=["POST"]),
            Route("/console/phone", gate.admins(telephone), methods=["POST"]),
            Route("/console/trunks", gate.viewers(network.trunks), methods=["GET"]),
            Route("/console/trunks", gate.admins(network.order), methods=["POST"]),
            Route("/console/phones", gate.viewers(network.phones), methods=["GET"]),
            Route("/console/calls", gate.viewers(calls.history), methods=["GET"]),
            Route("/console/calls/{sid}", gate.viewers(calls.story), methods=["GET"]),
            Route("/console/calls/{sid}", gate.admins(calls.hang_up), methods=["DELETE"]),
            Route("/console/calls/{sid}/live", gate.viewers(calls.follow), methods=["GET"]),
            Route("/console/calls/{sid}/file", gate.viewers(calls.file), methods=["GET"]),
            Route("/console/calls/{sid}/sound", gate.admins(listening.listen), methods=["GET"]),
        ],
        {API: gate.enter_api},
    )
