"""The routes of the console."""

from __future__ import annotations

from collections.abc import Callable

from starlette.routing import BaseRoute, Route

from voice.console.calls import CallDesk, Surroundings
from voice.console.editor import check
from voice.console.gate import Gate
from voice.console.pages import serve_page
from voice.settings import Settings


def make_console(settings: Settings, address: str, ways: Surroundings, now: Callable[[], float]) -> list[BaseRoute]:
    """What is served beside the API; nothing when the console is off. ``address`` is how customers reach us."""
    if not settings.console.enabled:
        return []
    gate = Gate(settings.console, settings.data_dir, address.startswith("https:"), now)
    desk = CallDesk(ways)
    return [
        Route("/", serve_page),
        Route("/console/static/{name}", serve_page),
        Route("/console/session", gate.who, methods=["GET"]),
        Route("/console/session", gate.enter, methods=["POST"]),
        Route("/console/session", gate.leave, methods=["DELETE"]),
        Route("/console/live", gate.viewers(desk.live), methods=["GET"]),
        Route("/console/check", gate.viewers(check), methods=["POST"]),
        Route("/console/calls", gate.viewers(desk.history), methods=["GET"]),
        Route("/console/calls/{sid}", gate.viewers(desk.timeline), methods=["GET"]),
        Route("/console/calls/{sid}", gate.admins(desk.hang_up), methods=["DELETE"]),
        Route("/console/calls/{sid}/file", gate.viewers(desk.file), methods=["GET"]),
    ]
