"""All peers with the same codec, in array operations. Belongs to the media thread."""

from __future__ import annotations

import numpy as np

from media.bus import Bus
from media.frame import Samples, frame_size
from media.g711 import encode_mulaw
from media.rate import DOUBLING, HALVING, double, halve
from media.track import Numbers
from media.webrtc.jitter import JitterBuffer
from media.webrtc.peer import Peer, Seat

_MULAW_RATE = 8000


class Lane:
    """Rows whose audio is at ``rate`` on the network, which is that of the bus, or half of it; mu-law if ``coded``."""

    def __init__(self, bus: Bus, rate: int, coded: bool, most: int) -> None:
        self.buffer = JitterBuffer(bus.rows, frame_size(rate), most)
        self.peers: tuple[Peer, ...] = ()
        self._bus = bus
        self._rate = rate
        self._coded = coded
        self._rows: Numbers = np.zeros(0, np.intp)
        self._heard: Samples = np.zeros((bus.rows, DOUBLING), np.int16)
        self._said: Samples = np.zeros((bus.rows, HALVING), np.int16)

    def seat(self, peer: Peer, row: int) -> None:
        """Let a peer use a row."""
        self.unseat(peer)
        self.buffer.clear(row)
        self._heard[row], self._said[row] = 0, 0
        self.peers += (peer,)
        self._rows = np.append(self._rows, row).astype(np.intp)
        peer.seat = Seat(self.buffer, row)

    def unseat(self, peer: Peer) -> None:
        """End that; the row says nothing."""
        if peer in self.peers:
            at = self.peers.index(peer)
            self._bus.rx[self._rows[at]] = 0
            self.peers = self.peers[:at] + self.peers[at + 1 :]
            self._rows = np.delete(self._rows, at)
            peer.seat = None

    def exchange(self) -> bytes:
        """Fill ``rx`` of the rows, and return what ``tx`` holds: a frame for each of ``peers``, as the codec wants it."""
        if not self.peers:
            return b""
        rows = self._rows
        heard, said = self.buffer.take(rows), self._bus.tx[rows]
        if self._rate != self._bus.rate:
            doubled = double(self._heard[rows], heard)
            self._heard[rows], heard = heard[:, -DOUBLING:], doubled
            halved = halve(self._said[rows], said)
            self._said[rows], said = said[:, -HALVING:], halved
        self._bus.rx[rows] = heard
        return encode_mulaw(said).tobytes() if self._coded else said.tobytes()


def make_lanes(bus: Bus, most_delay_ms: int) -> dict[str, Lane]:
    """A lane for each codec."""
    most = most_delay_ms // 20
    return {"PCMU": Lane(bus, _MULAW_RATE, True, most), "opus": Lane(bus, bus.rate, False, most)}
