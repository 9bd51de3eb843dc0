"""A browser's side of a call, by aiortc: it speaks a tone and keeps what it hears."""

from __future__ import annotations

import asyncio
import contextlib
import fractions
from typing import cast

import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError, MediaStreamTrack
from av import AudioFrame

from media.frame import Samples

RATE = 8000


class Tone(AudioStreamTrack):
    """A sine, paced as a microphone is."""

    def __init__(self, hertz: float) -> None:
        super().__init__()
        self._hertz = hertz
        self._at = 0
        self._due = 0.0

    async def recv(self) -> AudioFrame:
        loop = asyncio.get_running_loop()
        self._due = max(self._due + 0.02, loop.time() - 0.1)
        await asyncio.sleep(self._due - loop.time())
        at = self._at + np.arange(160)
        samples = (8000 * np.sin(2 * np.pi * self._hertz * at / RATE)).astype(np.int16)
        frame = AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._at, fractions.Fraction(1, RATE)
        self._at += 160
        return frame


class Browser:
    """One page in a call."""

    def __init__(self, hertz: float = 1000, codecs: tuple[str, ...] = ("PCMU", "opus")) -> None:
        self.hertz = hertz
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.connection.addTrack(Tone(hertz))
        known = {each.name: each for each in RTCRtpSender.getCapabilities("audio").codecs}
        self.codec = codecs[0]
        self._codecs = [known[name] for name in codecs]
        self.connection.on("track", self._listen)
        self._heard: list[Samples] = []
        self._listening: asyncio.Task[None] | None = None

    async def offer(self, candidates: bool = False) -> str:
        """As Chromium with the Voice SDK does: no candidates."""
        self.connection.getTransceivers()[0].setCodecPreferences(self._codecs)
        await self.connection.setLocalDescription(await self.connection.createOffer())
        lines = self.connection.localDescription.sdp.split("\r\n")
        if candidates:
            return "\r\n".join(lines)
        return "\r\n".join(line for line in lines if not line.startswith(("a=candidate", "a=end-of-candidates")))

    async def accept(self, answer: str) -> None:
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def answer(self, offer: str) -> str:
        self.connection.getTransceivers()[0].setCodecPreferences(self._codecs)
        await self.connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        return self.connection.localDescription.sdp

    def vanish(self) -> None:
        """Lose the network."""
        transport = self.connection.getSenders()[0].transport.transport
        for protocol in transport._connection._protocols:
            protocol.transport.abort()

    async def close(self) -> None:
        await self.connection.close()
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening

    @property
    def heard(self) -> Samples:
        """At 8 kHz, mono."""
        return np.concatenate(self._heard) if self._heard else np.zeros(0, np.int16)

    def forget(self) -> None:
        self._heard.clear()

    def _listen(self, track: MediaStreamTrack) -> None:
        self._listening = asyncio.ensure_future(self._keep(track))

    async def _keep(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = cast(AudioFrame, await track.recv())
                samples = frame.to_ndarray().reshape(-1, len(frame.layout.channels))[:, 0]
                self._heard.append(samples[:: frame.sample_rate // RATE].astype(np.int16))


def pitch(samples: Samples) -> float:
    """The strongest frequency of what was heard at 8 kHz, Hz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    spectrum[0] = 0
    return float(np.argmax(spectrum) * RATE / samples.size)
