"""One connection to one browser: a path, its secrecy, and how long it may take to come about."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Protocol

from aioice import Candidate

from media.webrtc.description import Theirs
from media.webrtc.packet import Packet, parse_packet
from media.webrtc.path import Path
from media.webrtc.ports import Ports
from media.webrtc.secrecy import Secrecy
from media.webrtc.terms import Terms

_SHORTEST = 12


class Listener(Protocol):
    """Whom a link tells what becomes of it."""

    def link_up(self, link: Link) -> None:
        """Audio can flow."""

    def link_failed(self, link: Link, reason: str) -> None:
        """It has never come about."""

    def link_lost(self, link: Link, reason: str) -> None:
        """It was up, and is gone."""

    def hear(self, packet: Packet) -> None:
        """A packet of the browser's stream."""

    def hear_report(self, data: bytes) -> None:
        """A compound RTCP packet of the browser."""


class Link:
    """ICE, then DTLS, then SRTP. Belongs to the loop on which it is gathered."""

    def __init__(self, terms: Terms, ports: Ports, controlling: bool, listener: Listener) -> None:
        self.heard_from = ""
        """``address:port`` of the last packet."""
        self._patience = terms.patience_seconds
        self._listener = listener
        self._path = Path(terms, ports, controlling, self._hear)
        self._secrecy = Secrecy(self._path)
        self._closed = asyncio.Event()
        self._secrecy.on("statechange", self._look)
        self._running: asyncio.Task[None] | None = None

    @property
    def username(self) -> str:
        """Of ICE."""
        return self._path.local_username

    @property
    def password(self) -> str:
        """Of ICE."""
        return self._path.local_password

    @property
    def fingerprints(self) -> tuple[tuple[str, str], ...]:
        """Of our certificate."""
        return self._secrecy.fingerprints

    @property
    def candidates(self) -> list[Candidate]:
        """Ours, as the browser is told of them."""
        return self._path.advertised

    @property
    def begun(self) -> bool:
        """Whether the browser is, or was, looked for."""
        return self._running is not None

    @property
    def far(self) -> str:
        """``address:port`` of the path that was agreed; empty before."""
        return self._path.far

    async def gather(self) -> None:
        """Take ports; raises NoPorts."""
        await self._path.gather_candidates()

    def begin(self, theirs: Theirs, setup: str) -> None:
        """Look for the browser, as the ``active`` or ``passive`` side of DTLS; the listener is told what comes of it."""
        self._running = asyncio.create_task(self._run(theirs, setup))

    def send(self, packet: bytes) -> None:
        """Send an RTP packet; only when the link is up."""
        self._path.send_now(self._secrecy.protect(packet))

    def send_report(self, packet: bytes) -> None:
        """Send an RTCP packet; only when the link is up."""
        self._path.send_now(self._secrecy.protect_report(packet))

    async def close(self) -> None:
        """Give everything back; nothing is told any more."""
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running
        await self._release()

    async def _release(self) -> None:
        self._secrecy.remove_all_listeners()
        await self._secrecy.stop()
        await self._path.close()

    async def _run(self, theirs: Theirs, setup: str) -> None:
        reason = await self._connect(theirs, setup)
        if reason:
            await self._release()
            self._listener.link_failed(self, reason)
            return
        self._listener.link_up(self)
        await self._closed.wait()
        reason = "the browser no longer answers" if self._path.is_closed else "the browser has closed the connection"
        await self._release()
        self._listener.link_lost(self, reason)

    async def _connect(self, theirs: Theirs, setup: str) -> str:
        """Why there is no connection; empty when there is one."""
        try:
            async with asyncio.timeout(self._patience):
                await self._path.find(theirs)
                if not await self._secrecy.agree(setup, theirs.fingerprints):
                    return "the browser and we could not agree on keys"
        except TimeoutError:
            return f"the browser has not come within {self._patience:g} s"
        except ConnectionError:
            return "there is no way to the browser"
        return ""

    def _look(self) -> None:
        if self._secrecy.state == "closed":
            self._closed.set()

    def _hear(self, data: bytes, source: tuple[Any, ...]) -> None:
        if len(data) < _SHORTEST:
            return
        if 192 <= data[1] < 224:  # RTCP (RFC 5761 section 4)
            report = self._secrecy.unprotect_report(data)
            if report is not None:
                self._listener.hear_report(report)
            return
        plain = self._secrecy.unprotect(data)
        packet = parse_packet(plain) if plain is not None else None
        if packet is not None:
            self.heard_from = f"{source[0]}:{source[1]}"
            self._listener.hear(packet)
