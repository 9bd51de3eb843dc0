"""``/Calls/{CA}/Streams`` and ``/Calls/{CA}/Siprec``: where the audio of a live call goes besides (spec section 4.10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markup.commands import StatusCallback
from markup.events import Parameters
from voice.api.errors import ApiError
from voice.api.operation import Ask, post
from voice.api.parameters import BAD_PARAMETER, METHOD, Kind, Parameter, choice, text
from voice.api.parameters import URL as HTTP_URL
from voice.api.resources.live import STOP, TRACKS, facts, find_line, show
from voice.api.shapes import Shape
from voice.calls.registry import Registry
from voice.errors import ForkRefused, StreamRefused
from voice.siprec import client as siprec
from voice.siprec.client import Forks
from voice.stream import stream
from voice.stream.streams import Streams

MOST_PARAMETERS = 99
EVERY_EVENT = tuple(f"{kind}-{step}" for kind in ("stream", "siprec") for step in ("started", "stopped", "error"))


def _websocket(given: str) -> str:
    if not given.startswith(("wss://", "ws://")) or any(character.isspace() for character in given):
        raise ValueError("must be a wss:// URL")
    return given


STREAM = Shape("Stream", facts("MZ"), "/Calls/{call_sid}/Streams/{sid}")
SIPREC = Shape("Siprec", facts("SR"), "/Calls/{call_sid}/Siprec/{sid}")

_COMMON = (
    Parameter("Name", text(256)),
    Parameter("Track", choice(*TRACKS)),
    Parameter("StatusCallback", HTTP_URL, 21205),
    Parameter("StatusCallbackMethod", METHOD, 21209),
    *(Parameter(f"Parameter{n}.{part}", text(500)) for n in range(1, MOST_PARAMETERS + 1) for part in ("Name", "Value")),
)
_STREAM = (Parameter("Url", Kind(_websocket, {"type": "string", "pattern": "^wss?://"}), required=BAD_PARAMETER), *_COMMON)
_SIPREC = (Parameter("ConnectorName", text(256)), *_COMMON)


class LiveAudio:
    """Both resources; what they make ends with the call, at the latest."""

    def __init__(self, registry: Registry, streams: Streams, forks: Forks) -> None:
        self._registry = registry
        self._streams = streams
        self._forks = forks

    @post("/Calls/{CallSid}/Streams", STREAM, takes=_STREAM)
    async def start_stream(self, ask: Ask) -> Mapping[str, Any]:
        """Stream the audio of a call to a WebSocket; what that sends is not heard."""
        line, form = find_line(self._registry, ask), ask.form
        track = TRACKS[form.get("track", "inbound_track")]
        order = stream.Order(form["url"], form.get("name", ""), track, False, _callback(form), parameters_of(form))
        try:
            return show(self._streams.start(line, order), order.name)
        except StreamRefused as refusal:
            raise ApiError(400, refusal.code, str(refusal)) from None

    @post("/Calls/{CallSid}/Streams/{Sid}", STREAM, takes=STOP)
    async def stop_stream(self, ask: Ask) -> Mapping[str, Any]:
        """End a stream, by its SID or its name."""
        found = self._streams.find(find_line(self._registry, ask).call.sid, ask.keys["Sid"])
        if found is None:
            raise ask.not_found()
        found.stop()
        return show(found, found.order.name, "stopped")

    @post("/Calls/{CallSid}/Siprec", SIPREC, takes=_SIPREC)
    async def start_siprec(self, ask: Ask) -> Mapping[str, Any]:
        """Send a copy of a call to a recording server."""
        line, form = find_line(self._registry, ask), ask.form
        track = TRACKS[form.get("track", "both_tracks")]
        order = siprec.Order(form.get("connector_name", ""), form.get("name", ""), track, _callback(form), parameters_of(form))
        try:
            return show(self._forks.start(line, order), order.name)
        except ForkRefused as refusal:
            raise ApiError(400, refusal.code, str(refusal)) from None

    @post("/Calls/{CallSid}/Siprec/{Sid}", SIPREC, takes=STOP)
    async def stop_siprec(self, ask: Ask) -> Mapping[str, Any]:
        """End a copy, by its SID or its name."""
        found = self._forks.find(find_line(self._registry, ask).call.sid, ask.keys["Sid"])
        if found is None:
            raise ask.not_found()
        found.stop()
        return show(found, found.order.name, "stopped")


def parameters_of(form: Mapping[str, Any]) -> Parameters:
    """The custom parameters of a form, in the order of their numbers."""
    numbered = ((form.get(f"parameter{n}.name"), form.get(f"parameter{n}.value", "")) for n in range(1, MOST_PARAMETERS + 1))
    return tuple((name, value) for name, value in numbered if name)


def _callback(form: Mapping[str, Any]) -> StatusCallback:
    return StatusCallback(form.get("status_callback", ""), form.get("status_callback_method", "POST"), EVERY_EVENT)
