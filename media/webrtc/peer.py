"""One browser: what was agreed with it, the connection that carries it, and its two streams."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from media.errors import PeerGone
from media.webrtc.arrivals import Arrivals
from media.webrtc.codec import Codec, make_codec
from media.webrtc.description import FORMATS, Ours, choose_codecs, parse_description, write_answer, write_offer
from media.webrtc.events import PeerConnected, PeerEvent, PeerFailed, PeerId, PeerLost
from media.webrtc.jitter import JitterBuffer
from media.webrtc.link import Link
from media.webrtc.packet import Packet, write_packet
from media.webrtc.ports import Ports
from media.webrtc.reports import Reports, Sent
from media.webrtc.terms import Terms
from media.webrtc.traffic import Traffic

_REPORT_TICKS = 50
_MOST_CHANGES = 8
"""How often a browser may change to another of the codecs that were agreed."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a peer's audio goes."""

    buffer: JitterBuffer
    row: int


class Peer:
    """Belongs to the loop of the network, but for ``seat``, which the media thread sets, and ``measure``.

    ``tell`` gets the events, ``tune`` is called when the codec is known or has changed.
    """

    def __init__(
        self,
        id: PeerId,
        rate: int,
        terms: Terms,
        ports: Ports,
        tell: Callable[[PeerEvent], None],
        tune: Callable[[Peer, str], None],
    ) -> None:
        self.id = id
        self.seat: Seat | None = None
        self._rate = rate
        self._terms = terms
        self._ports = ports
        self._tell = tell
        self._tune = tune
        self._link: Link | None = None
        """The one that is up."""
        self._coming: Link | None = None
        """The one that is to be."""
        self._closing: set[asyncio.Task[None]] = set()
        self._types: dict[int, str] = {}
        """The codecs that were agreed, by payload type."""
        self._changes = 0
        self._payload_type = -1
        self._codec: Codec | None = None
        self._arrivals = Arrivals(FORMATS["PCMU"].clock)
        self._reports = Reports()
        self._source = secrets.randbelow(0xFFFFFFFE) + 1
        self._sequence = secrets.randbelow(0x8000)
        self._origin = secrets.randbelow(0x80000000)
        """Timestamp at tick 0."""
        self._sent = self._octets = self._timestamp = 0
        self._begun: int | None = None
        """The tick of the first packet."""

    @property
    def codec(self) -> str:
        """The name of the codec; empty as long as none was agreed."""
        return self._codec.name if self._codec else ""

    async def answer(self, offer: str) -> str:
        """Our answer to a browser's offer; the browser is waited for from now on. Raises DescriptionInvalid and NoPorts."""
        theirs = parse_description(offer)
        chosen = choose_codecs(theirs, self._terms.codecs)[:1]
        setup = "passive" if theirs.setup == "active" else "active"
        link = await self._gather(controlling=theirs.lite)
        text = write_answer(self._ours(link, chosen, setup), theirs)
        self._agree(chosen)
        link.begin(theirs, setup)
        return text

    async def offer(self) -> str:
        """Our offer; raises NoPorts."""
        link = await self._gather(controlling=True)
        offered = tuple((FORMATS[name].payload_type, name) for name in self._terms.codecs)
        return write_offer(self._ours(link, offered, "actpass"))

    def accept(self, answer: str) -> None:
        """Take the browser's answer to our offer, and wait for the browser. Raises DescriptionInvalid and PeerGone."""
        theirs = parse_description(answer)
        if self._coming is None:
            raise PeerGone("there is no offer that could be answered")
        self._agree(choose_codecs(theirs, self._terms.codecs))
        self._coming.begin(theirs, "passive" if theirs.setup == "active" else "active")

    def send(self, tick: int, frame: bytes = b"") -> None:
        """Send the frame of one tick, as the codec wants it, else silence; without a connection it is dropped."""
        if self._link is None or self._codec is None:
            return
        payload = self._codec.encode(frame)
        if self._begun is None:
            self._begun = tick
        ticks = tick - self._begun
        self._timestamp = self._origin + ticks * self._codec.step
        marker = not self._sent
        self._link.send(write_packet(self._payload_type, marker, self._sequence + ticks, self._timestamp, self._source, payload))
        self._sent += 1
        self._octets += len(payload)
        if (self._sent + self.id) % _REPORT_TICKS == 0:
            self._report()

    def measure(self) -> Traffic:
        """The counters so far. Any thread."""
        arrivals, seat, link = self._arrivals, self.seat, self._link
        late = int(seat.buffer.late[seat.row]) if seat else 0
        return Traffic(
            received=arrivals.received,
            sent=self._sent,
            lost=arrivals.lost,
            discarded=arrivals.duplicates + late,
            far_lost=self._reports.far_lost,
            jitter_ms=round(1000 * arrivals.mean_jitter / arrivals.clock, 1),
            round_trip_ms=round(1000 * self._reports.mean_round_trip, 1),
            codec=self.codec,
            declared=link.far if link else "",
            heard_from=link.heard_from if link else "",
            jitter_now_ms=round(1000 * arrivals.jitter / arrivals.clock, 1),
            round_trip_now_ms=round(1000 * self._reports.round_trip, 1),
        )

    async def close(self) -> None:
        """Give everything back; nothing is told any more."""
        links = [each for each in (self._link, self._coming) if each is not None]
        self._link = self._coming = None
        await asyncio.gather(*(each.close() for each in links), *self._closing)

    def link_up(self, link: Link) -> None:
        """Use a link from now on, and close the one before."""
        if link is not self._coming or self._codec is None:
            return
        if self._link is not None:
            self._dismiss(self._link)
        self._link, self._coming = link, None
        self._tell(PeerConnected(self.id, self.codec))

    def link_failed(self, link: Link, reason: str) -> None:
        """Tell of it; what was up before stays up."""
        if link is self._coming:
            self._coming = None
            self._tell(PeerFailed(self.id, reason))

    def link_lost(self, link: Link, reason: str) -> None:
        """Tell of it, unless another is on its way."""
        if link is self._link:
            self._link = None
            if self._coming is None:
                self._tell(PeerLost(self.id, reason))

    def hear(self, packet: Packet) -> None:
        """Put a packet where the clock finds it."""
        if packet.payload_type != self._payload_type and not self._change(packet.payload_type):
            return
        position = self._arrivals.admit(packet, time.monotonic())
        seat, codec = self.seat, self._codec
        if position is None or seat is None or codec is None:
            return
        samples = codec.decode(packet.payload)
        if samples.size:
            seat.buffer.put(seat.row, position * codec.rate // codec.clock, samples)

    def hear_report(self, data: bytes) -> None:
        """Learn how our stream fares."""
        self._reports.read(data, self._source, time.time())

    async def _gather(self, controlling: bool) -> Link:
        """A new link in place of one that was to be."""
        if self._coming is not None:
            self._dismiss(self._coming)
        link = self._coming = Link(self._terms, self._ports, controlling, self)
        try:
            await link.gather()
        except BaseException:
            self._coming = None
            await link.close()
            raise
        if self._coming is not link:
            raise PeerGone("another description has come meanwhile, or the end")
        return link

    def _ours(self, link: Link, codecs: tuple[tuple[int, str], ...], setup: str) -> Ours:
        candidates = link.candidates
        return Ours(
            session=self._origin,
            codecs=codecs,
            username=link.username,
            password=link.password,
            fingerprints=link.fingerprints,
            setup=setup,
            candidates=tuple(each.to_sdp() for each in candidates),
            address=candidates[0].host,
            port=candidates[0].port,
            source=self._source,
        )

    def _agree(self, codecs: tuple[tuple[int, str], ...]) -> None:
        self._types = dict(codecs)
        self._changes = 0
        self._use(codecs[0][0])

    def _change(self, payload_type: int) -> bool:
        """Follow the browser to another codec that was agreed."""
        if payload_type not in self._types or self._changes >= _MOST_CHANGES:
            return False
        self._changes += 1
        self._use(payload_type)
        return True

    def _use(self, payload_type: int) -> None:
        name = self._types[payload_type]
        self._payload_type = payload_type
        if name != self.codec:
            self._codec = make_codec(name, self._rate)
            self._arrivals.change_clock(self._codec.clock)
            self.seat = None
            self._tune(self, name)

    def _report(self) -> None:
        if self._link is not None:
            sent = Sent(self._source, self._timestamp, self._sent, self._octets)
            self._link.send_report(self._reports.write(sent, self._arrivals, time.time()))

    def _dismiss(self, link: Link) -> None:
        task = asyncio.get_running_loop().create_task(link.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
