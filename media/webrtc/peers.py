"""All browsers of a switch: one transport of the mixer, and the thread on which their network runs.

Three threads meet here. The main one asks for descriptions and says who gets which row. The network's own runs a loop with
sockets, ICE, DTLS and SRTP, so that nothing the main one does can delay a packet. The media thread moves frames once a tick
and waits for neither: what is ordered of it waits in a deque, what it sends waits in a short one, oldest dropped first.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

from media.bus import Bus
from media.errors import PeerGone
from media.webrtc.description import choose_codecs, parse_description
from media.webrtc.events import PeerEvent, PeerId
from media.webrtc.lane import make_lanes
from media.webrtc.peer import Peer
from media.webrtc.ports import Ports
from media.webrtc.terms import Terms
from media.webrtc.traffic import Traffic

_MOST_UNSENT = 10
"""Ticks between the clock and the network: 200 ms."""
_GOODBYE_SECONDS = 2.0

_Result = TypeVar("_Result")
_Frames = tuple[int, list[tuple[tuple[Peer, ...], bytes]]]
"""A tick, and of each lane its peers and their frames, one behind the other."""


class Peers:
    """The audio of browsers on the rows of a bus; see Transport.

    The coroutines may be awaited on any event loop, the other methods be called from any thread: they return at once, and
    what names a peer that is gone does nothing. ``exchange`` belongs to the media thread.
    """

    def __init__(
        self, bus: Bus, terms: Terms, make_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    ) -> None:
        self.dropped = 0
        """Ticks that the network has not sent in time."""
        self._bus = bus
        self._terms = terms
        self._make_loop = make_loop
        self._loop: asyncio.AbstractEventLoop
        self._thread = threading.Thread(target=self._run, name="webrtc", daemon=True)
        self._ports = Ports(*terms.ports)
        self._post: Callable[[PeerEvent], None] = lambda event: None
        self._ids = itertools.count(1)
        self._peers: dict[PeerId, Peer] = {}
        self._orders: deque[Callable[[], None]] = deque()
        self._lanes = make_lanes(bus, terms.most_delay_ms)
        self._rows: dict[PeerId, int] = {}
        """Of peers that were given one; the media thread's."""
        self._tick = 0
        self._unsent: deque[_Frames] = deque(maxlen=_MOST_UNSENT)
        self._woken = False
        self._burials: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._peers)

    def start(self, post: Callable[[PeerEvent], None]) -> None:
        """Run the network; ``post`` is called on its thread."""
        self._post = post
        self._loop = self._make_loop()
        self._thread.start()

    def close(self) -> None:
        """End every peer and the thread; waits until it is done, some seconds at most. The media thread must have ended."""
        if not self._thread.is_alive():
            return
        ending = asyncio.run_coroutine_threadsafe(self._end(), self._loop)
        with contextlib.suppress(TimeoutError):
            ending.result(_GOODBYE_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def examine(self, offer: str) -> None:
        """Whether a browser's offer could be answered. Raises DescriptionInvalid."""
        choose_codecs(parse_description(offer), self._terms.codecs)

    async def answer(self, offer: str) -> tuple[PeerId, str]:
        """Take a browser's offer: the peer, and our answer. Raises DescriptionInvalid and NoPorts."""
        return await self._there(self._begin(lambda peer: peer.answer(offer)))

    async def offer(self) -> tuple[PeerId, str]:
        """Make a peer and an offer for it. Raises NoPorts."""
        return await self._there(self._begin(lambda peer: peer.offer()))

    async def accept(self, peer: PeerId, answer: str) -> None:
        """Take the answer to our offer. Raises DescriptionInvalid and PeerGone."""

        async def take() -> None:
            self._find(peer).accept(answer)

        await self._there(take())

    async def restart(self, peer: PeerId, offer: str) -> str:
        """Answer another offer with a new connection under the same peer and row; the old one lasts until the new one is up.

        Raises DescriptionInvalid, NoPorts and PeerGone.
        """

        async def take() -> str:
            return await self._find(peer).answer(offer)

        return await self._there(take())

    def attach(self, peer: PeerId, row: int) -> None:
        """Let a peer hear ``tx[row]`` and speak to ``rx[row]`` from the next tick on; it leaves the row that it had."""
        self._orders.append(partial(self._attach, peer, row))

    def hang_up(self, peer: PeerId) -> None:
        """End a peer; its row is free from the next tick on, and no event follows."""
        gone = self._peers.pop(peer, None)
        if gone is not None:
            self._orders.append(partial(self._detach, gone))
            self._loop.call_soon_threadsafe(self._bury, gone)

    def measure(self, peer: PeerId) -> Traffic | None:
        """The counters of a peer, or None when it is gone."""
        found = self._peers.get(peer)
        return found.measure() if found else None

    def exchange(self) -> None:
        """Hand ``tx`` to the network and fill ``rx``: 20 ms of every attached peer."""
        while self._orders:
            self._orders.popleft()()
        self._tick += 1
        if not self._peers:
            return
        frames = [(lane.peers, lane.exchange()) for lane in self._lanes.values()]
        if len(self._unsent) == _MOST_UNSENT:
            self.dropped += 1
        self._unsent.append((self._tick, frames))
        if not self._woken:
            self._woken = True
            self._loop.call_soon_threadsafe(self._send)

    def _send(self) -> None:
        """Send what the clock has left."""
        self._woken = False
        while self._unsent:
            tick, lanes = self._unsent.popleft()
            unseated = set(self._peers.values())
            for peers, frames in lanes:
                unseated.difference_update(peers)
                for at, peer in enumerate(peers):
                    size = len(frames) // len(peers)
                    peer.send(tick, frames[at * size : (at + 1) * size])
            for peer in unseated:
                peer.send(tick)

    def _attach(self, id: PeerId, row: int) -> None:
        peer = self._peers.get(id)
        if peer is not None:
            self._rows[id] = row
            self._place(peer, peer.codec)

    def _tune(self, peer: Peer, codec: str) -> None:
        self._orders.append(partial(self._place, peer, codec))

    def _place(self, peer: Peer, codec: str) -> None:
        """Seat a peer in the lane of its codec, if it has a row."""
        for lane in self._lanes.values():
            lane.unseat(peer)
        row = self._rows.get(peer.id)
        if row is not None and codec:
            self._lanes[codec].seat(peer, row)

    def _detach(self, peer: Peer) -> None:
        self._rows.pop(peer.id, None)
        for lane in self._lanes.values():
            lane.unseat(peer)

    async def _begin(self, describe: Callable[[Peer], Coroutine[Any, Any, str]]) -> tuple[PeerId, str]:
        peer = Peer(next(self._ids), self._bus.rate, self._terms, self._ports, self._tell, self._tune)
        try:
            text = await describe(peer)
        except BaseException:
            await peer.close()
            raise
        self._peers[peer.id] = peer
        return peer.id, text

    def _find(self, id: PeerId) -> Peer:
        try:
            return self._peers[id]
        except KeyError:
            raise PeerGone("the browser's audio has ended") from None

    def _tell(self, event: PeerEvent) -> None:
        if event.peer in self._peers:
            self._post(event)

    def _bury(self, peer: Peer) -> None:
        task = self._loop.create_task(peer.close())
        self._burials.add(task)
        task.add_done_callback(self._burials.discard)

    async def _there(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """Have something done on the network's loop."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def _end(self) -> None:
        peers = list(self._peers.values())
        self._peers.clear()
        await asyncio.gather(*(peer.close() for peer in peers), *self._burials)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        late = asyncio.all_tasks(self._loop)
        for task in late:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*late, return_exceptions=True))
        self._loop.close()
