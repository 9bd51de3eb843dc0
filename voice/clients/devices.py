"""The pages that are connected: who each speaks for, and which of them can be called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from voice.clients.tokens import Grant

MOST_DEVICES = 10
"""Of one identity that are rung; the latest ones."""

Identity = tuple[str, str]
"""An account and a name in it."""


@dataclass(slots=True, eq=False)
class Device:
    """One page with an SDK: a connection, from its first token to its loss.

    ``send`` hands over a frame, and never waits; ``leave`` closes the connection once all is sent.
    """

    grant: Grant
    send: Callable[[str], None]
    leave: Callable[[], None]
    reconnect_seconds: int = 0
    """For how long it tries to come back to a call when the connection is lost."""
    connected: bool = True

    @property
    def identity(self) -> Identity:
        """Whom it speaks for."""
        return self.grant.account_sid, self.grant.identity


class Devices:
    """Those that can be called."""

    def __init__(self) -> None:
        self._registered: dict[Identity, list[Device]] = {}

    def __len__(self) -> int:
        return sum(len(devices) for devices in self._registered.values())

    def add(self, device: Device) -> None:
        """Let it be called; again changes nothing."""
        devices = self._registered.setdefault(device.identity, [])
        if device not in devices:
            devices.append(device)

    def remove(self, device: Device) -> None:
        """Let it be called no more."""
        devices = self._registered.get(device.identity, [])
        if device in devices:
            devices.remove(device)
        if not devices:
            self._registered.pop(device.identity, None)

    def of(self, account_sid: str, name: str) -> tuple[Device, ...]:
        """Whom a call to an identity rings, the latest to register first."""
        return tuple(reversed(self._registered.get((account_sid, name), [])[-MOST_DEVICES:]))
