"""Those with whom the in-memory endpoint has to do beyond calls; see ``sip.fake``."""

from __future__ import annotations

from collections.abc import Callable

from sip.endpoint import Enrolment
from sip.events import Event, Pinged


class FakePeers:
    """Notes what they are asked; nobody but those in ``alive`` answers."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self.pinged: list[str] = []
        """Who got an OPTIONS."""
        self.alive: dict[str, int] = {}
        """What an OPTIONS is answered, by URI."""
        self.enrolments: list[Enrolment] = []
        self.shunned: dict[str, float] = {}
        """Seconds, by source."""
        self._emit = emit

    def ping(self, uri: str) -> str:
        """See Peers."""
        self.pinged.append(uri)
        ping = f"ping-{len(self.pinged)}"
        if (code := self.alive.get(uri)) is not None:
            self._emit(Pinged(ping, code))
        return ping

    def enrol(self, enrolment: Enrolment) -> int:
        """See Peers; no registrar answers."""
        self.enrolments.append(enrolment)
        return len(self.enrolments)

    def shun(self, source: str, seconds: float) -> None:
        """See Peers."""
        self.shunned[source] = seconds
