"""Those with whom the endpoint has to do beyond calls: OPTIONS, registrations of ours, and who is not heard."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from sip.endpoint import Enrolment
from sip.events import Enrolled, Event
from sip.pjsua.accounts import Accounts
from sip.pjsua.departures import UNREACHED, Locate
from sip.pjsua.desk import LegDesk
from sip.pjsua.owner import Owner
from sip.pjsua.stateless import new_ping, send_options
from sip.shunned import Shunned
from sip.uri import parse_uri


@dataclass(slots=True)
class _Standing:
    """One registration of ours."""

    enrolment: Enrolment
    tried: set[str] = field(default_factory=set)
    """Addresses of its registrar that did not answer lately."""


class PjsuaPeers:
    """See ``sip.endpoint.Peers``; ``host`` names us, ``locate`` tells where names lead."""

    def __init__(
        self, owner: Owner, desk: LegDesk, accounts: Accounts, shunned: Shunned, host: str, locate: Locate | None
    ) -> None:
        self._owner = owner
        self._desk = desk
        self._accounts = accounts
        self._shunned = shunned
        self._sender = f"sip:{host}"
        self._locate = locate
        self._standing: dict[int, _Standing] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.loop: asyncio.AbstractEventLoop
        """To be set before the first registration."""

    def shun(self, source: str, seconds: float) -> None:
        """See Peers."""
        self._shunned.add(source, seconds)

    def ping(self, uri: str) -> str:
        """See Peers."""
        ping = new_ping()
        self._owner.do(lambda: send_options(uri, self._sender, ping))
        return ping

    def enrol(self, enrolment: Enrolment) -> int:
        """See Peers."""
        number = next(self._desk.numbers)
        self._standing[number] = _Standing(enrolment)
        uri = parse_uri(enrolment.registrar)
        if self._locate is None or uri is None or uri.address is not None:
            self._owner.do(lambda: self._accounts.enrol(number, enrolment, self._desk.mailbox.put))
        else:
            self._search(self._locate, number)
        return number

    def _search(self, locate: Locate, number: int) -> None:
        task = self.loop.create_task(self._enrol_at(locate, number))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _enrol_at(self, locate: Locate, number: int) -> None:
        """Register at the next address of a name; when all have failed, at the same one until one more round begins."""
        standing = self._standing[number]
        hops = await locate(standing.enrolment.registrar)
        hop = next((each for each in hops if each not in standing.tried), "")
        if not hop and standing.tried:
            standing.tried.clear()
            return
        standing.tried.add(hop)
        enrolment = replace(standing.enrolment, route=(hop,) if hop else ())

        def hear(event: Event) -> None:
            self._desk.mailbox.put(event)
            if isinstance(event, Enrolled):
                self.loop.call_soon_threadsafe(self._judge, locate, event)

        self._owner.do(lambda: self._accounts.enrol(number, enrolment, hear))

    def _judge(self, locate: Locate, event: Enrolled) -> None:
        if event.code in UNREACHED:
            self._search(locate, event.enrolment)
        elif event.seconds:
            self._standing[event.enrolment].tried.clear()
