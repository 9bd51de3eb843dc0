"""Status callbacks of one call: which steps are told to whom, numbered in the order they are sent (spec section 3.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from voice.calls.call import ENDED, Call, CallStatus
from voice.web.callbacks import CallbackSender
from voice.web.parameters import callback_parameters

_EVENTS: dict[CallStatus, str] = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}


def event_name(status: CallStatus) -> str:
    """The subscription that covers a status; empty for ``queued``."""
    return "completed" if status in ENDED else _EVENTS.get(status, "")


class Progress:
    """Sends the subscribed steps of a call to one URL; append it to ``Call.on_status``."""

    def __init__(
        self,
        sender: CallbackSender,
        url: str,
        method: str,
        events: Iterable[str],
        wall: Callable[[], datetime],
        *,
        sequence: int = 0,
    ) -> None:
        self._sender = sender
        self._url = url
        self._method = method
        self._events = frozenset(events)
        self._wall = wall
        self._sequence = sequence

    @property
    def state(self) -> dict[str, object]:
        """What it takes to go on after a restart: the arguments that are no part of the server."""
        return {"url": self._url, "method": self._method, "events": sorted(self._events), "sequence": self._sequence}

    def redirect(self, url: str, method: str) -> None:
        """Tell somebody else from now on (spec section 4.6)."""
        self._url, self._method = url or self._url, method

    def __call__(self, call: Call) -> None:
        """Tell the customer that the call took a step, if they asked for it."""
        if not self._url or event_name(call.status) not in self._events:
            return
        parameters = callback_parameters(call, self._sequence, self._wall())
        self._sequence += 1
        self._sender.send(call.sid, self._url, self._method, parameters, journal=call.journal)
