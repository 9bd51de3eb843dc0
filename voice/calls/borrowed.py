"""A line without a leg: an application that somebody has dialled speaks and listens on the line of whoever dialled it."""

from __future__ import annotations

import asyncio

from sip import events as network
from sip.endpoint import Endpoint
from sip.events import Headers
from voice.calls.call import Call
from voice.calls.line import Line
from voice.calls.registry import Registry
from voice.sound.studio import Studio

_CANCELLED, _OVER = 487, 200
"""Status codes that a leg would have ended with."""
_OWNERS = (network.Dialled, network.Ringing, network.Answered, network.Referred, network.Ended)


class BorrowedLine(Line):
    """A call whose far end is that of another line, for as long as both last.

    The owner's session plays nothing and joins nobody meanwhile: it waits for its Dial. So the call uses the owner's leg and row
    as its own; only its beginning and its end are no matter of the network.
    """

    def __init__(self, call: Call, endpoint: Endpoint, studio: Studio, owner: Line, registry: Registry) -> None:
        super().__init__(call, endpoint, studio)
        self.owner = owner
        self._registry = registry

    @property
    def depth(self) -> int:
        """How many calls borrow of each other, this one included."""
        return 1 + (self.owner.depth if isinstance(self.owner, BorrowedLine) else 0)

    def attach(self) -> None:
        """Use the owner's leg and row from now on."""
        self.call.leg, self.call.row = self.owner.call.leg, self.owner.call.row
        self.owner.listeners.append(self._overhear)
        self.owner.on_end.append(self._lose)

    def ring(self) -> None:
        """See Line."""
        self.receive(network.Ringing(self._leg, 180, early_media=False))

    def progress(self) -> None:
        """See Line."""
        self.owner.progress()

    def answer(self) -> None:
        """See Line; the Dial hears it at once, so that it has fallen silent before the first word."""
        if self.call.live and self.call.status != "in-progress":
            self.receive(network.Answered(self._leg))

    def refuse(self, code: int, headers: Headers = ()) -> None:
        """See Line."""
        self._end_soon(code)

    def hang_up(self) -> None:
        """See Line."""
        self._end_soon(self._last_code)

    @property
    def _leg(self) -> int:
        assert self.call.leg is not None, "set by attach"
        return self.call.leg

    @property
    def _last_code(self) -> int:
        return _OVER if self.call.status == "in-progress" else _CANCELLED

    def _end_soon(self, code: int) -> None:
        """End in a moment, as a leg would."""
        event = network.Ended(self._leg, code, "", by_peer=False)
        asyncio.get_running_loop().call_soon(lambda: self.receive(event) if self.call.live else None)

    def _overhear(self, event: network.Event) -> None:
        """What the owner's far end does, it does to this call too; how the owner's call fares is another matter."""
        if not isinstance(event, _OWNERS):
            self.receive(event)

    def _lose(self) -> None:
        """The owner's far end is gone. The Dial is not told before its own session knows that."""
        if self.call.live:
            event = network.Ended(self._leg, self._last_code, "", by_peer=True)
            self._end(event)
            asyncio.get_running_loop().call_soon(self._tell, event)

    def _release(self) -> None:
        """Leave the owner's line as it was found."""
        self.owner.listeners.remove(self._overhear)
        self.owner.on_end.remove(self._lose)
        if self.call.row is not None:
            self._studio.leave(self.call.row)
            self.call.row = None
        self._registry.remove(self)
