"""Those with whom the endpoint has to do beyond calls: OPTIONS, registrations of ours, and who is not heard."""

from __future__ import annotations

from sip.endpoint import Enrolment
from sip.pjsua.accounts import Accounts
from sip.pjsua.desk import LegDesk
from sip.pjsua.owner import Owner
from sip.pjsua.stateless import new_ping, send_options
from sip.shunned import Shunned


class PjsuaPeers:
    """See ``sip.endpoint.Peers``; ``host`` names us."""

    def __init__(self, owner: Owner, desk: LegDesk, accounts: Accounts, shunned: Shunned, host: str) -> None:
        self._owner = owner
        self._desk = desk
        self._accounts = accounts
        self._shunned = shunned
        self._sender = f"sip:{host}"

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
        self._owner.do(lambda: self._accounts.enrol(number, enrolment, self._desk.mailbox.put))
        return number
