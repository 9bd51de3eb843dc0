"""Ports of the loopback interface for what tests start.

They lie below those that the system gives to connections (32768 and up), so that no connection of another test takes one between
its choice and its use. The workers of a run have ports of their own, for the same reason.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import socket
from pathlib import Path

SIGNALLING = range(10_000, 16_000, 2)
TELEPHONES = (16_000, 19_998)
"""RTP of the telephones."""
SWITCHES = range(20_000, 32_000, 2_000)
"""Where the RTP of a switch begins."""
RTP_PORTS = 2_000
"""Of one switch."""

UNSAFE = 10_080
"""No browser connects to it (WHATWG Fetch, port blocking)."""
MOST_WORKERS = 8

_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % MOST_WORKERS
_own = [port for port in SIGNALLING[_worker::MOST_WORKERS] if port != UNSAFE]
_order = random.Random(os.getpid()).sample(_own, len(_own))


def free_port() -> int:
    """An even port that is free for UDP and TCP and was not given out lately."""
    while True:
        port = _order.pop(0)
        _order.append(port)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp, contextlib.suppress(OSError):
            udp.bind(("127.0.0.1", port))
            tcp.bind(("127.0.0.1", port))
            return port


def rtp_of(sip_port: int) -> int:
    """Where the RTP of the switch with a port of ``free_port`` begins: no two of three workers have a port in common."""
    turn, worker = divmod(SIGNALLING.index(sip_port), MOST_WORKERS)
    return SWITCHES[(worker + len(SWITCHES) // 2 * (turn % 2)) % len(SWITCHES)]


async def taken(port: int, seconds: float = 10) -> None:
    """Wait until somebody has bound a UDP port. Nobody's attempt is disturbed by it, as one of ours to bind the port would."""
    async with asyncio.timeout(seconds):
        while f":{port:04X} " not in Path("/proc/net/udp").read_text():
            await asyncio.sleep(0.05)
