"""A router between the network namespace that it is started in and another one, with bad weather on the way and a NAT at will.

usage: python -m tests.impairment.router ORDER   (JSON of ``Order``; needs root)

Both ends are TUN devices, which last as long as this process. It prints ``ready``; a line on its input is the address that its NAT
has from then on, and the end of the input ends it.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import selectors
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from tests.impairment.translation import Translation
from tests.impairment.weather import Passage, Weather

TUNSETIFF = 0x400454CA
TUN_WITHOUT_HEADER = 0x1001
NEW_NETWORK = 0x40000000
LONGEST = 65_535
IDLE = 1.0


@dataclass(frozen=True, slots=True)
class Order:
    """What a router is to do."""

    namespace: str
    """Where the telephones are."""
    near: str
    """The address of this side with its network, ``10.98.1.1/24``."""
    far: str
    """That of the other."""
    outside: str
    """What the NAT calls the other side; empty: none."""
    seed: int
    weather: Weather

    def to_json(self) -> str:
        """For the command line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Order:
        """Of the command line."""
        read = json.loads(text)
        return cls(**{**read, "weather": Weather(**read["weather"])})


class Router:
    """The two ends and what is on its way between them."""

    def __init__(self, order: Order) -> None:
        self._translation = Translation(order.outside) if order.outside else None
        self._near = open_device(order.near)
        with visiting(order.namespace):
            self._far = open_device(order.far, default_route=True)
        self._outward = Passage(order.weather, order.seed)
        self._inward = Passage(order.weather, order.seed + 1)

    def run(self) -> None:
        """Until the input ends."""
        selector = selectors.DefaultSelector()
        for source in (self._near, self._far, sys.stdin.fileno()):
            selector.register(source, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select(self._rest()):
                if key.fd == sys.stdin.fileno():
                    if not (line := os.read(key.fd, 100)):
                        return
                    if self._translation is not None:
                        self._translation.move(line.decode().strip())
                else:
                    self._take(key.fd)
            now = time.monotonic()
            for passage, end in ((self._outward, self._near), (self._inward, self._far)):
                for packet in passage.leave(now):
                    with contextlib.suppress(OSError):
                        os.write(end, packet)

    def _take(self, end: int) -> None:
        packet: bytes | None = os.read(end, LONGEST)
        outward = end == self._far
        if self._translation is not None and packet is not None:
            packet = self._translation.go_out(packet) if outward else self._translation.come_in(packet)
        if packet is not None:
            (self._outward if outward else self._inward).enter(packet, time.monotonic())

    def _rest(self) -> float:
        dues = [passage.next_due for passage in (self._outward, self._inward) if passage.next_due is not None]
        return max(0.0, min(dues) - time.monotonic()) if dues else IDLE


def open_device(address: str, *, default_route: bool = False) -> int:
    """A TUN device of the present namespace, up and with an address."""
    device = os.open("/dev/net/tun", os.O_RDWR)
    granted = fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", b"weather%d", TUN_WITHOUT_HEADER))
    name = granted[:16].rstrip(b"\0").decode()
    commands = [("address", "add", address, "dev", name), ("link", "set", name, "up")]
    commands += [("route", "add", "default", "dev", name)] if default_route else []
    for command in commands:
        subprocess.run(("ip", *command), check=True)
    return device


@contextlib.contextmanager
def visiting(namespace: str) -> Iterator[None]:
    """Be in another network namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        if libc.setns(there, NEW_NETWORK):
            raise OSError(ctypes.get_errno(), "setns")
        yield
    finally:
        libc.setns(home, NEW_NETWORK)
        os.close(home)
        os.close(there)


if __name__ == "__main__":
    router = Router(Order.from_json(sys.argv[1]))
    print("ready", flush=True)
    router.run()
