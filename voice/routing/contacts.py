"""What keeps registered phones within reach: their contacts are written down, and holes in NATs are kept open."""

from __future__ import annotations

import asyncio
import contextlib
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from sip.bindings import Binding, Bindings
from sip.endpoint import Peers
from sip.registration import Contact
from sip.uri import parse_uri
from voice.routing.phones import Phones
from voice.store.database import Database
from voice.store.tables.sip import REGISTRATIONS

SWEEP_SECONDS = 10


class Contacts:
    """The contacts of all phones of one server, beyond its life.

    ``ping_seconds`` is how often a phone behind a NAT gets an OPTIONS over UDP; 0 is never. ``wall`` is the time of day.
    """

    def __init__(self, phones: Phones, database: Database, peers: Peers, ping_seconds: int, wall: Callable[[], datetime]) -> None:
        self._phones = phones
        self._locations = phones.locations
        self._database = database
        self._peers = peers
        self._ping_seconds = ping_seconds
        self._wall = wall
        self._locations.changed = self._keep

    async def restore(self) -> None:
        """Take up what an earlier process knew. Raises StoreUnavailable."""
        stored = await self._database.read(_stored)
        self._locations.restore(stored, self._wall().timestamp())
        self._phones.prune()
        for key in stored.keys() - dict(self._locations).keys():
            self._database.delete(REGISTRATIONS, key)

    async def run(self) -> None:
        """Look after the contacts for ever."""
        second = 0
        while True:
            await asyncio.sleep(1)
            second += 1
            if self._ping_seconds:
                self._ping(second)
            if second % SWEEP_SECONDS == 0:
                self._locations.sweep(self._wall().timestamp())

    def _ping(self, second: int) -> None:
        """Those whose turn it is; every phone has a second of its own."""
        for _, bindings in self._locations:
            for binding in bindings:
                target = str(binding.contact.target)
                if _needs_pings(binding) and zlib.crc32(target.encode()) % self._ping_seconds == second % self._ping_seconds:
                    self._peers.ping(target)

    def _keep(self, user: str, bindings: Bindings) -> None:
        if not bindings:
            self._database.delete(REGISTRATIONS, user)
            return
        name, _, domain = user.rpartition("@")
        expires = datetime.fromtimestamp(max(binding.expires_at for binding in bindings), UTC)
        written = [_write(binding) for binding in bindings]
        row = {"id": user, "domain": domain, "username": name, "expires": expires, "binding": written}
        self._database.put(REGISTRATIONS, row)


def _needs_pings(binding: Binding) -> bool:
    """Whether nothing else keeps the way to a phone open: pjsip sends keep-alives over its connections by itself."""
    return binding.hidden and not binding.path and binding.contact.target.parameter("transport") in (None, "udp")


def _write(binding: Binding) -> dict[str, Any]:
    contact = binding.contact
    return {**asdict(binding), "contact": {**asdict(contact), "uri": str(contact.uri), "target": str(contact.target)}}


def _read(written: Mapping[str, Any]) -> Binding:
    """Raises ValueError, KeyError and TypeError for what another version wrote."""
    contact = dict(written["contact"])
    uri, target = parse_uri(contact["uri"]), parse_uri(contact["target"])
    if uri is None or target is None:
        raise ValueError("no URI")
    own = {"contact": Contact(**{**contact, "uri": uri, "target": target}), "path": tuple(written["path"])}
    return Binding(**{**written, **own})


def _stored(connection: Connection) -> dict[str, Bindings]:
    found: dict[str, Bindings] = {}
    for row in connection.execute(select(REGISTRATIONS)).mappings():
        with contextlib.suppress(ValueError, KeyError, TypeError):
            found[row["id"]] = tuple(_read(each) for each in row["binding"])
    return found
