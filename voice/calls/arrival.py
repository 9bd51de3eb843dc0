"""A call that reaches us with its application and its parties known already."""

from __future__ import annotations

from dataclasses import dataclass

from sip.events import Event, LegId
from voice.calls.call import Party
from voice.routing.directory import Application


@dataclass(frozen=True, slots=True)
class Arrival(Event):
    """The far end of a leg waits for an answer; the call is to have this SID."""

    leg: LegId
    call_sid: str
    application: Application
    party: Party
    sip_call_id: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    """Told to the application beside the facts of the call."""
