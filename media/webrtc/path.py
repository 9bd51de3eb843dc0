"""The way to one browser: ICE (RFC 8445) by aioice, on ports of ours.

Media takes a short cut past the queue of aioice, which is for DTLS only and bounded.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable, Coroutine
from typing import Any

from aioice import Candidate, Connection
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import StunProtocol, get_host_addresses, relayed_candidate, server_reflexive_candidate

from media.errors import NoPorts
from media.webrtc.description import Theirs
from media.webrtc.ports import Ports
from media.webrtc.terms import Terms

_COMPONENT = 1
"""RTP and RTCP share it (RFC 5761)."""
_GATHERING_SECONDS = 2.0
"""How long servers may take to tell our other addresses: a browser waits for it."""
_MOST_HANDSHAKE = 64
"""Datagrams of DTLS that wait."""


class _Socket(StunProtocol):
    full = False
    """Whether more waits than the socket takes."""

    def pause_writing(self) -> None:
        self.full = True

    def resume_writing(self) -> None:
        self.full = False

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        path = self.receiver
        if not isinstance(data, bytes) or not data or not isinstance(path, Path):
            return
        if data[0] < 4:  # STUN (RFC 7983 section 7)
            super().datagram_received(data, addr)
        elif path.knows(addr):
            if data[0] > 127:
                path.hear(data, addr)
            else:
                path.data_received(data, _COMPONENT)


class Path(Connection):
    """One ICE connection of one component; ``on_media`` gets each datagram that may be SRTP, and from where it came."""

    def __init__(self, terms: Terms, ports: Ports, controlling: bool, on_media: Callable[[bytes, tuple[Any, ...]], None]) -> None:
        turn = terms.turn
        super().__init__(
            ice_controlling=controlling,
            stun_server=terms.stun,
            turn_server=(turn.host, turn.port) if turn else None,
            turn_username=turn.username if turn else None,
            turn_password=turn.password if turn else None,
            turn_ssl=turn.encrypted if turn else False,
            turn_transport=turn.transport if turn else "udp",
        )
        self.hear = on_media
        self._terms = terms
        self._ports = ports
        self._last: tuple[Any, ...] = ()
        """From where the last datagram came that was the browser's."""
        # What aiortc's DTLS transport asks of that which carries it.
        self._recv = self.recv
        self._send = self.send

    @property
    def role(self) -> str:
        """``controlling`` or ``controlled``, as aiortc calls it."""
        return "controlling" if self.ice_controlling else "controlled"

    @property
    def advertised(self) -> list[Candidate]:
        """Our candidates as the browser is told of them."""
        external = self._terms.external_address
        if not external:
            return self.local_candidates
        return [_moved(each, external) if each.type == "host" else each for each in self.local_candidates]

    @property
    def far(self) -> str:
        """``address:port`` of the browser; empty as long as none was agreed."""
        pair = self._nominated.get(_COMPONENT)
        return f"{pair.remote_addr[0]}:{pair.remote_addr[1]}" if pair else ""

    @property
    def is_closed(self) -> bool:
        """Whether it was closed, by us or because the browser no longer answers (RFC 7675)."""
        return self._closing

    async def find(self, theirs: Theirs) -> None:
        """Agree on a way to the browser; raises ConnectionError when there is none."""
        self.remote_username, self.remote_password = theirs.username, theirs.password
        self.remote_is_lite = theirs.lite
        for candidate in theirs.candidates:
            await self.add_remote_candidate(Candidate.from_sdp(candidate))
        await self.connect()

    def knows(self, source: tuple[Any, ...]) -> bool:
        """Whether an address is one that the browser has named, or has proved by a check to be its own (RFC 8445 section 7.3)."""
        if source == self._last:
            return True
        known = any((each._network_host, each.port) == source[:2] for each in self._remote_candidates)
        if known:
            self._last = source
        return known

    def send_now(self, data: bytes) -> None:
        """Send a datagram to the browser, or drop it when there is no way."""
        pair = self._nominated.get(_COMPONENT)
        if pair is None:
            return
        socket = pair.protocol
        if not (isinstance(socket, _Socket) and socket.full):
            socket.transport.sendto(data, pair.remote_addr)

    def data_received(self, data: bytes, component: int) -> None:
        """Let DTLS wait for aiortc; all else is nothing."""
        if 20 <= data[0] < 64 and self._queue.qsize() < _MOST_HANDSHAKE:
            super().data_received(data, component)

    async def get_component_candidates(
        self,
        component: int,
        addresses: list[str],
        timeout: int = 5,  # noqa: ASYNC109 - so it is called by aioice
    ) -> list[Candidate]:
        """Bind one port on each of our addresses, and ask the servers; raises NoPorts when none could be had."""
        sockets = [each for address in self._addresses() if (each := await self._bind(address)) is not None]
        if not sockets:
            raise NoPorts("no UDP port for a browser is free")
        self._protocols += sockets
        candidates = [each.local_candidate for each in sockets]
        asked = [asyncio.create_task(each) for each in self._questions(sockets)]
        if asked:
            done, late = await asyncio.wait(asked, timeout=_GATHERING_SECONDS)
            for task in late:
                task.cancel()
            for task in done:
                if task.exception() is None:
                    candidate, relaying = task.result()
                    candidates.append(candidate)
                    self._protocols += [relaying] if relaying else []
        return candidates

    def _addresses(self) -> list[str]:
        if self._terms.bind:
            return [self._terms.bind]
        external = self._terms.external_address
        if external:
            return ["0.0.0.0" if ipaddress.ip_address(external).version == 4 else "::"]
        return get_host_addresses(use_ipv4=True, use_ipv6=True)

    async def _bind(self, address: str) -> StunProtocol | None:
        bound = await self._ports.bind(address, lambda: _Socket(self))
        if bound is None:
            return None
        transport, protocol = bound
        host, port = transport.get_extra_info("sockname")[:2]
        protocol.local_candidate = Candidate(
            foundation=candidate_foundation("host", "udp", host),
            component=_COMPONENT,
            transport="udp",
            priority=candidate_priority(_COMPONENT, "host"),
            host=host,
            port=port,
            type="host",
        )
        return protocol

    def _questions(self, sockets: list[StunProtocol]) -> list[Coroutine[Any, Any, tuple[Candidate, StunProtocol | None]]]:
        asked: list[Coroutine[Any, Any, tuple[Candidate, StunProtocol | None]]] = []
        if self.stun_server is not None:
            asked += [
                server_reflexive_candidate(each, self.stun_server)
                for each in sockets
                if ipaddress.ip_address(each.local_candidate.host).version == 4
            ]
        if self.turn_server is not None:
            asked.append(
                relayed_candidate(
                    component=_COMPONENT,
                    hide_related_address=False,
                    protocol_factory=lambda: _Socket(self),
                    turn_server=self.turn_server,
                    turn_username=self.turn_username,
                    turn_password=self.turn_password,
                    turn_ssl=self.turn_ssl,
                    turn_transport=self.turn_transport,
                )
            )
        return asked


def _moved(candidate: Candidate, address: str) -> Candidate:
    return Candidate(
        foundation=candidate.foundation,
        component=candidate.component,
        transport=candidate.transport,
        priority=candidate.priority,
        host=address,
        port=candidate.port,
        type=candidate.type,
    )
