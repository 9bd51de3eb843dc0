"""What a leg tells that is not one of a telephone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sip.events import Event, LegId
from voice.calls.call import Party
from voice.routing.directory import Application


@dataclass(frozen=True, slots=True)
class Arrival(Event):
    """A call reaches us with its application and its parties known already; its leg waits for an answer."""

    leg: LegId
    call_sid: str
    application: Application
    party: Party
    sip_call_id: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    """Told to the application beside the facts of the call."""


@dataclass(frozen=True, slots=True)
class Signalled(Event):
    """One message about a call as it crossed the wire, for its journal."""

    leg: LegId
    direction: Literal["in", "out"]
    peer: str
    """Who is at the far end."""
    name: str
    """What kind of message it is."""
    text: str
    """The whole message."""
