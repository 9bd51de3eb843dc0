"""DTLS-SRTP with one browser (RFC 5764): keys and fingerprints by aiortc, packets past its queues."""

from __future__ import annotations

from typing import cast

import pylibsrtp
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport
from aiortc.rtcicetransport import RTCIceTransport

from media.webrtc.path import Path

_ROLES = {"active": "client", "passive": "server"}
"""Of ours in a description, to aiortc's name."""


class Secrecy(RTCDtlsTransport):
    """One DTLS association over a path. A certificate of its own, so that a new one is seen to be new (RFC 8842 section 4)."""

    def __init__(self, path: Path) -> None:
        # The path has what is used of aiortc's ICE transport: role, _recv and _send.
        super().__init__(cast(RTCIceTransport, path), [RTCCertificate.generateCertificate()])

    @property
    def fingerprints(self) -> tuple[tuple[str, str], ...]:
        """Algorithm and value for our description; the one that every browser knows."""
        ours = self.getLocalParameters().fingerprints
        return tuple((each.algorithm, each.value) for each in ours if each.algorithm == "sha-256")

    async def agree(self, setup: str, fingerprints: tuple[tuple[str, str], ...]) -> bool:
        """Exchange keys as ``active`` or ``passive`` side; whether it went well and the far end is who it said it is."""
        self._set_role(_ROLES[setup])
        theirs = [RTCDtlsFingerprint(algorithm, value) for algorithm, value in fingerprints]
        await self.start(RTCDtlsParameters(theirs))
        return self.state == "connected"

    def protect(self, packet: bytes) -> bytes:
        """SRTP of an RTP packet."""
        return self._tx_srtp.protect(packet)

    def protect_report(self, packet: bytes) -> bytes:
        """SRTCP of an RTCP packet."""
        return self._tx_srtp.protect_rtcp(packet)

    def unprotect(self, packet: bytes) -> bytes | None:
        """The RTP packet, or None for one that is not the far end's, or was here before."""
        try:
            return self._rx_srtp.unprotect(packet) if self._rx_srtp else None
        except pylibsrtp.Error:
            return None

    def unprotect_report(self, packet: bytes) -> bytes | None:
        """The RTCP packet, or None likewise."""
        try:
            return self._rx_srtp.unprotect_rtcp(packet) if self._rx_srtp else None
        except pylibsrtp.Error:
            return None
