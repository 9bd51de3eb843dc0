"""Session recording client: a copy of a call, each direction in a stream of its own, for a recording server (RFC 7866)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import uuid4

from markup.commands import RecordingTrack, Report, StatusCallback
from markup.events import Parameters
from media.errors import BusFull
from media.track import Track
from sip import events as network
from sip.endpoint import Attachment, Endpoint
from voice.calls.call import Call
from voice.calls.line import Line
from voice.calls.registry import Registry
from voice.errors import ForkRefused
from voice.identifiers import new_sid
from voice.routing.routes import Routes
from voice.settings import Siprec
from voice.siprec.metadata import CopiedStream, Metadata, Person, address_of
from voice.sound.studio import Studio
from voice.story.ladder import Ladder
from voice.web.callbacks import CallbackSender
from voice.web.parameters import timestamp

RING_SECONDS = 30.0
LONGEST_METADATA = 4_000
"""Characters: with the session description it has to fit into one message."""
NO_CONNECTOR, TOO_LONG, NO_CAPACITY, UNREACHABLE = 31940, 31942, 15002, 32011

NOBODY = StatusCallback()

_TRACKS: dict[RecordingTrack, tuple[bool, ...]] = {"inbound": (False,), "outbound": (True,), "both": (False, True)}
"""Which directions a track name stands for; True is what the far end hears."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be sent where."""

    connector: str = ""
    """Name of a recording server; empty is the only one."""
    name: str = ""
    track: RecordingTrack = "both"
    callback: StatusCallback = NOBODY
    parameters: Parameters = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every copy needs of the server."""

    endpoint: Endpoint
    studio: Studio
    registry: Registry
    ladder: Ladder
    callbacks: CallbackSender
    routes: Routes
    wall: Callable[[], datetime]


class Fork:
    """One copy on its way, and its call to the recording server; it ends with the line it is of, at the latest."""

    def __init__(self, line: Line, order: Order, surroundings: Surroundings, over: Callable[[Fork], None]) -> None:
        self.sid = new_sid("SR")
        self.order = order
        self.call: Call = line.call
        self.updated = surroundings.wall()
        self.status: Literal["in-progress", "stopped"] = "in-progress"
        self._line = line
        self._surroundings = surroundings
        self._over = over
        self._rows: list[int] = []
        self._leg: network.LegId | None = None
        self._answered = self._stopping = False
        self._patience: asyncio.TimerHandle | None = None

    @property
    def name(self) -> str:
        """What it is called; its SID when nobody named it."""
        return self.order.name or self.sid

    def start(self, connector: Siprec) -> None:
        """Dial the recording server. Raises ForkRefused."""
        surroundings, line = self._surroundings, self._line
        directions = _TRACKS[self.order.track]
        metadata = self._describe(directions)
        if len(metadata) > LONGEST_METADATA:
            raise ForkRefused(TOO_LONG, f"the metadata is longer than {LONGEST_METADATA} characters: fewer parameters fit")
        try:
            self._rows = [surroundings.studio.claim() for _ in directions]
        except BusFull:
            raise ForkRefused(NO_CAPACITY, "no audio row is free for a copy") from None
        for row, outbound in zip(self._rows, directions, strict=True):
            surroundings.studio.taps.monitor(row, Track(line.row, outbound))
        attachment = Attachment("application/rs-metadata+xml", "recording-session", metadata)
        labels = tuple(str(number) for number in range(1, len(directions) + 1))
        invitation = surroundings.routes.recording_server(connector, labels, attachment)
        self._leg = surroundings.endpoint.invite(invitation, *self._rows)
        surroundings.registry.listen(self._leg, self.hear)
        line.on_end.append(self.stop)
        self._patience = asyncio.get_running_loop().call_later(RING_SECONDS, self._give_up)
        self.call.journal.add("siprec", sid=self.sid, to=connector.uri)

    def stop(self) -> None:
        """Hang up on the recording server."""
        self._stopping = True
        self._hang_up()

    def hear(self, event: network.Event) -> None:
        """Take an event of the call to the recording server."""
        match event:
            case network.Dialled(call_id=call_id):
                self._surroundings.ladder.adopt(call_id, self.call.journal)
            case network.Answered():
                self._answered = True
                self._be_patient()
                self.tell("siprec-started")
            case network.Referred() if self._leg is not None:
                self._surroundings.endpoint.referrals.answer(self._leg, 603)
            case network.Ended(code=code, reason=reason):
                self._end("" if self._answered or self._stopping else f"{code} {reason}")

    def tell(self, event: str, error: str = "") -> None:
        """Tell the customer; parallel to the callbacks of streams (spec section 2.14)."""
        self.updated = self._surroundings.wall()
        self.call.journal.add("siprec", sid=self.sid, event=event, error=error)
        told = self.order.callback
        if not told.url:
            return
        pairs = [
            ("AccountSid", self.call.account_sid),
            ("CallSid", self.call.sid),
            ("SiprecSid", self.sid),
            ("SiprecName", self.name),
            ("SiprecEvent", event),
            *((("SiprecError", error),) if error else ()),
            ("Timestamp", timestamp(self.updated)),
        ]
        self._surroundings.callbacks.send(self.call.sid, told.url, told.method, pairs, journal=self.call.journal)

    def _end(self, error: str) -> None:
        assert self._leg is not None, "nothing is heard before the INVITE"
        self._be_patient()
        self._surroundings.registry.deafen(self._leg)
        if self.stop in self._line.on_end:
            self._line.on_end.remove(self.stop)
        for row in self._rows:
            self._surroundings.studio.release(row)
        self.status = "stopped"
        if error:
            self.call.report(Report(UNREACHABLE, f"the recording server cannot be reached: {error}"))
        self.tell("siprec-error" if error else "siprec-stopped", error)
        self._over(self)

    def _give_up(self) -> None:
        """Nobody answers."""
        self._hang_up()

    def _hang_up(self) -> None:
        if self._leg is not None:
            self._surroundings.endpoint.hang_up(self._leg)

    def _be_patient(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _describe(self, directions: tuple[bool, ...]) -> str:
        """The metadata: whoever is at the far end of the line says what is inbound."""
        party = self.call.party
        ends = (party.from_, party.to) if self.call.direction == "inbound" else (party.to, party.from_)
        far, near = (Person(address_of(end), uuid4()) for end in ends)
        streams = tuple(
            CopiedStream(str(number), uuid4(), *((near, far) if outbound else (far, near)))
            for number, outbound in enumerate(directions, 1)
        )
        metadata = Metadata(uuid4(), self.call.sip_call_id, self.updated, (far, near), streams, self.order.parameters)
        return metadata.write()


class Forks:
    """Every copy of one server that is on its way; its methods belong to the event loop."""

    def __init__(self, connectors: tuple[Siprec, ...], surroundings: Surroundings) -> None:
        self._connectors = {connector.name: connector for connector in connectors}
        self._surroundings = surroundings
        self._live: dict[str, Fork] = {}

    def __len__(self) -> int:
        return len(self._live)

    def start(self, line: Line, order: Order, over: Callable[[], None] = lambda: None) -> Fork:
        """Send a copy of what is said and heard on a line, until it is stopped; ``over`` is told its end.

        Raises ForkRefused, after the customer has been told.
        """

        def ended(fork: Fork) -> None:
            del self._live[fork.sid]
            over()

        fork = Fork(line, order, self._surroundings, ended)
        try:
            fork.start(self._connector(order.connector))
        except ForkRefused as refusal:
            fork.tell("siprec-error", str(refusal))
            raise
        self._live[fork.sid] = fork
        return fork

    def find(self, call_sid: str, name: str) -> Fork | None:
        """A copy of a call that is on its way, by its SID or its name."""
        return next((fork for fork in self._live.values() if fork.call.sid == call_sid and name in (fork.sid, fork.name)), None)

    def _connector(self, name: str) -> Siprec:
        if not name and len(self._connectors) == 1:
            return next(iter(self._connectors.values()))
        found = self._connectors.get(name)
        if found is None:
            raise ForkRefused(NO_CONNECTOR, f"there is no recording server {name!r} among [[siprec]] of the settings")
        return found
